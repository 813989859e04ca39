# Many services from one map: what a service leaves out is null, and null is as good as not written.

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

  default_tags {
    tags = { team = "shop" }
  }
}

variable "services" {
  description = "The services, by name."

  type = map(object({
    image       = string
    port        = optional(number)
    cpu         = optional(number, 256)
    memory      = optional(number, 512)
    environment = optional(map(string), {})
    secrets     = optional(map(string))
    tasks       = optional(object({ min = number, max = number }))
    tags        = optional(map(string))
  }))

  default = {
    api = {
      image       = "public.ecr.aws/nginx/nginx:1.28"
      port        = 8080
      environment = { LOG_LEVEL = "info" }
      secrets     = { TOKEN = "/shop/token" }
      tasks       = { min = 1, max = 2 }
    }

    # Parked: it keeps its URL, and runs no task until both are raised.
    reports = {
      image = "public.ecr.aws/nginx/nginx:1.28"
      tasks = { min = 0, max = 0 }
    }

    web = {
      image = "public.ecr.aws/nginx/nginx:1.29"
      tags  = { exposed = "yes" }
    }
  }
}

resource "express_gateway_service" "this" {
  for_each = var.services

  service_name            = each.key
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
  cpu                     = each.value.cpu
  memory                  = each.value.memory

  primary_container = {
    image          = each.value.image
    container_port = each.value.port
    environment    = merge({ SERVICE = each.key }, each.value.environment)
    secrets        = each.value.secrets
  }

  scaling_target = each.value.tasks == null ? null : {
    min_task_count = each.value.tasks.min
    max_task_count = each.value.tasks.max
  }

  tags = each.value.tags
}

output "urls" {
  description = "Where each service answers."
  value       = { for name, service in express_gateway_service.this : name => service.url }
}
