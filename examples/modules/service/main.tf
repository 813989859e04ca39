resource "express_gateway_service" "this" {
  engine                  = var.engine
  service_name            = var.name
  cluster                 = var.cluster
  execution_role_arn      = var.roles.execution
  infrastructure_role_arn = var.roles.infrastructure
  task_role_arn           = var.roles.task

  primary_container = {
    image          = var.image
    container_port = var.container_port
    environment    = var.environment
    secrets        = var.secrets
  }

  cpu                   = var.size.cpu
  memory                = var.size.memory
  health_check_path     = var.health_check_path
  network_configuration = var.network
  domain                = var.domain

  scaling_target = {
    min_task_count            = var.scaling.min
    max_task_count            = var.scaling.max
    auto_scaling_metric       = var.scaling.metric
    auto_scaling_target_value = var.scaling.target
  }

  tags = var.tags
}
