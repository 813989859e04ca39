# Three services, then two. Run it against the sandbox (docs/guides/sandbox.md).

variables {
  roles = {
    execution      = "arn:aws:iam::123456789012:role/execution"
    infrastructure = "arn:aws:iam::123456789012:role/infrastructure"
  }
  defaults    = { size = { cpu = "512", memory = "1024" } }
  environment = { STAGE = "test" }
  services = {
    web    = { image = "public.ecr.aws/nginx/nginx:1.28" }
    api    = { image = "public.ecr.aws/nginx/nginx:1.28", container_port = 8080, scaling = { min = 2 } }
    worker = { image = "public.ecr.aws/nginx/nginx:1.28", environment = { STAGE = "special" } }
  }
}

run "every_service_has_a_url" {
  assert {
    condition     = toset(keys(output.urls)) == toset(["api", "web", "worker"])
    error_message = "The outputs go by name."
  }

  assert {
    condition     = length(distinct(values(output.urls))) == 3
    error_message = "Each service has a URL of its own."
  }

  assert {
    condition     = length(distinct([for service in output.services : service.load_balancer.arn])) == 1
    error_message = "Services of one network share a load balancer."
  }
}

run "a_service_can_leave" {
  variables {
    urls_before = run.every_service_has_a_url.urls

    services = {
      web = { image = "public.ecr.aws/nginx/nginx:1.28" }
      api = { image = "public.ecr.aws/nginx/nginx:1.28", container_port = 8080, scaling = { min = 2 } }
    }
  }

  assert {
    condition     = output.urls.web == var.urls_before.web
    error_message = "The others stay as they are."
  }
}
