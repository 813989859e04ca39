terraform {
  required_providers {
    express = {
      source  = "express-gateway/express"
      version = "~> 0.1"
    }
  }
}

# Region and credentials are found as in the AWS CLI; the block may be empty or left out.
provider "express" {
  region = "eu-central-1"

  default_tags {
    tags = { team = "web" }
  }
}
