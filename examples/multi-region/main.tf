# The same service in two regions. A provider block works in one region, so there are two.

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
  alias  = "frankfurt"
  region = "eu-central-1"
}

provider "express" {
  alias  = "virginia"
  region = "us-east-1"
}

variable "image" {
  description = "What both services run; its registry must be reachable from both regions."
  type        = string
  default     = "public.ecr.aws/nginx/nginx:1.28"
}

locals {
  # IAM is global: one set of roles serves all regions.
  roles = {
    execution      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
    infrastructure = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
  }
}

module "frankfurt" {
  source    = "../modules/service"
  providers = { express = express.frankfurt }

  name  = "hello"
  image = var.image
  roles = local.roles
}

module "virginia" {
  source    = "../modules/service"
  providers = { express = express.virginia }

  name  = "hello"
  image = var.image
  roles = local.roles
}

output "urls" {
  description = "For latency records of Route 53, or for a content delivery network in front."
  value = {
    frankfurt = module.frankfurt.url
    virginia  = module.virginia.url
  }
}
