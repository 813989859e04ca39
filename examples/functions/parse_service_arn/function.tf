# { account_id = "123456789012", cluster = "prod", partition = "aws", region = "eu-central-1", service_name = "api" }
output "parts" {
  value = provider::express::parse_service_arn("arn:aws:ecs:eu-central-1:123456789012:service/prod/api")
}
