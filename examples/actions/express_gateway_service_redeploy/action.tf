# New tasks pull the tag `stable` again:
#   terraform apply -invoke=action.express_gateway_service_redeploy.api
action "express_gateway_service_redeploy" "api" {
  config {
    service_arn = express_gateway_service.api.service_arn
    timeout     = "30m"
  }
}
