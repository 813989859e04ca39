# One image and two roles: everything else has a default or is AWS's choice.

terraform {
  required_providers {
    express = {
      source = "express-gateway/express"
    }
  }
}

# Region, credentials and endpoint come from the environment, which the quickstart points at its sandbox.
provider "express" {
  engine = var.engine
}

variable "engine" {
  description = "Who assembles the service: managed (AWS's Express Mode API) or composed (the provider itself)."
  type        = string
  default     = "managed"
}

variable "image" {
  description = "What the service runs."
  type        = string
  default     = "public.ecr.aws/nginx/nginx:1.28"
}

resource "express_gateway_service" "hello" {
  service_name            = "hello"
  primary_container       = { image = var.image }
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
}

output "url" {
  value = express_gateway_service.hello.url
}

# Everything underneath, one row each: ARN, status, link.
data "express_gateway_service" "hello" {
  service_arn = express_gateway_service.hello.service_arn
}
