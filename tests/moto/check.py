"""The composed engine's whole life with the real terraform (and tofu, where present) against moto.

usage: check.py [--moves] <provider binary>
Run by tests/moto/run. With --moves a service also gets another host name, and one moves to another load balancer:
clients follow DNS, so that takes twelve minutes of real time.
"""

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

# Read when moto is loaded. Certificates are issued a second after their request.
os.environ.update(MOTO_ACM_VALIDATION_WAIT="1", MOTO_ECS_SERVICE_RUNNING="1")

import boto3  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

import scalable_targets  # noqa: E402
from bridge import Bridge  # noqa: E402

MOVES = "--moves" in sys.argv[1:]
BINARY = Path(sys.argv[-1]).resolve()
REGION = "eu-central-1"
KEYS = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "moto", "region_name": REGION}
IN_MOTO = [
    "acm", "applicationautoscaling", "cloudwatch", "ec2", "ecr", "elbv2", "iam", "logs", "route53", "secretsmanager",
    "ssm", "sts", "wafv2",
]  # fmt: skip

passed, failures = 0, []


def check(what, is_so):
    global passed
    if is_so:
        passed += 1
    else:
        failures.append(what)
        print(f"FAILED: {what}", flush=True)


def equal(what, found, wanted):
    check(f"{what}: found {found!r}, wanted {wanted!r}", found == wanted)


def clients_of(endpoint):
    known = {}

    def client(service):
        if service not in known:
            known[service] = boto3.client(service, endpoint_url=endpoint, **KEYS)
        return known[service]

    return client


class Terraform:
    def __init__(self, core, folder, endpoints):
        self.core, self.folder = core, folder
        self.provider = self.provider_block(endpoints)
        override = f'provider_installation {{\n  dev_overrides {{ "express-gateway/express" = "{BINARY.parent}" }}\n  direct {{}}\n}}\n'
        (folder / "cli.tfrc").write_text(override)
        kept = {name: os.environ[name] for name in ["PATH", "HOME", "TMPDIR"] if name in os.environ}
        self.environment = kept | {"TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"), "CHECKPOINT_DISABLE": "1"}

    def provider_block(self, endpoints):
        members = "\n".join(f'    {name} = "{url}"' for name, url in endpoints.items())
        return f"""
terraform {{
  required_providers {{
    express = {{ source = "express-gateway/express" }}
  }}
}}

provider "express" {{
  engine     = "composed"
  region     = "{REGION}"
  access_key = "{KEYS['aws_access_key_id']}"
  secret_key = "{KEYS['aws_secret_access_key']}"

  endpoints {{
{members}
  }}
}}
"""

    def write(self, *resources):
        (self.folder / "main.tf").write_text(self.provider + "\n".join(resources))

    def run(self, *arguments):
        began = time.monotonic()
        command = [self.core, *arguments, "-no-color"]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=900)
        print(f"  {done.returncode}  {time.monotonic() - began:5.1f} s  {Path(self.core).name} {' '.join(arguments)}", flush=True)
        return done

    def apply(self, what):
        applied = self.run("apply", "-auto-approve", "-input=false")
        if applied.returncode:
            raise SystemExit(f"FAILED: {what} is not applied:\n{applied.stdout[-3000:]}{applied.stderr[-5000:]}")
        planned = self.run("plan", "-detailed-exitcode", "-input=false")
        check(f"{what} is quiet afterwards:\n{planned.stdout[-5000:]}{planned.stderr}", planned.returncode == 0)
        return applied

    def destroy(self):
        destroyed = self.run("destroy", "-auto-approve", "-input=false")
        check(f"everything is destroyed:\n{destroyed.stdout[-3000:]}{destroyed.stderr[-5000:]}", destroyed.returncode == 0)

    def attribute(self, service, path):
        shown = json.loads(self.run("show", "-json").stdout)
        resources = shown["values"]["root_module"]["resources"]
        value = next(one["values"] for one in resources if one["name"] == service)
        for name in path.split("."):
            value = value[name]
        return value


def make_ground(moto):
    """A public network of two zones and a hosted zone."""
    ec2 = moto("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [(f"{REGION}a", "10.0.0.0/24"), (f"{REGION}b", "10.0.1.0/24")]
    subnets = [ec2.create_subnet(VpcId=vpc, AvailabilityZone=zone, CidrBlock=block) for zone, block in zones]
    subnets = [made["Subnet"]["SubnetId"] for made in subnets]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    zone = moto("route53").create_hosted_zone(Name="example.com", CallerReference="zone")["HostedZone"]["Id"]
    return subnets, zone


def list_everything(client, zone=None):
    """Everything that a service is made of, by kind and name."""
    elbv2, ec2 = client("elbv2"), client("ec2")
    found = set()
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        found.add(f"load balancer {balancer['LoadBalancerName']}")
        for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            found.add(f"listener {listener['ListenerArn']}")
            rules = elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            found |= {f"rule {rule['RuleArn']}" for rule in rules}
    found |= {f"target group {one['TargetGroupName']}" for one in elbv2.describe_target_groups()["TargetGroups"]}
    groups = ec2.describe_security_groups()["SecurityGroups"]
    found |= {f"security group {one['GroupName']} {one['GroupId']}" for one in groups}
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    found |= {f"network interface {one['NetworkInterfaceId']}" for one in interfaces}
    certificates = client("acm").list_certificates(Includes={"keyTypes": ["RSA_2048", "EC_prime256v1"]})
    found |= {f"certificate {one['DomainName']}" for one in certificates["CertificateSummaryList"]}
    # Those of scaling policies are Application Auto Scaling's; moto keeps them when it changes a policy.
    alarms = [one["AlarmName"] for one in client("cloudwatch").describe_alarms()["MetricAlarms"]]
    found |= {f"alarm {name}" for name in alarms if not name.startswith("TargetTracking-")}
    scaling = client("application-autoscaling")
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    found |= {f"scalable target {one['ResourceId']}" for one in targets}
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    found |= {f"scaling policy {one['PolicyName']}" for one in policies}
    found |= {f"log group {one['logGroupName']}" for one in client("logs").describe_log_groups()["logGroups"]}
    if zone:
        records = client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        found |= {f"record {one['Type']} {one['Name']}" for one in records}
    return found


def service(name, subnets, *members, image="public.ecr.aws/nginx/nginx:1.28"):
    lines = "\n".join(f"  {member}" for member in members)
    listed = ", ".join(f'"{subnet}"' for subnet in subnets)
    return f"""
resource "express_gateway_service" "{name}" {{
  service_name            = "{name}"
  primary_container       = {{ image = "{image}" }}
  execution_role_arn      = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"
  network_configuration   = {{ subnets = [{listed}] }}
{lines}
}}
"""


ON_DOMAIN = 'domain = { hosted_zone = "example.com" }'


def live_as(core, moto, sandbox, sandbox_url, moto_url):
    print(f"{Path(core).name}:", flush=True)
    for url in (f"{moto_url}/moto-api/reset", f"{sandbox_url}/_sandbox/reset"):
        urllib.request.urlopen(urllib.request.Request(url, b"", method="POST"), timeout=60).close()
    subnets, zone = make_ground(moto)
    before = list_everything(moto, zone)
    before_in_sandbox = list_everything(sandbox)
    bridge = Bridge(moto, sandbox, sandbox_url)
    try:
        with tempfile.TemporaryDirectory(prefix="express-moto-") as folder:
            endpoints = dict.fromkeys(IN_MOTO, moto_url) | {"ecs": bridge.url}
            terraform = Terraform(core, Path(folder), {name: endpoints[name] for name in sorted(endpoints)})
            terraform.sandbox = sandbox
            live(terraform, moto, bridge, subnets, zone)
        bridge.forget_what_is_gone()
        equal("what ECS did reached moto", bridge.failures, [])
    finally:
        bridge.stop()
    kept = {f"log group {name}" for name in list_kept_log_groups(moto)}
    after = list_everything(moto, zone) - kept
    # The record that validates a name is the same for all certificates of that name in the account.
    proofs = {one for one in after if one.startswith("record CNAME _")}
    equal("left in moto", sorted(after - proofs - before), [])
    equal("gone from moto", sorted(before - after), [])
    # The copy of the network, which moto keeps, has a group of its own.
    left = {one for one in list_everything(sandbox) - before_in_sandbox - kept if " default " not in one}
    equal("left in the sandbox", sorted(left), [])
    equal("services left", sandbox("ecs").list_services()["serviceArns"], [])


def list_kept_log_groups(moto):
    names = [one["logGroupName"] for one in moto("logs").describe_log_groups()["logGroups"]]
    check(f"log groups outlive their services: {names}", len(names) == 3)
    return names


def live(terraform, moto, bridge, subnets, zone):
    elbv2 = moto("elbv2")
    terraform.write(service("api", subnets, ON_DOMAIN))
    terraform.apply("a service on a domain")
    check_service(terraform, moto, subnets, zone)
    before = len(bridge.weights_written)

    changed = service(
        "api", subnets, ON_DOMAIN,
        "scaling_target = { min_task_count = 2, max_task_count = 5 }",
        'tags = { team = "payments" }',
        'health_check = { interval_seconds = 15, matcher = "200-299" }',
        'health_check_path = "/ready"',
        image="public.ecr.aws/nginx/nginx:1.29",
    )  # fmt: skip
    terraform.write(changed)
    terraform.apply("another image, scaling, tags and health check")
    canary = bridge.weights_written[before:]
    check(f"ECS shifted the traffic of moto's rule by a canary: {canary}", [50, 950] in canary and canary[-1] == [0, 100])
    for group in elbv2.describe_target_groups()["TargetGroups"]:
        found = (group["HealthCheckPath"], group["HealthCheckIntervalSeconds"], group["Matcher"])
        equal("health check of each target group", found, ("/ready", 15, {"HttpCode": "200-299"}))
    targets = moto("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    equal("bounds", [(one["MinCapacity"], one["MaxCapacity"]) for one in targets], [(2, 5)])

    check_rollback(terraform, moto, bridge, changed)
    check_removals(terraform, moto, subnets, changed)

    terraform.write(changed, service("web", subnets, ON_DOMAIN))
    terraform.apply("a second service")
    arns = {terraform.attribute(name, "infrastructure.load_balancer_arn") for name in ["api", "web"]}
    equal("load balancers of two services", len(arns), 1)
    equal("load balancers", len(elbv2.describe_load_balancers()["LoadBalancers"]), 1)

    acl = make_web_acl(moto)
    plain = service("plain", subnets, f'web_acl_arn = "{acl}"')
    terraform.write(changed, service("web", subnets, ON_DOMAIN), plain)
    terraform.apply("a service without a domain")
    url = terraform.attribute("plain", "url")
    check(f"it answers over HTTP on a load balancer of its own: {url}", url.startswith("http://xp-"))
    equal("load balancers", len(elbv2.describe_load_balancers()["LoadBalancers"]), 2)
    guarded = terraform.attribute("plain", "infrastructure.load_balancer_arn")
    equal("its web ACL", moto("wafv2").get_web_acl_for_resource(ResourceArn=guarded)["WebACL"]["ARN"], acl)
    if MOVES:
        check_moves(terraform, moto, subnets, changed, plain)

    terraform.write(service("web", subnets, ON_DOMAIN), plain)
    terraform.apply("the first service's deletion")
    shared = terraform.attribute("web", "infrastructure.load_balancer_arn")
    equal("load balancer that the other service is on", {shared}, arns)
    terraform.destroy()


def check_service(terraform, moto, subnets, zone):
    """What moto has of the first service, against what the provider says."""
    elbv2 = moto("elbv2")
    equal("url", terraform.attribute("api", "url"), "https://api.example.com")
    known = terraform.attribute("api", "infrastructure")
    balancer = elbv2.describe_load_balancers(LoadBalancerArns=[known["load_balancer_arn"]])["LoadBalancers"][0]
    equal("zones", {one["SubnetId"] for one in balancer["AvailabilityZones"]}, set(subnets))
    equal("scheme", balancer["Scheme"], "internet-facing")
    rule = elbv2.describe_rules(RuleArns=[known["listener_rule_arn"]])["Rules"][0]
    equal("host", rule["Conditions"][0]["HostHeaderConfig"]["Values"], ["api.example.com"])
    forward = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    equal("target groups of the rule", {one["TargetGroupArn"] for one in forward}, set(known["target_group_arns"]))
    live = [one["TargetGroupArn"] for one in forward if one["Weight"]]
    equal("live target groups", len(live), 1)
    health = elbv2.describe_target_health(TargetGroupArn=live[0])["TargetHealthDescriptions"]
    equal("targets of the live one", [one["TargetHealth"]["State"] for one in health], ["healthy"])
    certificate = moto("acm").describe_certificate(CertificateArn=known["certificate_arn"])["Certificate"]
    equal("certificate", (certificate["DomainName"], certificate["Status"]), ("api.example.com", "ISSUED"))
    served = elbv2.describe_listener_certificates(ListenerArn=known["listener_arn"])["Certificates"]
    check("the listener serves it", known["certificate_arn"] in [one["CertificateArn"] for one in served])
    records = moto("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    alias = [one["AliasTarget"]["DNSName"] for one in records if one["Type"] == "A"]
    equal("alias record", [re.sub(r"^dualstack\.|\.$", "", one.lower()) for one in alias], [balancer["DNSName"].lower()])
    alarms = [one["AlarmName"] for one in moto("cloudwatch").describe_alarms()["MetricAlarms"]]
    check(f"there is a rollback alarm: {alarms}", "default/api/RollbackAlarm" in alarms)


def check_rollback(terraform, moto, bridge, changed):
    """An alarm of moto that goes off in the canary: the apply fails and says so, the weights are as they were."""
    alarm = "default/api/RollbackAlarm"
    set_state = moto("cloudwatch").set_alarm_state

    def go_off(weights):
        if weights == [50, 950]:
            set_state(AlarmName=alarm, StateValue="ALARM", StateReason="check")

    definition = terraform.attribute("api", "task_definition_arn")
    terraform.write(changed.replace("nginx:1.29", "nginx:1.30"))
    bridge.after_write = go_off
    failed = terraform.run("apply", "-auto-approve", "-input=false")
    bridge.after_write = None
    check("an apply fails whose deployment is rolled back", failed.returncode == 1)
    check(f"it names the alarm:\n{failed.stderr}", alarm in failed.stderr and "rolled back" in failed.stderr)
    equal("weights", bridge.weights_written[-2:], [[50, 950], [0, 100]])
    equal("task definition", terraform.attribute("api", "task_definition_arn"), definition)
    set_state(AlarmName=alarm, StateValue="OK", StateReason="check")
    terraform.write(changed)
    terraform.apply("the image from before")


def check_removals(terraform, moto, subnets, before):
    """Another life: a variable, a secret and a sidecar come and go, and the bounds of scaling change both times."""
    image = 'image = "public.ecr.aws/nginx/nginx:1.29"'
    secret = f'secrets = {{ KEY = "arn:aws:ssm:{REGION}:123456789012:parameter/key" }}'
    plain = f"primary_container       = {{ {image} }}"
    full = before.replace(plain, f'primary_container = {{ {image}, environment = {{ A = "1", B = "2" }}, {secret} }}')
    full = full.replace("max_task_count = 5 }", 'max_task_count = 6 }\n  sidecars = { agent = { image = "agent:1" } }')
    terraform.write(full)
    terraform.apply("variables, a secret, a sidecar and another bound")
    names = lambda members: sorted(one["name"] for one in members)  # noqa: E731
    definition = lambda: bridge_definition(terraform)  # noqa: E731
    equal("containers", names(definition()), ["Main", "agent"])
    terraform.write(before)
    terraform.apply("none of them")
    containers = definition()
    equal("containers", names(containers), ["Main"])
    equal("variables", containers[0].get("environment", []), [])
    equal("secrets", containers[0].get("secrets", []), [])
    targets = moto("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    equal("bounds", [(one["MinCapacity"], one["MaxCapacity"]) for one in targets], [(2, 5)])


def bridge_definition(terraform):
    """The containers of the registered task definition, as ECS answers them."""
    arn = terraform.attribute("api", "task_definition_arn")
    return terraform.sandbox("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]


def make_web_acl(moto):
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    settings = dict(Name="acl", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility)
    return moto("wafv2").create_web_acl(**settings)["Summary"]["ARN"]


def check_moves(terraform, moto, subnets, first, plain):
    """One service gets another host name, and one goes to another load balancer, at the same time."""
    renamed = first.replace(ON_DOMAIN, 'domain = { hosted_zone = "example.com", hostname = "www.example.com" }')
    moved = service("web", subnets, ON_DOMAIN, 'load_balancer = { pool = "team" }')
    before = terraform.attribute("web", "infrastructure.load_balancer_arn")
    terraform.write(renamed, moved, plain)
    terraform.apply("another host name and another load balancer")
    equal("url", terraform.attribute("api", "url"), "https://www.example.com")
    rule = moto("elbv2").describe_rules(RuleArns=[terraform.attribute("api", "infrastructure.listener_rule_arn")])
    equal("host", rule["Rules"][0]["Conditions"][0]["HostHeaderConfig"]["Values"], ["www.example.com"])
    after = terraform.attribute("web", "infrastructure.load_balancer_arn")
    check("the service has another load balancer", before != after)
    groups = terraform.attribute("web", "infrastructure.target_group_arns")
    health = [moto("elbv2").describe_target_health(TargetGroupArn=group) for group in groups]
    targets = [one for answer in health for one in answer["TargetHealthDescriptions"]]
    check(f"its tasks are behind the new one: {targets}", targets)
    terraform.write(renamed, service("web", subnets, ON_DOMAIN), plain)
    terraform.apply("the way back")
    equal("load balancer", terraform.attribute("web", "infrastructure.load_balancer_arn"), before)


def main():
    cores = [found for found in map(shutil.which, ["terraform", "tofu"]) if found]
    if not cores:
        sys.exit("neither terraform nor tofu is on PATH")
    # What ends this ends the sandbox.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to end"))
    # Moto shows what it makes at once, and so must what the bridge copies.
    command = [BINARY, "sandbox", "--port", "0", "--at-once"]
    sandbox_process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    # A line for each request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        # Its only line on standard output is its endpoint.
        sandbox_url = sandbox_process.stdout.readline().strip()
        host, port = server.get_host_and_port()
        moto_url = f"http://{host}:{port}"
        scalable_targets.install(clients_of(sandbox_url))
        for core in cores:
            live_as(core, clients_of(moto_url), clients_of(sandbox_url), sandbox_url, moto_url)
    finally:
        server.stop()
        sandbox_process.terminate()
        sandbox_process.wait(timeout=20)
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
