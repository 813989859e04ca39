variable "services" {
  description = "The services by name. What one leaves out comes from `defaults`."
  type = map(object({
    image             = string
    container_port    = optional(number)
    health_check_path = optional(string)
    environment       = optional(map(string), {})
    secrets           = optional(map(string), {})
    size              = optional(object({ cpu = string, memory = string }))
    scaling           = optional(object({ min = optional(number), max = optional(number) }))
    roles = optional(object({
      execution      = string
      infrastructure = string
      task           = optional(string)
    }))
  }))
}

variable "roles" {
  description = "ARNs of the roles of every service that brings none of its own."
  type = object({
    execution      = string
    infrastructure = string
    task           = optional(string)
  })
}

variable "defaults" {
  description = "What services get that do not say otherwise."
  type = object({
    container_port    = optional(number, 80)
    health_check_path = optional(string, "/")
    size              = optional(object({ cpu = string, memory = string }), { cpu = "256", memory = "512" })
    scaling           = optional(object({ min = optional(number), max = optional(number) }), {})
  })
  default = {}
}

variable "environment" {
  description = "Environment variables of every service; its own win."
  type        = map(string)
  default     = {}
}

variable "cluster" {
  description = "Cluster of all services."
  type        = string
  default     = "default"
}

variable "network" {
  description = "Network of all services. Null: the default VPC."
  type = object({
    subnets         = set(string)
    security_groups = optional(set(string))
  })
  default = null
}

variable "tags" {
  description = "Tags of all services; `service` is added."
  type        = map(string)
  default     = {}
}
