output "urls" {
  description = "Where each service is reached, by name."
  value       = { for name, service in module.service : name => service.url }
}

output "services" {
  description = "All outputs of each service, by name."
  value       = module.service
}
