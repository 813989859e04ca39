# While a deployment is under way, from another terminal:
#   terraform apply -invoke=action.express_gateway_service_rollback.api -lock=false
action "express_gateway_service_rollback" "api" {
  config {
    service_arn = express_gateway_service.api.service_arn
  }
}
