variable "name" {
  description = "Beginning of the roles' names."
  type        = string
}

variable "engine" {
  description = "Engine of the services that have the roles: `managed` or `composed`. It decides what the infrastructure role may do."
  type        = string
  default     = "managed"

  validation {
    condition     = contains(["managed", "composed"], var.engine)
    error_message = "engine must be managed or composed."
  }
}

variable "secrets" {
  description = "ARNs of Secrets Manager secrets and SSM parameters that tasks are started with."
  type        = list(string)
  default     = []
}

variable "task_policy" {
  description = "Policy of the application itself, as JSON. Null: it calls no AWS API and needs no role."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of all roles."
  type        = string
  default     = null
}
