import {
  to = express_gateway_service.api
  id = "default/api"
}
