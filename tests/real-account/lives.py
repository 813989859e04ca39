"""The lives, and what each asks of AWS. The letters are rows of the team's facts about Express Mode (W) and of
ARCHITECTURE.md, section 7 (A)."""

import dataclasses
import time
from typing import Callable

from account import CRASHING_IMAGE, IMAGES, Refused, refusal, wait_until


@dataclasses.dataclass
class Life:
    name: str
    minutes: int
    question: str
    play: Callable


def create_twice(stage):
    account, service = stage.account, None
    stage.write()
    service = stage.apply()
    call = account("ecs").create_express_gateway_service
    return {"refusal": refusal(
        call, serviceName=stage.name, primaryContainer={"image": IMAGES[0]},
        executionRoleArn=account.role_arn("xa-execution"), infrastructureRoleArn=account.role_arn("xa-infrastructure"),
    ), "engine": service["engine"]}  # fmt: skip


def remove_members(stage):
    with_all = f'primary_container = {{ image = "{IMAGES[0]}", environment = {{ A = "1", B = "2" }}, command = ["nginx", "-g", "daemon off;"] }}'
    stage.write(with_all)
    arn = stage.apply()["service_arn"]
    stage.write()
    stage.apply()
    container = stage.account.find_express_service(arn)["activeConfigurations"][0]["primaryContainer"]
    return {"environment": container.get("environment", []), "command": container.get("command", []), "quiet": stage.plan_is_empty()}


def change_scaling(stage):
    stage.write()
    service = stage.apply()
    before = stage.account.list_deployments(service["service_arn"])
    stage.write("scaling_target = { min_task_count = 1, max_task_count = 3 }")
    after = stage.apply()
    deployments = stage.account.list_deployments(service["service_arn"])
    return {
        "new_deployments": len(deployments) - len(before),
        "new_revision": after["service_revision_arn"] != service["service_revision_arn"],
        "quiet": stage.plan_is_empty(),
    }


def fail_first(stage):
    stage.write(image=CRASHING_IMAGE)
    if stage.account.is_sandbox:
        stage.account.scenario("crash:0", stage.name)
    succeeded, _ = stage.try_apply()
    if succeeded:
        raise Refused("the first deployment was to fail")
    arn = stage.service()["service_arn"]
    found = stage.account.find_service(arn) or {}
    if stage.account.is_sandbox:
        stage.account.scenario(None, None)
    stage.run("untaint", "express_gateway_service.x")
    stage.write()
    stage.apply()
    running = wait_until(stage.account, lambda: (stage.account.find_service(arn) or {}).get("runningCount", 0) > 0, 300)
    return {"desired_after_failure": found.get("desiredCount"), "seconds_until_a_task_runs_after_a_good_image": running}


def park(stage):
    stage.write()
    arn = stage.apply()["service_arn"]
    ecs = stage.account("ecs")
    refused = refusal(ecs.update_express_gateway_service, serviceArn=arn, scalingTarget={"minTaskCount": 0, "maxTaskCount": 0})
    stopped = None
    if refused is None:
        stopped = wait_until(stage.account, lambda: (stage.account.find_service(arn) or {}).get("runningCount") == 0, 1200)
    return {"refusal": refused, "seconds_until_no_task_runs": stopped}


def deploy_again(stage):
    stage.write()
    arn = stage.apply()["service_arn"]
    ecs, account = stage.account("ecs"), stage.account
    before = len(account.list_deployments(arn))
    same = refusal(ecs.update_express_gateway_service, serviceArn=arn, primaryContainer={"image": IMAGES[0]})
    began = wait_until(account, lambda: len(account.list_deployments(arn)) > before, 60)
    wait_until(account, lambda: account.list_deployments(arn)[0]["status"] not in ("PENDING", "IN_PROGRESS"), 1800)
    middle = len(account.list_deployments(arn))
    forced = refusal(ecs.update_service, cluster="default", service=arn, forceNewDeployment=True)
    forced_began = wait_until(account, lambda: len(account.list_deployments(arn)) > middle, 60)
    return {
        "same_container": {"refusal": same, "deployment_after_seconds": began},
        "force_new_deployment": {"refusal": forced, "deployment_after_seconds": forced_began},
    }


def settings_of_update_service(stage):
    stage.write()
    arn = stage.apply()["service_arn"]
    ecs = stage.account("ecs")
    rolling = {"deploymentConfiguration": {"strategy": "ROLLING", "maximumPercent": 200, "minimumHealthyPercent": 100}}
    return {
        "another_strategy": refusal(ecs.update_service, cluster="default", service=arn, **rolling),
        "ecs_exec": refusal(ecs.update_service, cluster="default", service=arn, enableExecuteCommand=True),
    }


def come_and_go(stage):
    account = stage.account
    stage.write("wait_for_steady_state = false")
    arn = stage.apply()["service_arn"]

    def endpoint():
        found = account.find_express_service(arn)
        paths = [path for one in found.get("activeConfigurations", []) for path in one.get("ingressPaths", [])]
        return any(path.get("endpoint") for path in paths)

    def status(wanted):
        return lambda: account.find_express_service(arn)["status"]["statusCode"] == wanted

    began = time.monotonic()
    late = wait_until(account, endpoint, 1800, 3)
    wait_until(account, lambda: account.list_deployments(arn) and account.list_deployments(arn)[0]["status"] == "SUCCESSFUL", 2400)
    served = round(time.monotonic() - began, 1)
    balancers = {one["LoadBalancerArn"] for one in account("elbv2").describe_load_balancers()["LoadBalancers"]}
    account("ecs").delete_express_gateway_service(serviceArn=arn)
    inactive = wait_until(account, status("INACTIVE"), 3000)

    def is_gone():
        return balancers - {one["LoadBalancerArn"] for one in account("elbv2").describe_load_balancers()["LoadBalancers"]}

    lag = wait_until(account, is_gone, 900, 5)
    first = len(account.list_deployments(arn)) if refusal(account.list_deployments, arn=arn) is None else None
    stage.run("apply", "-refresh-only", "-auto-approve")
    stage.write()
    again = stage.apply()["service_arn"]
    return {
        "endpoint_after_seconds": late, "deployed_after_seconds": served, "inactive_after_seconds": inactive,
        "load_balancer_gone_after_inactive_seconds": lag, "deployments_of_the_deleted_service": first,
        "deployments_of_the_next_of_the_same_name": len(account.list_deployments(again)),
    }  # fmt: skip


def change_strategy(stage):
    canary = 'deployment_configuration = { strategy = "CANARY", canary_percent = 10, canary_bake_time_minutes = 1, bake_time_minutes = 0 }'
    stage.write(canary, engine="composed")
    arn = stage.apply()["service_arn"]
    stage.write('deployment_configuration = { strategy = "ROLLING" }', engine="composed", image=IMAGES[1])
    stage.apply()
    kept = (stage.account.find_service(arn) or {}).get("deploymentConfiguration", {})
    return {"kept": {name: value for name, value in kept.items() if name != "alarms"}, "quiet": stage.plan_is_empty()}


def move(stage):
    stage.write(engine="composed")
    arn = stage.apply()["service_arn"]
    stage.write('load_balancer = { scheme = "internal" }', engine="composed")
    succeeded, said = stage.try_apply()
    found = stage.account.find_service(arn) or {}
    answer = {"moved": succeeded, "target_groups": len(found.get("loadBalancers", [])), "deployments": len(stage.account.list_deployments(arn))}
    return answer if succeeded else answer | {"said": said[-1500:]}


LIVES = [
    Life("twice", 15, "A: how is a create for a name that lives refused?", create_twice),
    Life("members", 20, "A: does an update replace the container as a block?", remove_members),
    Life("scaling", 20, "A, W7: does a change of auto scaling alone make a revision and a deployment?", change_scaling),
    Life("failed", 25, "W1: does a good image bring tasks back after a failed first deployment?", fail_first),
    Life("parked", 25, "W6: is 0 to 0 accepted, and do the tasks stop?", park),
    Life("again", 25, "W8, W9: does the same container, or a forced deployment, deploy?", deploy_again),
    Life("settings", 15, "W12, W13: which settings does UpdateService take of an Express service?", settings_of_update_service),
    Life("come-and-go", 45, "A, W5: when is there an endpoint, what lags behind INACTIVE, what does the next of the name show?", come_and_go),
    Life("strategy", 25, "A: does a changed strategy drop the settings of the old one?", change_strategy),
    Life("move", 35, "A: does ECS take the two deployments of a move?", move),
]
