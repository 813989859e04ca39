"""Checks the sandbox from the outside, with botocore's own request and response code.

Prints one line per failed check and `N passed, N failed`; exits non-zero on any failure.
"""

import json
import sys
import time
import traceback
import urllib.request
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.config
import botocore.exceptions
import cbor_members
import plain_service

ENDPOINT = sys.argv[1]
ACCOUNT = "123456789012"
REGION = "eu-central-1"
EXECUTION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/ecsTaskExecutionRole"
INFRASTRUCTURE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/ecsInfrastructureRoleForExpressServices"

passed, failures, checked_operations = 0, [], set()


def check(name, holds, detail=None):
    global passed
    if holds:
        passed += 1
    else:
        failures.append(name)
        print(f"FAILED {name}" + (f": {detail!r}" if detail is not None else ""))


def equal(name, seen, wanted):
    check(name, seen == wanted, f"{seen!r}, wanted {wanted!r}")


def refused(name, code, call, **arguments):
    try:
        answer = call(**arguments)
    except botocore.exceptions.ClientError as error:
        equal(name, error.response["Error"]["Code"], code)
        check(f"{name}: has a request id", error.response["ResponseMetadata"].get("RequestId"))
        return error
    check(name, False, answer)
    return None


# --- every answer must consist of modelled members only ---------------------------------------------------


def unmodelled(shape, value, path):
    """Paths of members that the model does not know, or whose JSON type it does not allow."""
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            return [f"{path} is no structure"]
        found = []
        for name, member in value.items():
            if name not in shape.members:
                found.append(f"{path}.{name}")
            else:
                found += unmodelled(shape.members[name], member, f"{path}.{name}")
        return found
    if shape.type_name == "list":
        if not isinstance(value, list):
            return [f"{path} is no list"]
        return [problem for item in value for problem in unmodelled(shape.member, item, f"{path}[]")]
    if shape.type_name == "map":
        return [] if isinstance(value, dict) else [f"{path} is no map"]
    types = {
        "string": str,
        "integer": int,
        "long": int,
        "boolean": bool,
        "double": (int, float),
        "float": (int, float),
        "timestamp": (int, float),
    }
    wanted = types.get(shape.type_name)
    is_wanted = wanted is None or isinstance(value, wanted)
    if isinstance(value, bool) and shape.type_name != "boolean":
        is_wanted = False
    problems = [] if is_wanted else [f"{path} is {type(value).__name__}, not {shape.type_name}"]
    if shape.type_name == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        problems.append(f"{path} has the unmodelled value {value!r}")
    return problems


def unmodelled_xml(shape, node, path, is_ec2):
    def tag(element):
        return element.tag.rsplit("}", 1)[-1]

    if shape.type_name == "structure":
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        found = []
        for child in node:
            if tag(child) not in names:
                found.append(f"{path}/{tag(child)}")
            else:
                found += unmodelled_xml(names[tag(child)], child, f"{path}/{tag(child)}", is_ec2)
        return found
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "item" if is_ec2 else "member")
        found = [f"{path}/{tag(child)}" for child in node if tag(child) != item]
        return found + [p for child in node for p in unmodelled_xml(shape.member, child, f"{path}[]", is_ec2)]
    if shape.type_name == "string" and getattr(shape, "enum", None) and node.text not in shape.enum:
        return [f"{path} has the unmodelled value {node.text!r}"]
    return []


def check_members(response_dict, operation_model, **_):
    if response_dict["status_code"] not in (200, 201) or operation_model.output_shape is None:
        return
    shape, protocol = operation_model.output_shape, operation_model.service_model.resolved_protocol
    body = response_dict["body"]
    if protocol == "json":
        problems = unmodelled(shape, json.loads(body), "")
    elif protocol == "smithy-rpc-v2-cbor":
        problems = unmodelled(shape, cbor_members.read(body), "")
    else:
        root = ElementTree.fromstring(body)
        if protocol == "ec2":
            root.remove(root[0])  # requestId
        elif protocol == "query":
            root = root[0]
        problems = unmodelled_xml(shape, root, "", protocol == "ec2")
    # Polls repeat operations as often as time allows; what is fine counts once.
    name = f"{operation_model.service_model.service_name} {operation_model.name}: modelled members only"
    if problems or name not in checked_operations:
        checked_operations.add(name)
        check(name, not problems, problems)


def client(service, region=REGION, access_key=ACCOUNT, token=None):
    made = boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key="any",
        aws_session_token=token,
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
    made.meta.events.register("before-parse", check_members)
    return made


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ENDPOINT}/_sandbox/{path}", data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


ecs, elbv2, ec2 = client("ecs"), client("elbv2"), client("ec2")
acm, scaling, logs = client("acm"), client("application-autoscaling"), client("logs")
cloudwatch, sts = client("cloudwatch"), client("sts")


def wait_until(name, look, limit_seconds=30):
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(0.05)
    check(name, False, f"not within {limit_seconds} s")
    raise TimeoutError(name)


def newest_deployment(service_arn, cluster="default"):
    briefs = ecs.list_service_deployments(service=service_arn, cluster=cluster)["serviceDeployments"]
    if not briefs:
        return None
    arn = max(briefs, key=lambda brief: brief["createdAt"])["serviceDeploymentArn"]
    return ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


TERMINAL = {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}


def finished_deployment(service_arn, revision=None):
    def look():
        deployment = newest_deployment(service_arn)
        is_this = deployment and (revision is None or deployment["targetServiceRevision"]["arn"] == revision)
        return deployment if is_this and deployment["status"] in TERMINAL else None

    return wait_until("a deployment ends", look)


# --- the checks -------------------------------------------------------------------------------------------

state = {}


def identity():
    equal("caller account", sts.get_caller_identity()["Account"], ACCOUNT)
    other = client("sts", access_key="222222222222")
    equal("a 12-digit access key is the account", other.get_caller_identity()["Account"], "222222222222")
    role = "arn:aws:iam::333333333333:role/deployer"
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="check")
    keys = assumed["Credentials"]
    equal("assumed role", assumed["AssumedRoleUser"]["Arn"].split("/")[-2:], ["deployer", "check"])
    inner = client("sts", access_key=keys["AccessKeyId"], token=keys["SessionToken"])
    equal("an assumed role acts in its account", inner.get_caller_identity()["Account"], "333333333333")
    web = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="ci", WebIdentityToken="a.b.c")
    check("web identity gives credentials", web["Credentials"]["AccessKeyId"].startswith("ASIA"))


def network():
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    equal("one default VPC", len(vpcs), 1)
    vpc = state["vpc"] = vpcs[0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default-for-az", "Values": ["true"]}]
    subnets = ec2.describe_subnets(Filters=filters)["Subnets"]
    check("default subnets in two zones or more", len({s["AvailabilityZone"] for s in subnets}) >= 2)
    state["subnets"] = [subnet["SubnetId"] for subnet in subnets]
    main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    tables = ec2.describe_route_tables(Filters=main)["RouteTables"]
    equal("one main route table", len(tables), 1)
    gateways = [route.get("GatewayId", "") for route in tables[0]["Routes"]]
    check("the default subnets are public", any(gateway.startswith("igw-") for gateway in gateways), gateways)
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    check("zones are in the region", zones and all(zone["RegionName"] == REGION for zone in zones))
    attributes = ec2.describe_account_attributes(AttributeNames=["supported-platforms"])
    equal("platform", attributes["AccountAttributes"][0]["AttributeValues"], [{"AttributeValue": "VPC"}])
    refused("missing subnet", "InvalidSubnetID.NotFound", ec2.describe_subnets, SubnetIds=["subnet-0missing"])
    refused("missing VPC", "InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-0missing"])


def own_network():
    tags = [{"Key": "Name", "Value": "check"}]
    specification = [{"ResourceType": "vpc", "Tags": tags}]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=specification)["Vpc"]
    equal("tags of a new VPC", vpc["Tags"], tags)
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    subnet = ec2.create_subnet(
        VpcId=vpc["VpcId"], CidrBlock="10.9.1.0/24", AvailabilityZone=zones[0]["ZoneName"]
    )["Subnet"]
    table = ec2.create_route_table(VpcId=vpc["VpcId"])["RouteTable"]
    association = ec2.associate_route_table(
        RouteTableId=table["RouteTableId"], SubnetId=subnet["SubnetId"]
    )["AssociationId"]
    by_subnet = [{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
    found = ec2.describe_route_tables(Filters=by_subnet)["RouteTables"]
    equal("route table by subnet", [t["RouteTableId"] for t in found], [table["RouteTableId"]])
    group = ec2.create_security_group(GroupName="check", Description="for the check", VpcId=vpc["VpcId"])
    again = dict(GroupName="check", Description="again", VpcId=vpc["VpcId"])
    refused("duplicate group", "InvalidGroup.Duplicate", ec2.create_security_group, **again)
    permission = dict(
        IpProtocol="tcp", FromPort=443, ToPort=443, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "in"}]
    )
    arguments = dict(GroupId=group["GroupId"], IpPermissions=[permission])
    rules = ec2.authorize_security_group_ingress(**arguments)["SecurityGroupRules"]
    equal("authorized rule", (rules[0]["FromPort"], rules[0]["CidrIpv4"]), (443, "10.0.0.0/8"))
    refused(
        "duplicate rule", "InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, **arguments
    )
    described = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"][0]
    equal("rule in the group", described["IpPermissions"][0]["IpRanges"], permission["IpRanges"])
    by_group = [{"Name": "group-id", "Values": [group["GroupId"]]}]
    listed = ec2.describe_security_group_rules(Filters=by_group)["SecurityGroupRules"]
    equal("one ingress and one egress rule", sorted(rule["IsEgress"] for rule in listed), [False, True])
    refused("VPC in use", "DependencyViolation", ec2.delete_vpc, VpcId=vpc["VpcId"])
    ec2.revoke_security_group_ingress(**arguments)
    ec2.create_tags(Resources=[subnet["SubnetId"]], Tags=[{"Key": "tier", "Value": "private"}])
    by_tag = [{"Name": "tag:tier", "Values": ["private"]}]
    found = ec2.describe_subnets(Filters=by_tag)["Subnets"]
    equal("subnet by tag", [s["SubnetId"] for s in found], [subnet["SubnetId"]])
    ec2.delete_security_group(GroupId=group["GroupId"])
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    refused("deleted VPC", "InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=[vpc["VpcId"]])


def create():
    created = ecs.create_express_gateway_service(
        serviceName="web",
        executionRoleArn=EXECUTION_ROLE,
        infrastructureRoleArn=INFRASTRUCTURE_ROLE,
        primaryContainer={
            "image": "public.ecr.aws/nginx/nginx:1.28",
            "containerPort": 8080,
            "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        },
        cpuArchitecture="ARM64",
        scalingTarget={"minTaskCount": 2, "maxTaskCount": 4},
        tags=[{"key": "team", "value": "shop"}],
    )["service"]
    arn = state["service"] = created["serviceArn"]
    equal("service ARN", arn, f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/default/web")
    deployment = finished_deployment(arn)
    equal("first deployment", deployment["status"], "SUCCESSFUL")
    service = ecs.describe_express_gateway_service(serviceArn=arn, include=["TAGS"])["service"]
    equal("status", service["status"]["statusCode"], "ACTIVE")
    equal("infrastructure role", service["infrastructureRoleArn"], INFRASTRUCTURE_ROLE)
    check("tags", {"key": "team", "value": "shop"} in service["tags"], service["tags"])
    configuration = service["activeConfigurations"][0]
    state["configuration"] = configuration
    equal("port", configuration["primaryContainer"]["containerPort"], 8080)
    equal("architecture", configuration["cpuArchitecture"], "ARM64")
    equal("default size", (configuration["cpu"], configuration["memory"]), ("1024", "2048"))
    target = configuration["scalingTarget"]
    equal("scaling", (target["minTaskCount"], target["maxTaskCount"]), (2, 4))
    defaults = (target["autoScalingMetric"], target["autoScalingTargetValue"])
    equal("scaling defaults", defaults, ("AVERAGE_CPU", 60))
    check("task definition", "task-definition/" in configuration["taskDefinitionArn"])
    path = configuration["ingressPaths"][0]
    equal("public", path["accessType"], "PUBLIC")
    check("endpoint", path["endpoint"].endswith(f".ecs.{REGION}.on.aws"), path)
    state["host"] = path["endpoint"].removeprefix("https://")
    plain = ecs.describe_services(services=[arn])["services"][0]
    equal("managed by ECS", plain["resourceManagementType"], "ECS")
    equal("running", (plain["desiredCount"], plain["runningCount"]), (2, 2))
    tasks = ecs.list_tasks(serviceName="web")["taskArns"]
    equal("tasks", len(tasks), 2)
    described = ecs.describe_tasks(tasks=tasks)["tasks"]
    equal("tasks run", {task["lastStatus"] for task in described}, {"RUNNING"})


def underneath():
    revision_arn = state["configuration"]["serviceRevisionArn"]
    revision = ecs.describe_service_revisions(serviceRevisionArns=[revision_arn])["serviceRevisions"][0]
    managed = state["managed"] = revision["ecsManagedResources"]
    path = managed["ingressPaths"][0]
    balancer = elbv2.describe_load_balancers(LoadBalancerArns=[path["loadBalancer"]["arn"]])
    balancer = balancer["LoadBalancers"][0]
    equal("load balancer", (balancer["State"]["Code"], balancer["Scheme"]), ("active", "internet-facing"))
    listener = elbv2.describe_listeners(ListenerArns=[path["listener"]["arn"]])["Listeners"][0]
    equal("listener", (listener["Port"], listener["Protocol"]), (443, "HTTPS"))
    rule = elbv2.describe_rules(RuleArns=[path["rule"]["arn"]])["Rules"][0]
    hosts = rule["Conditions"][0]["HostHeaderConfig"]["Values"]
    equal("rule host", hosts, [state["host"]])
    groups = rule["Actions"][-1]["ForwardConfig"]["TargetGroups"]
    equal("two groups, one weight", sorted(group["Weight"] > 0 for group in groups), [False, True])
    live = next(group["TargetGroupArn"] for group in groups if group["Weight"] > 0)
    health = elbv2.describe_target_health(TargetGroupArn=live)["TargetHealthDescriptions"]
    equal("healthy targets", [entry["TargetHealth"]["State"] for entry in health], ["healthy"] * 2)
    arns = [group["arn"] for group in path["targetGroups"]]
    described = elbv2.describe_target_groups(TargetGroupArns=arns)["TargetGroups"]
    equal("target groups", {group["TargetType"] for group in described}, {"ip"})
    tags = elbv2.describe_tags(ResourceArns=arns)["TagDescriptions"]
    check("target groups carry the managed tag", all({"Key": "AmazonECSManaged", "Value": "true"} in t["Tags"] for t in tags))
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=live)["Attributes"]
    delay = [a["Value"] for a in attributes if a["Key"] == "deregistration_delay.timeout_seconds"]
    equal("deregistration delay", delay, ["300"])
    certificate = path["certificate"]["arn"]
    on_listener = elbv2.describe_listener_certificates(ListenerArn=path["listener"]["arn"])["Certificates"]
    check("certificate on the listener", certificate in [c["CertificateArn"] for c in on_listener])
    described = acm.describe_certificate(CertificateArn=certificate)["Certificate"]
    equal("certificate", (described["DomainName"], described["Status"]), (state["host"], "ISSUED"))
    check("certificate in use", path["loadBalancer"]["arn"] in described["InUseBy"], described["InUseBy"])
    refused("certificate in use", "ResourceInUseException", acm.delete_certificate, CertificateArn=certificate)
    group_ids = [entry["arn"].split("/")[-1] for entry in managed["serviceSecurityGroups"]]
    group = ec2.describe_security_groups(GroupIds=group_ids)["SecurityGroups"][0]
    equal("service group admits the container port", group["IpPermissions"][0]["FromPort"], 8080)
    refused("group in use", "DependencyViolation", ec2.delete_security_group, GroupId=group_ids[0])
    by_group = [{"Name": "group-id", "Values": group_ids}]
    interfaces = ec2.describe_network_interfaces(Filters=by_group)["NetworkInterfaces"]
    equal("network interfaces of the tasks", len(interfaces), 2)
    resource = "service/default/web"
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])
    target = targets["ScalableTargets"][0]
    equal("scalable target", (target["MinCapacity"], target["MaxCapacity"]), (2, 4))
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=resource)["ScalingPolicies"]
    value = policies[0]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
    equal("scaling policy", (policies[0]["PolicyType"], value), ("TargetTrackingScaling", 60.0))
    alarms = cloudwatch.describe_alarms(AlarmNames=["default/web/RollbackAlarm"])["MetricAlarms"]
    equal("rollback alarm", (alarms[0]["Threshold"], alarms[0]["EvaluationPeriods"]), (1.0, 3))
    check("alarm time is a time", alarms[0]["StateUpdatedTimestamp"].year > 2020)
    check("alarm is managed", alarms[0]["AlarmArn"] in [a["arn"] for a in managed["metricAlarms"]])
    prefix = managed["logGroups"][0]["logGroupName"]
    found = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    equal("log group", [group["logGroupName"] for group in found], [prefix])
    streams = logs.describe_log_streams(logGroupName=prefix)["logStreams"]
    check("tasks log", len(streams) >= 1, streams)


def update():
    arn = state["service"]
    updated = ecs.update_express_gateway_service(
        serviceArn=arn, primaryContainer={"image": "public.ecr.aws/nginx/nginx:1.29", "containerPort": 8080}
    )["service"]
    configuration = updated["targetConfiguration"]
    equal("new image", configuration["primaryContainer"]["image"], "public.ecr.aws/nginx/nginx:1.29")
    check("new revision", configuration["serviceRevisionArn"] != state["configuration"]["serviceRevisionArn"])
    deployment = finished_deployment(arn, configuration["serviceRevisionArn"])
    equal("update", deployment["status"], "SUCCESSFUL")
    service = ecs.describe_express_gateway_service(serviceArn=arn)["service"]
    images = [c["primaryContainer"]["image"] for c in service["activeConfigurations"]]
    equal("serving the new image", images, ["public.ecr.aws/nginx/nginx:1.29"])
    equal("the rest is kept", service["activeConfigurations"][0]["cpuArchitecture"], "ARM64")


def listing():
    arns = [state["service"]]
    for index in range(3):
        created = ecs.create_express_gateway_service(
            serviceName=f"extra-{index}",
            executionRoleArn=EXECUTION_ROLE,
            infrastructureRoleArn=INFRASTRUCTURE_ROLE,
            primaryContainer={"image": "nginx"},
        )
        arns.append(created["service"]["serviceArn"])
    state["extra"] = arns[1:]
    first = ecs.list_services(maxResults=2, resourceManagementType="ECS")
    equal("first page", len(first["serviceArns"]), 2)
    pages = ecs.get_paginator("list_services").paginate(PaginationConfig={"PageSize": 2})
    equal("all pages", sorted(arn for page in pages for arn in page["serviceArns"]), sorted(arns))
    for arn in arns[1:]:
        finished_deployment(arn)
    listener = state["managed"]["ingressPaths"][0]["listener"]["arn"]
    pages = elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener, PaginationConfig={"PageSize": 2})
    rules = [rule for page in pages for rule in page["Rules"]]
    equal("four rules and the default", len(rules), 5)
    equal("priorities", sorted(rule["Priority"] for rule in rules)[-1], "default")
    shared = elbv2.describe_load_balancers()["LoadBalancers"]
    equal("one load balancer for all", len(shared), 1)
    pages = acm.get_paginator("list_certificates").paginate(PaginationConfig={"PageSize": 2})
    summaries = [summary for page in pages for summary in page["CertificateSummaryList"]]
    check("certificates are listed", len(summaries) >= 4, len(summaries))
    pages = ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5})
    equal("subnets page", len([s for page in pages for s in page["Subnets"]]), len(state["subnets"]))


def tagging():
    arn = state["service"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "test"}])
    tags = ecs.list_tags_for_resource(resourceArn=arn)["tags"]
    check("service is tagged", {"key": "stage", "value": "test"} in tags, tags)
    ecs.untag_resource(resourceArn=arn, tagKeys=["stage"])
    keys = [tag["key"] for tag in ecs.list_tags_for_resource(resourceArn=arn)["tags"]]
    check("service is untagged", "stage" not in keys, keys)
    group = state["managed"]["ingressPaths"][0]["targetGroups"][0]["arn"]
    elbv2.add_tags(ResourceArns=[group], Tags=[{"Key": "a", "Value": "b"}])
    tags = elbv2.describe_tags(ResourceArns=[group])["TagDescriptions"][0]["Tags"]
    check("target group is tagged", {"Key": "a", "Value": "b"} in tags, tags)
    certificate = state["managed"]["ingressPaths"][0]["certificate"]["arn"]
    tags = acm.list_tags_for_certificate(CertificateArn=certificate)["Tags"]
    check("certificate is managed", {"Key": "AmazonECSManaged", "Value": "true"} in tags, tags)


def break_glass():
    rule = state["managed"]["ingressPaths"][0]["rule"]["arn"]
    before = elbv2.describe_rules(RuleArns=[rule])["Rules"][0]
    groups = before["Actions"][0]["ForwardConfig"]["TargetGroups"]
    swapped = [dict(group, Weight=500) for group in groups]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": swapped}}
    after = elbv2.modify_rule(RuleArn=rule, Actions=[action])["Rules"][0]
    weights = [group["Weight"] for group in after["Actions"][0]["ForwardConfig"]["TargetGroups"]]
    equal("weights by hand", weights, [500, 500])
    action["ForwardConfig"]["TargetGroups"] = groups
    elbv2.modify_rule(RuleArn=rule, Actions=[action])
    group = groups[0]["TargetGroupArn"]
    changed = elbv2.modify_target_group(TargetGroupArn=group, HealthCheckIntervalSeconds=10)["TargetGroups"]
    equal("health check by hand", changed[0]["HealthCheckIntervalSeconds"], 10)
    attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}
    changed = elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=[attribute])
    check("attribute by hand", attribute in changed["Attributes"], changed["Attributes"])
    refused("group in use", "ResourceInUse", elbv2.delete_target_group, TargetGroupArn=group)


def refusals():
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/default/missing"
    error = refused("missing service", "ResourceNotFoundException", ecs.describe_express_gateway_service, serviceArn=arn)
    if error:
        check("the error has its class", isinstance(error, ecs.exceptions.ResourceNotFoundException))
    create = ecs.create_express_gateway_service
    common = dict(executionRoleArn=EXECUTION_ROLE, infrastructureRoleArn=INFRASTRUCTURE_ROLE)
    container = {"image": "nginx"}
    refused("missing cluster", "ClusterNotFoundException", create, cluster="none", primaryContainer=container, **common)
    refused("bad size", "InvalidParameterException", create, cpu="256", memory="30720", primaryContainer=container, **common)
    region_rule = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener-rule/app/a/1/2/3"
    error = refused("missing rule", "RuleNotFound", elbv2.describe_rules, RuleArns=[region_rule])
    if error:
        check("the XML error has its class", isinstance(error, elbv2.exceptions.RuleNotFoundException))
    missing = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000"
    refused("missing certificate", "ResourceNotFoundException", acm.describe_certificate, CertificateArn=missing)
    refused("missing alarm", "ResourceNotFound", cloudwatch.delete_alarms, AlarmNames=["missing"])
    refused("missing log group", "ResourceNotFoundException", logs.delete_log_group, logGroupName="/missing")
    refused("missing group", "InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=["sg-0missing"])
    refused(
        "missing scalable target",
        "ObjectNotFoundException",
        scaling.deregister_scalable_target,
        ServiceNamespace="ecs",
        ResourceId="service/default/missing",
        ScalableDimension="ecs:service:DesiredCount",
    )


def isolation():
    elsewhere = client("ecs", region="us-west-2")
    equal("regions are apart", elsewhere.list_services()["serviceArns"], [])
    clusters = elsewhere.list_clusters()["clusterArns"]
    check("ARNs are of the region", all(":us-west-2:" in arn for arn in clusters), clusters)
    other = client("ecs", access_key="222222222222")
    equal("accounts are apart", other.list_services()["serviceArns"], [])
    seen = client("elbv2", access_key="222222222222").describe_load_balancers()["LoadBalancers"]
    equal("load balancers of accounts are apart", seen, [])


def faults():
    control("POST", "faults", {"service": "elbv2", "operation": "DescribeRules", "effect": {"type": "throttle"}})
    refused("scripted throttling", "Throttling", elbv2.describe_rules, RuleArns=["arn"])
    control("POST", "faults", {"operation": "ListClusters", "effect": {"type": "lose-reply"}})
    try:
        ecs.list_clusters()
        check("lost reply", False)
    except botocore.exceptions.HTTPClientError:
        check("lost reply", True)
    listed = control("GET", "faults")["faults"]
    equal("faults are listed", [fault["applied"] for fault in listed], [1, 1])
    control("DELETE", "faults")
    calls = control("GET", "calls")["calls"]
    check("calls are recorded", any(call["operation"] == "CreateExpressGatewayService" for call in calls))
    equal("health", control("GET", "health")["status"], "ok")


def rollback():
    scenario = {"name": "crash:137", "service": "web"}
    control("POST", "scenario", scenario)
    updated = ecs.update_express_gateway_service(
        serviceArn=state["service"], primaryContainer={"image": "broken", "containerPort": 8080}
    )["service"]["targetConfiguration"]
    deployment = finished_deployment(state["service"], updated["serviceRevisionArn"])
    equal("a crashing update is rolled back", deployment["status"], "ROLLBACK_SUCCESSFUL")
    stopped = ecs.list_tasks(serviceName="web", desiredStatus="STOPPED")["taskArns"]
    check("stopped tasks are listed", stopped)
    tasks = ecs.describe_tasks(tasks=stopped[:10])["tasks"]
    codes = {container.get("exitCode") for task in tasks for container in task["containers"]}
    check("a stopped task has its exit code", 137 in codes, codes)
    service = ecs.describe_express_gateway_service(serviceArn=state["service"])["service"]
    images = [c["primaryContainer"]["image"] for c in service["activeConfigurations"]]
    equal("the old image serves", images, ["public.ecr.aws/nginx/nginx:1.29"])
    events = ecs.describe_services(services=[state["service"]])["services"][0]["events"]
    check("events tell of it", len(events) > 0)
    control("DELETE", "scenario")


def by_other_protocols():
    """CloudWatch as older SDKs speak to it: awsJson 1.0 and Query."""
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/monitoring/aws4_request"}
    target = {"X-Amz-Target": "GraniteServiceVersion20100801.DescribeAlarms", "Content-Type": "application/x-amz-json-1.0"}
    request = urllib.request.Request(ENDPOINT, b"{}", signed | target)
    with urllib.request.urlopen(request) as response:
        alarms = json.load(response)["MetricAlarms"]
    check("alarms over awsJson", "default/web/RollbackAlarm" in [alarm["AlarmName"] for alarm in alarms])
    body = b"Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=default%2Fweb%2FRollbackAlarm"
    with urllib.request.urlopen(urllib.request.Request(ENDPOINT, body, signed)) as response:
        root = ElementTree.fromstring(response.read())
    names = [node.text for node in root.iter() if node.tag.endswith("}AlarmName")]
    equal("alarms over Query", names, ["default/web/RollbackAlarm"])
    times = [node.text for node in root.iter() if node.tag.endswith("}StateUpdatedTimestamp")]
    check("times over Query", times[0].endswith("Z") and "T" in times[0], times)


def delete():
    for arn in [state["service"], *state["extra"]]:
        deleted = ecs.delete_express_gateway_service(serviceArn=arn)["service"]
        equal("deleting", deleted["status"]["statusCode"], "DRAINING")

    def is_gone(arn):
        service = ecs.describe_express_gateway_service(serviceArn=arn)["service"]
        return service["status"]["statusCode"] == "INACTIVE"

    for arn in [state["service"], *state["extra"]]:
        wait_until("a deleted service becomes inactive", lambda arn=arn: is_gone(arn))
    control("POST", "advance", {"seconds": 1800})
    equal("no load balancer is left", elbv2.describe_load_balancers()["LoadBalancers"], [])
    equal("no target group is left", elbv2.describe_target_groups()["TargetGroups"], [])
    equal("no certificate is left", acm.list_certificates()["CertificateSummaryList"], [])
    equal("no alarm is left", cloudwatch.describe_alarms()["MetricAlarms"], [])
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    equal("no scalable target is left", targets, [])
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [state["vpc"]]}])
    equal("no group is left", [g["GroupName"] for g in groups["SecurityGroups"]], ["default"])
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    equal("no network interface is left", interfaces, [])
    check("the log group stays", len(logs.describe_log_groups()["logGroups"]) >= 1)
    families = ecs.list_task_definitions()["taskDefinitionArns"]
    check("the task definitions stay", len(families) >= 2, families)


def by_hand():
    """What Express Mode makes, call by call, in an account of its own."""
    names = ["elbv2", "ec2", "acm", "route53", "wafv2"]
    elb, net, certificates, dns, waf = (client(name, access_key="555555555555") for name in names)
    vpc = net.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    subnets = net.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    check("subnets have room", all(subnet["AvailableIpAddressCount"] >= 8 for subnet in subnets), subnets)
    subnet_ids = [subnet["SubnetId"] for subnet in subnets]
    group = net.create_security_group(GroupName="balancer", Description="of a load balancer", VpcId=vpc)["GroupId"]

    zone = dns.list_hosted_zones_by_name(DNSName="example.com")["HostedZones"][0]
    equal("the first zone", (zone["Name"], zone["Config"]["PrivateZone"]), ("example.com.", False))
    equal("the zone by id", dns.get_hosted_zone(Id=zone["Id"])["HostedZone"]["Id"], zone["Id"])
    refused("missing zone", "NoSuchHostedZone", dns.get_hosted_zone, Id="Z0")

    def change(action, record):
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        return dns.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch=batch)["ChangeInfo"]

    requested = certificates.request_certificate(
        DomainName="api.example.com", ValidationMethod="DNS", IdempotencyToken="one", Tags=[{"Key": "k", "Value": "v"}]
    )["CertificateArn"]

    def described():
        return certificates.describe_certificate(CertificateArn=requested)["Certificate"]

    option = wait_until("the validation record is said", lambda: described()["DomainValidationOptions"][0].get("ResourceRecord"))
    equal("pending", described()["Status"], "PENDING_VALIDATION")
    record = {"Name": option["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": option["Value"]}]}
    made = change("UPSERT", record)
    equal("a change is pending", made["Status"], "PENDING")
    wait_until("a change is in sync", lambda: dns.get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "INSYNC")
    wait_until("a proved certificate is issued", lambda: described()["Status"] == "ISSUED")

    balancer_settings = dict(Name="by-hand", Subnets=subnet_ids, SecurityGroups=[group], Tags=[{"Key": "k", "Value": "v"}])
    balancer = elb.create_load_balancer(**balancer_settings)["LoadBalancers"][0]
    again = elb.create_load_balancer(**balancer_settings)["LoadBalancers"][0]
    equal("the same load balancer again", again["LoadBalancerArn"], balancer["LoadBalancerArn"])
    refused("another of the name", "DuplicateLoadBalancerName", elb.create_load_balancer, **balancer_settings | {"Scheme": "internal"})
    refused("one zone", "ValidationError", elb.create_load_balancer, Name="x", Subnets=subnet_ids[:1])
    arn = balancer["LoadBalancerArn"]
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}
    secure = dict(LoadBalancerArn=arn, Port=443, Protocol="HTTPS", Certificates=[{"CertificateArn": requested}])
    listener = elb.create_listener(**secure, DefaultActions=[fixed])["Listeners"][0]["ListenerArn"]
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    plain = elb.create_listener(LoadBalancerArn=arn, Port=80, Protocol="HTTP", DefaultActions=[redirect])["Listeners"][0]
    equal("the redirect's port", plain["DefaultActions"][0]["RedirectConfig"]["Port"], "443")
    refused("the port again", "DuplicateListener", elb.create_listener, **secure, DefaultActions=[redirect])
    equal("used by", described()["InUseBy"], [arn])
    refused("certificate in use", "ResourceInUseException", certificates.delete_certificate, CertificateArn=requested)

    groups = []
    for name in ["a", "b"]:
        settings = dict(Name=f"by-hand-{name}", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckPath="/health")
        made = elb.create_target_group(**settings)["TargetGroups"][0]
        equal("the same group again", elb.create_target_group(**settings)["TargetGroups"][0], made)
        refused("another group of the name", "DuplicateTargetGroupName", elb.create_target_group, **settings | {"Port": 80})
        groups.append(made["TargetGroupArn"])
    weights = [{"TargetGroupArn": groups[0], "Weight": 100}, {"TargetGroupArn": groups[1], "Weight": 0}]
    slot = dict(
        ListenerArn=listener,
        Priority=40001,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["api.example.com"]}}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )
    rule = elb.create_rule(**slot)["Rules"][0]
    equal("the slot", (rule["Priority"], rule["IsDefault"]), ("40001", False))
    error = refused("the priority again", "PriorityInUse", elb.create_rule, **slot)
    if error:
        check("the refusal has its class", isinstance(error, elb.exceptions.PriorityInUseException))

    alias = {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"], "EvaluateTargetHealth": False}
    record = {"Name": "api.example.com", "Type": "A", "AliasTarget": alias}
    change("CREATE", record)
    refused("the record again", "InvalidChangeBatch", lambda: change("CREATE", record))
    listed = dns.list_resource_record_sets(HostedZoneId=zone["Id"], StartRecordName="api.example.com", MaxItems="1")
    equal("the alias", listed["ResourceRecordSets"][0]["AliasTarget"]["DNSName"], balancer["DNSName"].lower() + ".")
    pages = dns.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone["Id"], PaginationConfig={"PageSize": 1})
    kinds = sorted(record["Type"] for page in pages for record in page["ResourceRecordSets"])
    equal("all records, page by page", kinds, ["A", "CNAME", "NS", "SOA"])
    check_config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": REGION, "Name": "a"}}
    health = dns.create_health_check(CallerReference="r", HealthCheckConfig=check_config)["HealthCheck"]
    equal("the health check", dns.get_health_check(HealthCheckId=health["Id"])["HealthCheck"]["HealthCheckConfig"], check_config)
    dns.delete_health_check(HealthCheckId=health["Id"])

    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    acl = waf.create_web_acl(Name="acl", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility)["Summary"]
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=arn)
    equal("the web ACL", waf.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["Name"], "acl")
    in_use = dict(Name="acl", Scope="REGIONAL", Id=acl["Id"], LockToken=acl["LockToken"])
    refused("web ACL in use", "WAFAssociatedItemException", waf.delete_web_acl, **in_use)

    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection])
    refused("protected", "OperationNotPermitted", elb.delete_load_balancer, LoadBalancerArn=arn)
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection | {"Value": "false"}])
    elb.delete_load_balancer(LoadBalancerArn=arn)
    refused("group of interfaces", "DependencyViolation", net.delete_security_group, GroupId=group)
    control("POST", "advance", {"seconds": 300})
    net.delete_security_group(GroupId=group)
    for target_group in groups:
        elb.delete_target_group(TargetGroupArn=target_group)
    change("DELETE", record)
    certificates.delete_certificate(CertificateArn=requested)
    waf.delete_web_acl(**in_use)
    equal("no rule is left", control("GET", "state")["world"]["regions"][f"555555555555/{REGION}"]["elbv2"]["rules"], {})


def own_service():
    """An account of its own, so that the other sections find nothing of it."""
    plain_service.run(lambda service: client(service, access_key="555555555555"), globals())


SECTIONS = [
    identity, network, own_network, own_service, create, underneath, update, listing,
    tagging, break_glass, by_other_protocols, rollback, refusals, isolation, faults, by_hand, delete,
]  # fmt: skip

for section in SECTIONS:
    try:
        section()
    except Exception:
        check(f"{section.__name__} ran to its end", False)
        traceback.print_exc(file=sys.stdout)

print(f"{passed} passed, {len(failures)} failed")
sys.exit(1 if failures else 0)
