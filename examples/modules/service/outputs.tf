output "url" {
  description = "Where the service is reached."
  value       = express_gateway_service.this.url
}

output "hostname" {
  description = "Host name alone."
  value       = express_gateway_service.this.hostname
}

output "service_arn" {
  description = "ARN of the service."
  value       = express_gateway_service.this.service_arn
}

output "log_group_name" {
  description = "Where the application's log is."
  value       = express_gateway_service.this.infrastructure.log_group_name
}

output "load_balancer" {
  description = "The load balancer, for DNS records and firewalls of your own. Other services may share it."
  value = {
    arn      = express_gateway_service.this.infrastructure.load_balancer_arn
    dns_name = express_gateway_service.this.infrastructure.load_balancer_dns_name
    zone_id  = express_gateway_service.this.infrastructure.load_balancer_zone_id
  }
}
