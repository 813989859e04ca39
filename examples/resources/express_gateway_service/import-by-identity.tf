import {
  to = express_gateway_service.api

  identity = {
    service_arn = "arn:aws:ecs:us-east-1:123456789012:service/default/api"
  }
}
