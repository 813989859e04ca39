# terraform query -generate-config-out=services.tf
list "express_gateway_service" "web" {
  provider         = express
  include_resource = true
  limit            = 50

  config {
    cluster = "default"
    tags    = { team = "web" }
  }
}
