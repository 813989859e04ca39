# What deploy.yml applies. State belongs into a backend that locks, for example S3 with use_lockfile.

terraform {
  required_version = ">= 1.6"

  required_providers {
    express = {
      source  = "express-gateway/express"
      version = "~> 0.1"
    }
  }
}

provider "express" {}

variable "image" {
  description = "The image that the workflow built, by digest."
  type        = string
  default     = "public.ecr.aws/nginx/nginx:1.28"
}

variable "roles" {
  description = "ARNs of the roles of the service."
  type        = object({ execution = string, infrastructure = string })
  default = {
    execution      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
    infrastructure = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
  }
}

module "app" {
  source = "../modules/service"

  name  = "app"
  image = var.image
  roles = var.roles
}

output "url" {
  value = module.app.url
}
