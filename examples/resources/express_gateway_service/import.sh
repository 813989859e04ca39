# By service ARN, or by cluster and service name.
terraform import express_gateway_service.app arn:aws:ecs:eu-central-1:123456789012:service/default/app
terraform import express_gateway_service.app default/app
