# What the module makes of its variables, with no AWS and no sandbox: the provider is a mock.

mock_provider "express" {}

variables {
  name  = "api"
  image = "public.ecr.aws/nginx/nginx:1.28"
  roles = {
    execution      = "arn:aws:iam::123456789012:role/execution"
    infrastructure = "arn:aws:iam::123456789012:role/infrastructure"
  }
}

run "defaults_are_small" {
  command = plan

  assert {
    condition     = express_gateway_service.this.cpu == "256" && express_gateway_service.this.memory == "512"
    error_message = "A service that says nothing about its size gets the smallest one."
  }

  assert {
    condition     = express_gateway_service.this.scaling_target.max_task_count == 4
    error_message = "A service that says nothing about scaling stops at four tasks."
  }
}

run "one_member_of_scaling_is_enough" {
  command = plan

  variables {
    scaling = { min = 2 }
  }

  assert {
    condition     = express_gateway_service.this.scaling_target.min_task_count == 2
    error_message = "The member that is set arrives."
  }

  assert {
    condition     = express_gateway_service.this.scaling_target.auto_scaling_metric == "AVERAGE_CPU"
    error_message = "The others keep their defaults."
  }
}

run "engine_and_domain_arrive" {
  command = plan

  variables {
    engine = "composed"
    domain = { hosted_zone = "example.com" }
  }

  assert {
    condition     = express_gateway_service.this.engine == "composed"
    error_message = "The engine is the one that is asked for."
  }

  assert {
    condition     = express_gateway_service.this.domain.hosted_zone == "example.com"
    error_message = "The domain arrives."
  }
}

run "an_engine_that_there_is_not_is_refused" {
  command = plan

  variables {
    engine = "diesel"
  }

  expect_failures = [var.engine]
}

run "crossed_bounds_are_refused" {
  command = plan

  variables {
    scaling = { min = 5, max = 2 }
  }

  expect_failures = [var.scaling]
}
