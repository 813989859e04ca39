# Every Express service of the region that a team owns.
data "express_gateway_services" "web" {
  tags = { team = "web" }
}

output "urls" {
  value = { for service in data.express_gateway_services.web.services : service.service_name => service.url }
}
