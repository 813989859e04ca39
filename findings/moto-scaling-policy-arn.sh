#!/usr/bin/env bash
# moto gives a scaling policy another ARN with every PutScalingPolicy of the same name.
#
# AWS documents PutScalingPolicy as "creates or updates": a policy is known by its name, its target and its dimension. moto
# 5.2.5 replaces the policy by a new one with a new identifier in its ARN, also where nothing differs. A program that keeps
# the ARN and puts the policy again, as a desired-state tool does, sees a change that nobody made.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[applicationautoscaling,ecs]==5.2.5" boto3==1.44.8
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto
from moto import mock_aws

with mock_aws():
    keys = {"region_name": "eu-central-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    ecs, scaling = boto3.client("ecs", **keys), boto3.client("application-autoscaling", **keys)
    ecs.create_cluster(clusterName="c")
    container = {"name": "main", "image": "nginx", "memory": 128}
    ecs.register_task_definition(family="f", containerDefinitions=[container])
    ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=1)
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/c/s",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    tracking = {
        "TargetValue": 60.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    arns = [
        scaling.put_scaling_policy(
            **target,
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )["PolicyARN"]
        for _ in range(2)
    ]
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    print(f"moto {moto.__version__}: {len(policies)} policy; its ARN after the first and the second put:")
    print(*arns, sep="\n")
    assert len(policies) == 1 and arns[0] != arns[1], "this has changed"
PYTHON
