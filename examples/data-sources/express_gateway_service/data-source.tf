# By name, in the cluster `default`.
data "express_gateway_service" "api" {
  service_name = "api"
}

# Everything underneath can be referred to, for example to put a web application firewall in front of it.
output "load_balancer_arn" {
  value = data.express_gateway_service.api.infrastructure.load_balancer_arn
}

# By ARN.
data "express_gateway_service" "same" {
  service_arn = data.express_gateway_service.api.service_arn
}
