# A service of the composed engine on a domain. In the sandbox every account has the zone `example.com`.

variables {
  name   = "module-domain"
  image  = "public.ecr.aws/nginx/nginx:1.28"
  engine = "composed"
  domain = { hosted_zone = "example.com" }
  roles = {
    execution      = "arn:aws:iam::123456789012:role/execution"
    infrastructure = "arn:aws:iam::123456789012:role/infrastructure"
  }
}

run "create" {
  assert {
    condition     = output.url == "https://module-domain.example.com"
    error_message = "The service answers under its own name."
  }
}

run "a_second_name_comes_in_place" {
  variables {
    before = { arn = run.create.service_arn, url = run.create.url }

    domain = {
      hosted_zone          = "example.com"
      additional_hostnames = ["www.example.com"]
    }
  }

  assert {
    condition     = output.service_arn == var.before.arn && output.url == var.before.url
    error_message = "A further host name changes nothing else."
  }
}
