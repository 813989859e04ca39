data "aws_partition" "current" {}

locals {
  policies = "arn:${data.aws_partition.current.partition}:iam::aws:policy"

  # The policy of Express Mode works on what ECS tagged, and nothing else; the other has no path.
  infrastructure_policies = {
    managed  = "service-role/AmazonECSInfrastructureRoleforExpressGatewayServices"
    composed = "AmazonECSInfrastructureRolePolicyForLoadBalancers"
  }

  # Of a parameter or a secret by ARN; each service has an action of its own to read with.
  readable = {
    "secretsmanager:GetSecretValue" = [for arn in var.secrets : arn if can(regex(":secretsmanager:", arn))]
    "ssm:GetParameters"             = [for arn in var.secrets : arn if can(regex(":ssm:", arn))]
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = toset(["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [each.value]
    }
  }
}

# Pulls the image, reads the secrets that the tasks start with, and writes their log.
resource "aws_iam_role" "execution" {
  name_prefix          = "${var.name}-execution-"
  assume_role_policy   = data.aws_iam_policy_document.trust["ecs-tasks.amazonaws.com"].json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "${local.policies}/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "secrets" {
  count = length(var.secrets) > 0 ? 1 : 0

  dynamic "statement" {
    for_each = { for action, arns in local.readable : action => arns if length(arns) > 0 }
    content {
      actions   = [statement.key]
      resources = statement.value
    }
  }
}

resource "aws_iam_role_policy" "secrets" {
  count  = length(var.secrets) > 0 ? 1 : 0
  name   = "secrets"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.secrets[0].json
}

# Lets ECS make and operate load balancer, certificate, scaling and alarms; or, with the composed engine, shift traffic.
resource "aws_iam_role" "infrastructure" {
  name_prefix          = "${var.name}-infra-"
  assume_role_policy   = data.aws_iam_policy_document.trust["ecs.amazonaws.com"].json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "infrastructure" {
  role       = aws_iam_role.infrastructure.name
  policy_arn = "${local.policies}/${local.infrastructure_policies[var.engine]}"
}

# What the application itself may do.
resource "aws_iam_role" "task" {
  count                = var.task_policy == null ? 0 : 1
  name_prefix          = "${var.name}-task-"
  assume_role_policy   = data.aws_iam_policy_document.trust["ecs-tasks.amazonaws.com"].json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "task" {
  count  = var.task_policy == null ? 0 : 1
  name   = "application"
  role   = aws_iam_role.task[0].name
  policy = var.task_policy
}
