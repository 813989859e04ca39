# A service together with its roles.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
    express = {
      source  = "express-gateway/express"
      version = "~> 0.1"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "express" {
  region = "eu-central-1"
}

variable "image" {
  description = "What the service runs."
  type        = string
}

resource "aws_secretsmanager_secret" "database_url" {
  name = "api/database-url"
}

module "roles" {
  source = "../modules/service/roles"

  name    = "api"
  secrets = [aws_secretsmanager_secret.database_url.arn]
}

module "api" {
  source = "../modules/service"

  name    = "api"
  image   = var.image
  roles   = module.roles.arns
  secrets = { DATABASE_URL = aws_secretsmanager_secret.database_url.arn }
}

output "url" {
  value = module.api.url
}
