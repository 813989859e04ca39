# Two services on a domain of yours, with certificates and DNS records. The hosted zone is all that must be there.

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

  # A service that says nothing else is <service_name>.example.com.
  default_domain {
    hosted_zone = "example.com"
  }
}

locals {
  roles = {
    execution      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
    infrastructure = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"
  }
}

resource "express_gateway_service" "api" {
  service_name            = "api"
  primary_container       = { image = "public.ecr.aws/nginx/nginx:1.28" }
  execution_role_arn      = local.roles.execution
  infrastructure_role_arn = local.roles.infrastructure
}

resource "express_gateway_service" "shop" {
  service_name            = "shop"
  primary_container       = { image = "public.ecr.aws/nginx/nginx:1.28" }
  execution_role_arn      = local.roles.execution
  infrastructure_role_arn = local.roles.infrastructure

  domain = {
    hostname             = "shop.example.com"
    additional_hostnames = ["www.example.com"]
  }
}

output "urls" {
  description = "Where the services answer."
  value       = [express_gateway_service.api.url, express_gateway_service.shop.url]
}
