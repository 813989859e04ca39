"""A service made from plain calls: load balancer, target groups, rule, service, scaling, alarm, log group."""

ROLE = "arn:aws:iam::444444444444:role/infrastructure"
RESOURCE = "service/own/plain"
DIMENSION = {
    "ServiceNamespace": "ecs",
    "ResourceId": RESOURCE,
    "ScalableDimension": "ecs:service:DesiredCount",
}
TERMINAL = {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}


def run(client, tools):
    equal, refused, wait_until, check = (tools[name] for name in ["equal", "refused", "wait_until", "check"])
    ecs, elbv2, ec2, logs = client("ecs"), client("elbv2"), client("ec2"), client("logs")
    scaling, cloudwatch = client("application-autoscaling"), client("cloudwatch")

    ecs.create_cluster(clusterName="own", capacityProviders=["FARGATE"], tags=[{"key": "k", "value": "v"}])
    logs.create_log_group(logGroupName="/own/plain", kmsKeyId="key", tags={"k": "v"})
    logs.put_retention_policy(logGroupName="/own/plain", retentionInDays=7)
    group = logs.describe_log_groups(logGroupNamePrefix="/own/")["logGroups"][0]
    equal("a log group as it was made", (group["retentionInDays"], group["kmsKeyId"]), (7, "key"))
    logs.create_log_stream(logGroupName="/own/plain", logStreamName="by-hand")

    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    open_group = ec2.create_security_group(GroupName="open", Description="open", VpcId=vpc)["GroupId"]
    anywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=open_group, IpPermissions=anywhere)
    wiring = balance(elbv2, vpc, subnets, open_group)

    task_definition = {
        "family": "plain",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {
                "name": "Main",
                "image": "nginx:1",
                "portMappings": [{"containerPort": 8080}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "/own/plain",
                        "awslogs-region": "eu-central-1",
                        "awslogs-stream-prefix": "ecs",
                    },
                },
            }
        ],
    }
    refused(
        "no Fargate size", "ClientException", ecs.register_task_definition, **task_definition | {"memory": "99"}
    )
    first = ecs.register_task_definition(**task_definition)["taskDefinition"]["taskDefinitionArn"]
    arguments = {
        "cluster": "own",
        "serviceName": "plain",
        "taskDefinition": first,
        "desiredCount": 1,
        "launchType": "FARGATE",
        "clientToken": "one",
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": subnets,
                "securityGroups": [open_group],
                "assignPublicIp": "ENABLED",
            }
        },
        "loadBalancers": [
            {
                "targetGroupArn": wiring["a"],
                "containerName": "Main",
                "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": wiring["b"],
                    "productionListenerRule": wiring["rule"],
                    "roleArn": ROLE,
                },
            }
        ],
        "deploymentConfiguration": {
            "strategy": "CANARY",
            "bakeTimeInMinutes": 1,
            "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 5},
            "alarms": {"alarmNames": ["own-errors"], "enable": True, "rollback": True},
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        "tags": [{"key": "k", "value": "v"}],
    }
    without = {**arguments["loadBalancers"][0]}
    del without["advancedConfiguration"]
    refused(
        "a canary without a rule", "ClientException", ecs.create_service, **arguments | {"loadBalancers": [without]}
    )
    put_alarm(cloudwatch)
    ecs.create_service(**arguments)
    ecs.create_service(**arguments)
    refused(
        "a name that is taken",
        "InvalidParameterException",
        ecs.create_service,
        **arguments | {"clientToken": "two"},
    )

    def newest():
        briefs = ecs.list_service_deployments(service="plain", cluster="own")["serviceDeployments"]
        arns = [brief["serviceDeploymentArn"] for brief in briefs[:1]]
        return ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0] if arns else None

    def ended():
        deployment = newest()
        return deployment if deployment and deployment["status"] in TERMINAL else None

    def weights():
        rule = elbv2.describe_rules(RuleArns=[wiring["rule"]])["Rules"][0]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        return {group["TargetGroupArn"]: group["Weight"] for group in groups}

    equal("the first deployment", wait_until("it ends", ended)["status"], "SUCCESSFUL")
    equal("it serves on the alternate target group", weights(), {wiring["a"]: 0, wiring["b"]: 100})
    scale(scaling, refused, equal, check)

    task_definition["containerDefinitions"][0]["image"] = "nginx:2"
    second = ecs.register_task_definition(**task_definition)["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster="own", service="plain", taskDefinition=second)
    wait_until("five percent", lambda: weights() == {wiring["a"]: 50, wiring["b"]: 950})
    cloudwatch.set_alarm_state(AlarmName="own-errors", StateValue="ALARM", StateReason="check")
    deployment = wait_until("the alarm rolls back", ended)
    equal("the update", deployment["status"], "ROLLBACK_SUCCESSFUL")
    equal("the alarm is named", deployment["alarms"]["triggeredAlarmNames"], ["own-errors"])
    equal("traffic is back", weights(), {wiring["a"]: 0, wiring["b"]: 100})
    described = ecs.describe_services(cluster="own", services=["plain"], include=["TAGS"])["services"][0]
    equal("the service is back", described["taskDefinition"], first)

    refused(
        "a cluster with services", "ClusterContainsServicesException", ecs.delete_cluster, cluster="own"
    )
    ecs.delete_service(cluster="own", service="plain", force=True)

    def is_inactive():
        service = ecs.describe_services(cluster="own", services=["plain"])["services"][0]
        return service["status"] == "INACTIVE"

    wait_until("the service is inactive", is_inactive)
    equal("its scaling is gone", scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"], [])
    equal("the cluster goes", ecs.delete_cluster(cluster="own")["cluster"]["status"], "INACTIVE")
    cloudwatch.delete_alarms(AlarmNames=["own-errors"])
    logs.delete_log_group(logGroupName="/own/plain")
    elbv2.delete_rule(RuleArn=wiring["rule"])
    # A target group counts as in use for a while after its rule is gone.
    tools["control"]("POST", "advance", {"seconds": 300})
    for target_group in [wiring["a"], wiring["b"]]:
        elbv2.delete_target_group(TargetGroupArn=target_group)
    equal("no target group is left", elbv2.describe_target_groups()["TargetGroups"], [])


def balance(elbv2, vpc, subnets, security_group):
    arn = elbv2.create_load_balancer(Name="own", Subnets=subnets, SecurityGroups=[security_group])
    arn = arn["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elbv2.create_target_group(
            Name=f"own-{part}",
            Protocol="HTTP",
            Port=8080,
            VpcId=vpc,
            TargetType="ip",
            HealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        for part in "ab"
    ]
    nothing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[nothing])
    weighted = [{"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, [100, 0])]
    rule = elbv2.create_rule(
        ListenerArn=listener["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["own.example.com"]}}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )["Rules"][0]["RuleArn"]
    return {"a": groups[0], "b": groups[1], "rule": rule}


def put_alarm(cloudwatch):
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count", "Dimensions": []}
    cloudwatch.put_metric_alarm(
        AlarmName="own-errors",
        Metrics=[
            {"Id": "e", "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
            {"Id": "ratio", "Expression": "FILL(e,0)", "ReturnData": True},
        ],
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=3,
        DatapointsToAlarm=2,
        TreatMissingData="notBreaching",
        Tags=[{"Key": "k", "Value": "v"}],
    )


def scale(scaling, refused, equal, check):
    refused(
        "scaling of no service",
        "ValidationException",
        scaling.register_scalable_target,
        **DIMENSION | {"ResourceId": "service/own/other", "MinCapacity": 1, "MaxCapacity": 2},
    )
    scaling.register_scalable_target(**DIMENSION, MinCapacity=2, MaxCapacity=4, Tags={"k": "v"})
    answer = scaling.put_scaling_policy(
        **DIMENSION,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    )
    equal("a policy has two alarms", len(answer["Alarms"]), 2)
    scaling.put_scheduled_action(
        **DIMENSION,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )
    actions = scaling.describe_scheduled_actions(ServiceNamespace="ecs", ResourceId=RESOURCE)["ScheduledActions"]
    equal("its scheduled action", [one["ScheduledActionName"] for one in actions], ["night"])
    scaling.delete_scheduled_action(**DIMENSION, ScheduledActionName="night")
    actions = scaling.describe_scheduled_actions(ServiceNamespace="ecs", ResourceId=RESOURCE)["ScheduledActions"]
    equal("no scheduled action", actions, [])
    activities = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=RESOURCE)
    causes = [activity["Cause"] for activity in activities["ScalingActivities"]]
    check("the minimum holds at once", causes == ["minimum capacity was set to 2"], causes)
