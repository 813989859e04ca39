output "arns" {
  description = "What the module `service` takes as `roles`."
  value = {
    execution      = aws_iam_role.execution.arn
    infrastructure = aws_iam_role.infrastructure.arn
    task           = one(aws_iam_role.task[*].arn)
  }

  # The policies live as long as the service: ECS needs them to clean up, so a destroy takes the service first.
  depends_on = [
    aws_iam_role_policy_attachment.execution,
    aws_iam_role_policy_attachment.infrastructure,
    aws_iam_role_policy.secrets,
    aws_iam_role_policy.task,
  ]
}
