# Several services behind one load balancer, which is theirs alone.

terraform {
  required_version = ">= 1.5"

  required_providers {
    express = {
      source  = "express-gateway/express"
      version = "~> 0.1"
    }
  }
}

provider "express" {
  engine = "composed"
  region = "eu-central-1"

  default_domain {
    hosted_zone = "example.com"
  }
}

variable "services" {
  description = "What runs, by name. Each is reached as <name>.example.com."
  type        = map(object({ image = string, port = optional(number, 80) }))

  default = {
    cart    = { image = "public.ecr.aws/nginx/nginx:1.28" }
    catalog = { image = "public.ecr.aws/nginx/nginx:1.28", port = 8080 }
    search  = { image = "public.ecr.aws/nginx/nginx:1.28", port = 9200 }
  }
}

resource "express_gateway_service" "storefront" {
  for_each = var.services

  service_name            = each.key
  primary_container       = { image = each.value.image, container_port = each.value.port }
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"

  # Services of other teams in the same network have load balancers of their own.
  load_balancer = { pool = "storefront" }
}

check "one_load_balancer" {
  assert {
    condition     = length(distinct([for service in express_gateway_service.storefront : service.infrastructure.load_balancer_arn])) == 1
    error_message = "Up to 25 services of one pool share a load balancer."
  }
}

output "urls" {
  description = "Where each service answers."
  value       = { for name, service in express_gateway_service.storefront : name => service.url }
}
