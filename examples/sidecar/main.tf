# A service with a log router beside its container: FireLens takes the log and sends it where you want it.

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

resource "express_gateway_service" "api" {
  service_name            = "api"
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"

  # The router writes with the task's role.
  task_role_arn = "arn:aws:iam::123456789012:role/api"

  primary_container = {
    image      = "public.ecr.aws/nginx/nginx:1.28"
    depends_on = { log_router = "START" }

    log_configuration = {
      log_driver = "awsfirelens"

      # Options of Fluent Bit's output of this name.
      options = {
        Name            = "firehose"
        region          = "eu-central-1"
        delivery_stream = "logs"
      }
    }
  }

  sidecars = {
    log_router = {
      image                  = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"
      memory_reservation_mib = 64
      firelens_configuration = { type = "fluentbit" }
    }
  }
}

output "url" {
  description = "Where the service answers."
  value       = express_gateway_service.api.url
}
