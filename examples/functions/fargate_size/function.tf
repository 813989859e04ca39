# At least half a vCPU and 1500 MiB: 512 CPU units and 2048 MiB.
locals {
  size = provider::express::fargate_size("0.5 vCPU", 1500)
}

resource "express_gateway_service" "app" {
  primary_container       = { image = "public.ecr.aws/nginx/nginx:1.28" }
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices"

  cpu    = local.size.cpu
  memory = local.size.memory
}
