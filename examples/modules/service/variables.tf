variable "name" {
  description = "Name of the service, unique in its cluster."
  type        = string
}

variable "image" {
  description = "Container image, best by digest: what is applied is then what was built."
  type        = string
}

variable "roles" {
  description = "ARNs of the roles. The submodule `roles` makes them; any others will do."
  type = object({
    execution      = string
    infrastructure = string
    task           = optional(string)
  })
}

variable "engine" {
  description = "Who assembles the service: `managed` (ECS Express Mode) or `composed` (the provider). Null: as the provider block says, else `managed`."
  type        = string
  default     = null

  validation {
    condition     = contains(["managed", "composed"], coalesce(var.engine, "managed"))
    error_message = "engine must be managed or composed."
  }
}

variable "domain" {
  description = "Host names of your own, with the composed engine. Null: none, or as the provider's `default_domain` says."
  type = object({
    hostname             = optional(string)
    hosted_zone          = optional(string)
    additional_hostnames = optional(set(string))
  })
  default = null
}

variable "cluster" {
  description = "Cluster, by name or ARN."
  type        = string
  default     = "default"
}

variable "container_port" {
  description = "TCP port that the application listens on."
  type        = number
  default     = 80
}

variable "health_check_path" {
  description = "Path that answers 200 while the application is well."
  type        = string
  default     = "/"
}

variable "environment" {
  description = "Environment variables. They are readable in the state."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variables by reference: name to ARN of a Secrets Manager secret or an SSM parameter."
  type        = map(string)
  default     = {}
}

variable "size" {
  description = "CPU units and MiB of memory of a task: a pair that Fargate offers."
  type        = object({ cpu = string, memory = string })
  default     = { cpu = "256", memory = "512" }
}

variable "scaling" {
  description = "How many tasks there are, and what decides it."
  type = object({
    min    = optional(number, 1)
    max    = optional(number, 4)
    metric = optional(string, "AVERAGE_CPU")
    target = optional(number, 60)
  })
  default = {}

  validation {
    condition     = var.scaling.min <= var.scaling.max
    error_message = "scaling.min must not be above scaling.max."
  }
}

variable "network" {
  description = "Subnets of at least two availability zones, and security groups of your own. Null: the default VPC."
  type = object({
    subnets         = set(string)
    security_groups = optional(set(string))
  })
  default = null
}

variable "tags" {
  description = "Tags of the service."
  type        = map(string)
  default     = {}
}
