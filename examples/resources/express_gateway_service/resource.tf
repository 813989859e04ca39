# One image and two roles are enough.
resource "express_gateway_service" "app" {
  primary_container       = { image = "public.ecr.aws/nginx/nginx:1.28" }
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
}

output "url" {
  value = express_gateway_service.app.url
}

# The same with more of a say.
resource "express_gateway_service" "api" {
  service_name            = "api"
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"
  task_role_arn           = "arn:aws:iam::123456789012:role/api"

  primary_container = {
    image          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/api:2026-11-23"
    container_port = 8080
    environment    = { LOG_LEVEL = "info" }
    secrets        = { DATABASE_URL = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api/db-AbCdEf" }
  }

  cpu               = "512"
  memory            = "1024"
  health_check_path = "/healthz"

  scaling_target = {
    min_task_count            = 2
    max_task_count            = 10
    auto_scaling_metric       = "REQUEST_COUNT_PER_TARGET"
    auto_scaling_target_value = 1000
  }

  tags = { team = "web" }
}
