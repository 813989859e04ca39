# The whole life of a service. Run it against the sandbox (docs/guides/sandbox.md), which costs nothing and takes seconds.

variables {
  name  = "module-test"
  image = "public.ecr.aws/nginx/nginx:1.28"
  roles = {
    execution      = "arn:aws:iam::123456789012:role/execution"
    infrastructure = "arn:aws:iam::123456789012:role/infrastructure"
  }
  environment = { LOG_LEVEL = "info" }
  tags        = { team = "web" }
}

run "create" {
  assert {
    condition     = startswith(output.url, "https://")
    error_message = "A service has a URL."
  }

  assert {
    condition     = startswith(output.load_balancer.arn, "arn:aws:elasticloadbalancing:")
    error_message = "The load balancer is told by ARN."
  }
}

run "a_new_image_keeps_the_url" {
  variables {
    image      = "public.ecr.aws/nginx/nginx:1.29"
    url_before = run.create.url
  }

  assert {
    condition     = output.url == var.url_before
    error_message = "An update happens in place."
  }
}
