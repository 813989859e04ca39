"""Removes whatever runs left, by tag and name alone: no file of the run is needed."""

import tempfile
import types

from account import PREFIX, ROLES, TAG, refusal, wait_until


def sweep(account):
    """Removes everything that has our tag; what is left is named."""
    remove_services(account)
    remove_pieces(account)
    remove_roles(account)
    left = list_left(account)
    for one in left:
        print(f"  left: {account.anonymous(one)}")
    return left


def list_services(account):
    ecs = account("ecs")
    pages = ecs.get_paginator("list_services").paginate(cluster="default")
    try:
        arns = [arn for page in pages for arn in page["serviceArns"] if arn.rsplit("/", 1)[1].startswith(PREFIX)]
    except ecs.exceptions.ClusterNotFoundException:
        return []
    tagged = []
    for arn in arns:
        tags = {tag["key"]: tag["value"] for tag in ecs.list_tags_for_resource(resourceArn=arn)["tags"]}
        # A create that was killed early may not have come to the tags of its user.
        if TAG in tags or any(key.startswith("terraform-provider-express:") for key in tags):
            tagged.append((arn, "composed" if "terraform-provider-express:managed" in tags else "managed"))
    return tagged


def remove_services(account):
    """The provider removes what it made: the service is imported, and destroyed."""
    for arn, engine in list_services(account):
        with tempfile.TemporaryDirectory(prefix="express-sweep-") as folder:
            life = types.SimpleNamespace(name="sweep")
            stage = account.stage(folder, life)
            stage.write(engine=engine, name=arn.rsplit("/", 1)[1])
            code, said = stage.run("import", "express_gateway_service.x", arn)
            if code == 0:
                code, said = stage.run("destroy", "-auto-approve")
            print(f"  {'removed' if code == 0 else 'NOT removed'} {account.anonymous(arn)}", flush=True)
            if code:
                print(account.anonymous(said[-1500:]))


def find_tagged(account):
    """Load balancers, target groups, security groups and log groups with our tag or name."""
    elbv2, ec2, logs = account("elbv2"), account("ec2"), account("logs")
    balancers = [one["LoadBalancerArn"] for one in elbv2.describe_load_balancers()["LoadBalancers"]]
    groups = [one["TargetGroupArn"] for one in elbv2.describe_target_groups()["TargetGroups"]]
    tagged = []
    for start in range(0, len(balancers + groups), 20):
        described = elbv2.describe_tags(ResourceArns=(balancers + groups)[start : start + 20])["TagDescriptions"]
        tagged += [one["ResourceArn"] for one in described if any(tag["Key"] == TAG for tag in one["Tags"])]
    filters = [{"Name": "tag-key", "Values": [TAG]}]
    security = [one["GroupId"] for one in ec2.describe_security_groups(Filters=filters)["SecurityGroups"]]
    names = [f"/aws/ecs/default/{PREFIX}", f"/ecs/default/{PREFIX}"]
    log_groups = [one["logGroupName"] for name in names for one in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]]
    return {
        "balancers": [arn for arn in tagged if arn in balancers], "target_groups": [arn for arn in tagged if arn in groups],
        "security_groups": security, "log_groups": log_groups,
    }  # fmt: skip


def release(elbv2, target_groups):
    """Takes our target groups off their load balancers; those that then have no rule of anybody are told."""
    unused = []
    groups = elbv2.describe_target_groups(TargetGroupArns=target_groups)["TargetGroups"] if target_groups else []
    for balancer in {arn for group in groups for arn in group["LoadBalancerArns"]}:
        others = 0
        for listener in elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
            for rule in elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                if rule["IsDefault"]:
                    continue
                forwards = [one for action in rule["Actions"] for one in action.get("ForwardConfig", {}).get("TargetGroups", [])]
                if any(one["TargetGroupArn"] in target_groups for one in forwards):
                    elbv2.delete_rule(RuleArn=rule["RuleArn"])
                else:
                    others += 1
        if not others:
            unused.append(balancer)
    return unused


def remove_pieces(account):
    """What a killed create left beside any service, and the logs that outlive every one."""
    elbv2, ec2, logs = account("elbv2"), account("ec2"), account("logs")
    found = find_tagged(account)
    for arn in {*found["balancers"], *release(elbv2, found["target_groups"])}:
        attributes = [{"Key": "deletion_protection.enabled", "Value": "false"}]
        elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)
        elbv2.delete_load_balancer(LoadBalancerArn=arn)
    for arn in found["target_groups"]:
        wait_until(account, lambda: refusal(elbv2.delete_target_group, TargetGroupArn=arn) is None, 120)
    for group in found["security_groups"]:
        rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        for one in rules:
            if one["IpPermissions"]:
                ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=one["IpPermissions"])
    for group in found["security_groups"]:
        if wait_until(account, lambda: refusal(ec2.delete_security_group, GroupId=group) is None, 600) is None:
            print(f"  {group}: {refusal(ec2.delete_security_group, GroupId=group)}")
    for name in found["log_groups"]:
        refusal(logs.delete_log_group, logGroupName=name)
    ecs = account("ecs")
    families = ecs.list_task_definition_families(familyPrefix=f"default-{PREFIX}", status="ACTIVE")["families"]
    for family in families:
        for arn in ecs.list_task_definitions(familyPrefix=family, status="ACTIVE")["taskDefinitionArns"]:
            ecs.deregister_task_definition(taskDefinition=arn)


def remove_roles(account):
    iam = account("iam")
    for name in ROLES:
        if refusal(iam.get_role, RoleName=name):
            continue
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        refusal(iam.delete_role, RoleName=name)


def list_left(account):
    left = [arn for arn, _ in list_services(account)]
    left += [one for found in find_tagged(account).values() for one in found]
    return left + [name for name in ROLES if refusal(account("iam").get_role, RoleName=name) is None]
