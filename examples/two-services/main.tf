# Two services, one of which calls the other: its URL is an attribute, so one apply makes both, in the right order.

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
  region = "eu-central-1"
}

variable "images" {
  description = "Images of the two services, usually by the commit that CI built."
  type        = object({ api = string, web = string })

  default = {
    api = "public.ecr.aws/nginx/nginx:1.28"
    web = "public.ecr.aws/nginx/nginx:1.29"
  }
}

locals {
  roles = {
    execution      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
    infrastructure = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
  }
}

resource "express_gateway_service" "api" {
  service_name            = "shop-api"
  execution_role_arn      = local.roles.execution
  infrastructure_role_arn = local.roles.infrastructure
  cpu                     = 512
  memory                  = 1024
  health_check_path       = "/api/health"

  primary_container = {
    image          = var.images.api
    container_port = 8080

    environment = { LOG_LEVEL = "info" }

    # The key `password` of a JSON secret.
    secrets = {
      DB_PASSWORD = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf:password::"
    }
  }

  scaling_target = { min_task_count = 1, max_task_count = 2 }
}

resource "express_gateway_service" "web" {
  service_name            = "shop-web"
  execution_role_arn      = local.roles.execution
  infrastructure_role_arn = local.roles.infrastructure
  cpu                     = 256
  memory                  = 512
  health_check_path       = "/health"

  primary_container = {
    image          = var.images.web
    container_port = 3000

    environment = {
      API_URL = express_gateway_service.api.url

      # Written with two dollar signs: the service's own URL.
      PUBLIC_URL = "$${service.url}"
    }
  }

  scaling_target = { min_task_count = 1, max_task_count = 2 }
}

output "url" {
  description = "Where the shop answers."
  value       = express_gateway_service.web.url
}
