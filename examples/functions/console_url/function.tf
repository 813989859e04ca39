# https://eu-central-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/api/health?region=eu-central-1
output "console" {
  value = provider::express::console_url("arn:aws:ecs:eu-central-1:123456789012:service/prod/api")
}
