module "service" {
  source   = "../service"
  for_each = var.services

  name              = each.key
  image             = each.value.image
  cluster           = var.cluster
  network           = var.network
  roles             = coalesce(each.value.roles, var.roles)
  container_port    = coalesce(each.value.container_port, var.defaults.container_port)
  health_check_path = coalesce(each.value.health_check_path, var.defaults.health_check_path)
  size              = coalesce(each.value.size, var.defaults.size)
  scaling           = coalesce(each.value.scaling, var.defaults.scaling)
  environment       = merge(var.environment, each.value.environment)
  secrets           = each.value.secrets
  tags              = merge(var.tags, { service = each.key })
}
