"""ECS between two worlds: the provider's ECS calls go to the sandbox, which has no load balancers of moto's.

What ECS is told of (subnets, security groups, target groups, a listener rule) is copied from moto into the sandbox
before the call, and the names are translated in both directions. So the sandbox's ECS judges what moto says. What ECS
then does to load balancers, weights of the rule and targets of the groups, is done to moto, as ECS would; and an alarm
that goes off in moto goes off for ECS.
"""

import http.server
import json
import re
import threading
import urllib.request

from botocore.exceptions import ClientError

NAMED = re.compile(r"subnet-[0-9a-f]+|sg-[0-9a-f]+|arn:aws:elasticloadbalancing:[^\"\s,)]+")
# Refers to what comes after it, so it goes first.
KINDS = ["rule", "listener", "balancer", "target_group", "group", "subnet", "vpc"]
TARGET_GROUP_SETTINGS = [
    "Protocol", "ProtocolVersion", "Port", "TargetType", "HealthCheckPath", "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount", "Matcher",
]  # fmt: skip
HEALTH_CHECK_SETTINGS = [name for name in TARGET_GROUP_SETTINGS if "Health" in name] + ["Matcher"]
# How often the sandbox is asked what ECS has done: a step of a canary lasts longer.
LOOK_SECONDS = 0.1


def chosen(thing, names):
    return {name: thing[name] for name in names if name in thing}


def is_missing(error):
    return "NotFound" in error.response["Error"]["Code"]


class Bridge:
    """`moto` and `sandbox` make a boto3 client of a service's name."""

    def __init__(self, moto, sandbox, sandbox_url):
        self.moto, self.sandbox, self.sandbox_url = moto, sandbox, sandbox_url
        self.copies = {kind: {} for kind in KINDS}  # original id: id of the copy
        self.weights = {}  # copied rule: weights of its groups that were last seen there
        self.weights_written = []  # what ECS wrote into rules of moto
        self.targets = {}  # copied target group: its targets that were last seen
        self.alarms = {}  # alarm that deployments watch: state that was last seen
        self.after_write = None  # called with the weights after ECS wrote them
        self.failures = []
        self.lock = threading.RLock()
        bridge = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, body = bridge.answer(self.headers, body)
                self.send_response(status)
                for name in ["Content-Type", "x-amzn-RequestId", "x-amzn-ErrorType"]:
                    if headers.get(name):
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.ended = threading.Event()
        self.watch = threading.Thread(target=self.carry_over_until_the_end, daemon=True)
        self.watch.start()

    def stop(self):
        self.ended.set()
        self.watch.join()
        self.server.shutdown()

    # Calls

    def answer(self, headers, body):
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        text = body.decode()
        if operation in ("CreateService", "UpdateService"):
            with self.lock:
                self.forget_what_is_gone()
                self.copy_what_is_named(text)
                watched = json.loads(text).get("deploymentConfiguration", {}).get("alarms", {})
                self.copy_alarms(watched.get("alarmNames", []))
        status, answered, text = self.pass_on(headers, self.translated(text, False))
        if status == 200:
            self.tell_moto(operation, json.loads(body or "{}"))
        return status, answered, self.translated(text, True).encode()

    def pass_on(self, headers, text):
        kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
        request = urllib.request.Request(self.sandbox_url, text.encode(), kept)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def translated(self, text, is_answer):
        with self.lock:
            for copies in self.copies.values():
                for original, copy in copies.items():
                    text = text.replace(copy, original) if is_answer else text.replace(original, copy)
        return text

    def tell_moto(self, operation, given):
        """Application Auto Scaling of moto takes services only that ECS of moto has."""
        ecs = self.moto("ecs")
        if operation == "CreateService":
            ecs.create_cluster(clusterName=given["cluster"])
            ecs.create_service(cluster=given["cluster"], serviceName=given["serviceName"])
        if operation == "DeleteService":
            ecs.delete_service(cluster=given["cluster"], service=given["service"].rpartition("/")[2], force=True)

    # From moto to the sandbox

    def copy_what_is_named(self, text):
        for name in sorted(set(NAMED.findall(text))):
            resource = name.split(":", 5)[-1]
            if name.startswith("subnet-"):
                self.subnet(name)
            elif name.startswith("sg-"):
                self.group(name)
            elif resource.startswith("targetgroup/"):
                self.target_group(name)
                self.rules_of(name)
            elif resource.startswith("listener-rule/"):
                self.rule(name)
        for original, copy in self.copies["group"].items():
            self.copy_permissions(original, copy)
        self.copy_log_groups()

    def copy_log_groups(self):
        """Tasks start only if their log group is there; they write nothing that anybody reads."""
        named = [{one["logGroupName"] for one in client("logs").describe_log_groups()["logGroups"]}
                 for client in (self.moto, self.sandbox)]  # fmt: skip
        for name in named[0] - named[1]:
            self.sandbox("logs").create_log_group(logGroupName=name)

    def copy_alarms(self, names):
        for name in names:
            if name not in self.alarms:
                settings = dict(MetricName="m", Namespace="n", Statistic="Sum", Period=60, Threshold=1)
                operator = "GreaterThanThreshold"
                self.sandbox("cloudwatch").put_metric_alarm(
                    AlarmName=name, EvaluationPeriods=1, ComparisonOperator=operator, **settings
                )
                self.alarms[name] = "INSUFFICIENT_DATA"

    def copy(self, kind, original, make):
        if original not in self.copies[kind]:
            self.copies[kind][original] = make()
        return self.copies[kind][original]

    def vpc(self, original):
        def make():
            found = self.moto("ec2").describe_vpcs(VpcIds=[original])["Vpcs"][0]
            return self.sandbox("ec2").create_vpc(CidrBlock=found["CidrBlock"])["Vpc"]["VpcId"]

        return self.copy("vpc", original, make)

    def subnet(self, original):
        def make():
            found = self.moto("ec2").describe_subnets(SubnetIds=[original])["Subnets"][0]
            settings = chosen(found, ["CidrBlock", "AvailabilityZone"])
            made = self.sandbox("ec2").create_subnet(VpcId=self.vpc(found["VpcId"]), **settings)
            return made["Subnet"]["SubnetId"]

        return self.copy("subnet", original, make)

    def group(self, original):
        def make():
            found = self.moto("ec2").describe_security_groups(GroupIds=[original])["SecurityGroups"][0]
            vpc, name = self.vpc(found["VpcId"]), found["GroupName"]
            made = self.sandbox("ec2").create_security_group(GroupName=name, Description=name, VpcId=vpc)
            return made["GroupId"]

        return self.copy("group", original, make)

    def copy_permissions(self, original, copy):
        ec2 = self.sandbox("ec2")
        found = self.moto("ec2").describe_security_groups(GroupIds=[original])["SecurityGroups"][0]
        had = ec2.describe_security_groups(GroupIds=[copy])["SecurityGroups"][0]
        for member, revoke, authorize in [
            ("IpPermissions", ec2.revoke_security_group_ingress, ec2.authorize_security_group_ingress),
            ("IpPermissionsEgress", ec2.revoke_security_group_egress, ec2.authorize_security_group_egress),
        ]:
            if had[member]:
                revoke(GroupId=copy, IpPermissions=had[member])
            wanted = [self.permission(one) for one in found[member]]
            if wanted:
                authorize(GroupId=copy, IpPermissions=wanted)

    def permission(self, given):
        """Peers that ECS was not told of, nor the load balancer has, cannot be behind a request."""
        copied = chosen(given, ["IpProtocol", "FromPort", "ToPort"])
        copied["IpRanges"] = [{"CidrIp": one["CidrIp"]} for one in given.get("IpRanges", [])]
        peers = [one["GroupId"] for one in given.get("UserIdGroupPairs", [])]
        known = self.copies["group"]
        copied["UserIdGroupPairs"] = [{"GroupId": known[peer]} for peer in peers if peer in known]
        return copied

    def target_group(self, original):
        found = self.moto("elbv2").describe_target_groups(TargetGroupArns=[original])["TargetGroups"][0]
        elbv2 = self.sandbox("elbv2")

        def make():
            settings = chosen(found, TARGET_GROUP_SETTINGS)
            vpc, name = self.vpc(found["VpcId"]), found["TargetGroupName"]
            made = elbv2.create_target_group(Name=name, VpcId=vpc, **settings)
            return made["TargetGroups"][0]["TargetGroupArn"]

        copy = self.copy("target_group", original, make)
        elbv2.modify_target_group(TargetGroupArn=copy, **chosen(found, HEALTH_CHECK_SETTINGS))
        return copy

    def rules_of(self, target_group):
        """A deployment that is no canary's names no rule, but its target group must be behind one."""
        elbv2 = self.moto("elbv2")
        for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
            for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
                for rule in elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                    forward = [action.get("ForwardConfig", {}) for action in rule["Actions"]]
                    groups = [one["TargetGroupArn"] for config in forward for one in config.get("TargetGroups", [])]
                    if target_group in groups:
                        self.rule(rule["RuleArn"])

    def balancer(self, original):
        def make():
            found = self.moto("elbv2").describe_load_balancers(LoadBalancerArns=[original])["LoadBalancers"][0]
            # An internal one needs no internet gateway, and ECS does not ask.
            made = self.sandbox("elbv2").create_load_balancer(
                Name=found["LoadBalancerName"],
                Scheme="internal",
                Subnets=[self.subnet(zone["SubnetId"]) for zone in found["AvailabilityZones"]],
                SecurityGroups=[self.group(group) for group in found["SecurityGroups"]],
            )
            return made["LoadBalancers"][0]["LoadBalancerArn"]

        return self.copy("balancer", original, make)

    def listener(self, original):
        def make():
            found = self.moto("elbv2").describe_listeners(ListenerArns=[original])["Listeners"][0]
            # ECS does not ask for the protocol, and HTTP needs no certificate.
            made = self.sandbox("elbv2").create_listener(
                LoadBalancerArn=self.balancer(found["LoadBalancerArn"]),
                Protocol="HTTP",
                Port=found["Port"],
                DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
            )
            return made["Listeners"][0]["ListenerArn"]

        return self.copy("listener", original, make)

    def rule(self, original):
        found = self.moto("elbv2").describe_rules(RuleArns=[original])["Rules"][0]
        elbv2 = self.sandbox("elbv2")
        groups = found["Actions"][0]["ForwardConfig"]["TargetGroups"]
        copied = [{**one, "TargetGroupArn": self.target_group(one["TargetGroupArn"])} for one in groups]
        actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": copied}}]
        of_rule = original.rpartition("/")[0].replace(":listener-rule/", ":listener/")

        def make():
            is_copied = lambda name: name == "Field" or name.endswith("Config")  # noqa: E731
            conditions = [{k: v for k, v in one.items() if is_copied(k)} for one in found["Conditions"]]
            made = elbv2.create_rule(
                ListenerArn=self.listener(of_rule),
                Priority=int(found["Priority"]),
                Conditions=conditions,
                Actions=actions,
            )
            return made["Rules"][0]["RuleArn"]

        copy = self.copy("rule", original, make)
        elbv2.modify_rule(RuleArn=copy, Actions=actions)
        self.weights[copy] = {one["TargetGroupArn"]: one["Weight"] for one in copied}
        return copy

    # From the sandbox to moto

    def carry_over_until_the_end(self):
        while not self.ended.wait(LOOK_SECONDS):
            with self.lock:
                try:
                    self.carry_over()
                except ClientError as error:
                    # ECS, too, meets rules and groups that have just gone.
                    if not is_missing(error):
                        self.failures.append(f"what ECS did could not be done to moto: {error}")
                        return

    def carry_over(self):
        self.carry_alarms_over()
        self.carry_weights_over()
        self.carry_targets_over()

    def carry_alarms_over(self):
        """The one thing that ECS reads while a deployment runs."""
        found = self.moto("cloudwatch").describe_alarms(AlarmNames=list(self.alarms))["MetricAlarms"]
        for alarm in found if self.alarms else []:
            name, state = alarm["AlarmName"], alarm["StateValue"]
            if state != self.alarms[name]:
                self.alarms[name] = state
                self.sandbox("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="moto")

    def carry_weights_over(self):
        originals = {copy: original for original, copy in self.copies["target_group"].items()}
        for original, copy in self.copies["rule"].items():
            found = self.sandbox("elbv2").describe_rules(RuleArns=[copy])["Rules"][0]
            groups = found["Actions"][0]["ForwardConfig"]["TargetGroups"]
            weights = {one["TargetGroupArn"]: one["Weight"] for one in groups}
            if weights != self.weights[copy]:
                self.weights[copy] = weights
                moved = [{"TargetGroupArn": originals[arn], "Weight": weight} for arn, weight in weights.items()]
                actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": moved}}]
                self.moto("elbv2").modify_rule(RuleArn=original, Actions=actions)
                self.weights_written.append(sorted(weights.values()))
                if self.after_write:
                    self.after_write(self.weights_written[-1])

    def carry_targets_over(self):
        for original, copy in self.copies["target_group"].items():
            found = self.sandbox("elbv2").describe_target_health(TargetGroupArn=copy)["TargetHealthDescriptions"]
            targets = {(one["Target"]["Id"], one["Target"]["Port"]) for one in found}
            had = self.targets.get(copy, set())
            self.targets[copy] = targets
            for changed, change in [(targets - had, "register_targets"), (had - targets, "deregister_targets")]:
                if changed:
                    listed = [{"Id": address, "Port": port} for address, port in changed]
                    getattr(self.moto("elbv2"), change)(TargetGroupArn=original, Targets=listed)

    # The end

    def forget_what_is_gone(self):
        """Deletes the copies of what moto has no longer. What the sandbox refuses is still in use there."""
        for kind in KINDS:
            for original, copy in list(self.copies[kind].items()):
                if not self.is_in_moto(kind, original):
                    self.delete_copy(kind, copy)
                    del self.copies[kind][original]
        left = {one["AlarmName"] for one in self.moto("cloudwatch").describe_alarms()["MetricAlarms"]}
        for name in set(self.alarms) - left:
            self.sandbox("cloudwatch").delete_alarms(AlarmNames=[name])
            del self.alarms[name]

    def is_in_moto(self, kind, original):
        elbv2, ec2 = self.moto("elbv2"), self.moto("ec2")
        look = {
            "rule": lambda: elbv2.describe_rules(RuleArns=[original])["Rules"],
            "listener": lambda: elbv2.describe_listeners(ListenerArns=[original])["Listeners"],
            "balancer": lambda: elbv2.describe_load_balancers(LoadBalancerArns=[original])["LoadBalancers"],
            "target_group": lambda: elbv2.describe_target_groups(TargetGroupArns=[original])["TargetGroups"],
            "group": lambda: ec2.describe_security_groups(GroupIds=[original])["SecurityGroups"],
            "subnet": lambda: ec2.describe_subnets(SubnetIds=[original])["Subnets"],
            "vpc": lambda: ec2.describe_vpcs(VpcIds=[original])["Vpcs"],
        }
        try:
            return bool(look[kind]())
        except ClientError as error:
            if is_missing(error):
                return False
            raise

    def delete_copy(self, kind, copy):
        elbv2, ec2 = self.sandbox("elbv2"), self.sandbox("ec2")
        delete = {
            "rule": lambda: elbv2.delete_rule(RuleArn=copy),
            "listener": lambda: elbv2.delete_listener(ListenerArn=copy),
            "balancer": lambda: elbv2.delete_load_balancer(LoadBalancerArn=copy),
            "target_group": lambda: elbv2.delete_target_group(TargetGroupArn=copy),
            "group": lambda: self.delete_group(copy),
            "subnet": lambda: ec2.delete_subnet(SubnetId=copy),
            "vpc": lambda: ec2.delete_vpc(VpcId=copy),
        }
        delete[kind]()
        # Whatever was in use a moment ago is let go by and by.
        advance = urllib.request.Request(f"{self.sandbox_url}/_sandbox/advance", b'{"seconds": 120}', method="POST")
        urllib.request.urlopen(advance, timeout=60).close()

    def delete_group(self, copy):
        """Groups that name each other cannot be deleted; moto has deleted this one."""
        ec2 = self.sandbox("ec2")
        for other in self.copies["group"].values():
            found = ec2.describe_security_groups(GroupIds=[other])["SecurityGroups"][0]
            for member, revoke in [
                ("IpPermissions", ec2.revoke_security_group_ingress),
                ("IpPermissionsEgress", ec2.revoke_security_group_egress),
            ]:
                for permission in found[member]:
                    if any(peer["GroupId"] == copy for peer in permission["UserIdGroupPairs"]):
                        revoke(GroupId=other, IpPermissions=[permission])
        ec2.delete_security_group(GroupId=copy)
