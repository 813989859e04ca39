#!/usr/bin/env bash
# Two defaults that the API model of ECS Express Mode documents cannot be had by leaving the member out, or be written.
#
# In the model that botocore 1.44.8 carries, `awsLogsConfiguration.logStreamPrefix` is documented with "The default for an
# Express service is ecs", and is required: boto3 refuses a configuration with a log group alone, before anything is
# sent. And `scalingTarget.autoScalingMetric` is documented with "The default metric used for an Express service is
# CPUUtilization", which is none of its values: AVERAGE_CPU, AVERAGE_MEMORY, REQUEST_COUNT_PER_TARGET.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 botocore==1.44.8
"$folder/venv/bin/python" - <<'PYTHON'
import re

import boto3, botocore.exceptions

ecs = boto3.client("ecs", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
model = ecs.meta.service_model


def words(shape):
    return re.sub("<[^>]+>", "", shape.documentation).strip()


logs = model.shape_for("ExpressGatewayServiceAwsLogsConfiguration")
prefix = words(logs.members["logStreamPrefix"])
print(f"logStreamPrefix: required {'logStreamPrefix' in logs.required_members}; {prefix}")
assert "The default for an Express service is ecs." in prefix and "logStreamPrefix" in logs.required_members
try:
    ecs.create_express_gateway_service(
        infrastructureRoleArn="arn:aws:iam::123456789012:role/infrastructure",
        primaryContainer={"image": "nginx", "awsLogsConfiguration": {"logGroup": "/app"}},
    )
    raise SystemExit("this has changed: a log group alone is taken")
except botocore.exceptions.ParamValidationError as error:
    print(f"a log group alone: {error}")
    assert "Missing required parameter" in str(error) and "logStreamPrefix" in str(error)

metric = model.shape_for("ExpressGatewayScalingTarget").members["autoScalingMetric"]
print(f"autoScalingMetric: {words(metric)} Values: {', '.join(metric.enum)}")
assert "is CPUUtilization." in words(metric) and "CPUUtilization" not in metric.enum
PYTHON
