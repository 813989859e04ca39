"""The account that the lives are played in: its clients, its roles, and terraform on a stage of its own."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions

TAG = "express-acceptance"
PREFIX = "xa-"
ROLES = {
    "xa-execution": ("ecs-tasks.amazonaws.com", ["service-role/AmazonECSTaskExecutionRolePolicy"]),
    "xa-infrastructure": (
        "ecs.amazonaws.com",
        [
            "service-role/AmazonECSInfrastructureRoleforExpressGatewayServices",
            "AmazonECSInfrastructureRolePolicyForLoadBalancers",
        ],
    ),
}
IMAGES = ["public.ecr.aws/nginx/nginx:1.28", "public.ecr.aws/nginx/nginx:1.29"]
# A container that ends at once.
CRASHING_IMAGE = "public.ecr.aws/docker/library/hello-world:latest"


class Refused(Exception):
    """A life that did not go as it was to go."""


class Account:
    def __init__(self, number, region, endpoint):
        self.number, self.region, self.endpoint = number, region, endpoint
        self.is_sandbox = endpoint is not None
        if self.is_sandbox:
            os.environ.update(AWS_ACCESS_KEY_ID=number, AWS_SECRET_ACCESS_KEY="sandbox", AWS_ENDPOINT_URL=endpoint, NO_PROXY="127.0.0.1")
        self.known = {}
        said = self("sts").get_caller_identity()["Account"]
        if said != number:
            raise SystemExit("the credentials belong to another account than the one that --account names")

    def __call__(self, service):
        if service not in self.known:
            config = botocore.config.Config(retries={"mode": "standard", "max_attempts": 10})
            self.known[service] = boto3.client(service, region_name=self.region, endpoint_url=self.endpoint, config=config)
        return self.known[service]

    def anonymous(self, text):
        return re.sub(r"\b\d{12}\b", "123456789012", text.replace(self.number, "123456789012"))

    def role_arn(self, name):
        return f"arn:aws:iam::{self.number}:role/{name}"

    def make_roles(self):
        """The roles of all lives; those of an earlier run are taken."""
        iam = self("iam")
        for name, (principal, policies) in ROLES.items():
            statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
            trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            try:
                iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=[{"Key": TAG, "Value": "role"}])
            except iam.exceptions.EntityAlreadyExistsException:
                pass
            for policy in policies:
                given = {"RoleName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{policy}"}
                # A role that was just made may not show yet.
                if wait_until(self, lambda: refusal(iam.attach_role_policy, **given) is None, 60, 3) is None:
                    iam.attach_role_policy(**given)

    def scenario(self, name, service):
        """The sandbox's stand-in for an image that fails; with `None` all is well again."""
        body = json.dumps({"name": name, "service": service}).encode() if name else None
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/scenario", body, method="POST" if name else "DELETE")
        urllib.request.urlopen(request, timeout=60).close()

    def stage(self, folder, life):
        return Stage(self, folder, life)

    def find_express_service(self, arn):
        return self("ecs").describe_express_gateway_service(serviceArn=arn)["service"]

    def find_service(self, arn, cluster="default"):
        found = self("ecs").describe_services(cluster=cluster, services=[arn])["services"]
        return found[0] if found else None

    def list_deployments(self, arn):
        return self("ecs").list_service_deployments(service=arn, cluster="default")["serviceDeployments"]


class Stage:
    """One life: a folder with a configuration, and terraform in it."""

    def __init__(self, account, folder, life):
        self.account, self.folder, self.name = account, Path(folder).absolute(), PREFIX + life.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.core = shutil.which("terraform") or shutil.which("tofu") or exit("terraform or tofu is needed on PATH")
        binary = Path(os.environ["EXPRESS_BINARY"]).absolute()
        override = f'provider_installation {{\n  dev_overrides {{ "express-gateway/express" = "{binary.parent}" }}\n  direct {{}}\n}}\n'
        (self.folder / "cli.tfrc").write_text(override)
        self.environment = dict(os.environ, TF_CLI_CONFIG_FILE=str(self.folder / "cli.tfrc"), CHECKPOINT_DISABLE="1", TF_INPUT="0")

    def write(self, *members, image=IMAGES[0], engine="managed", name=None):
        lines = "\n".join(f"  {member}" for member in members)
        account = self.account
        (self.folder / "main.tf").write_text(f"""
terraform {{
  required_providers {{
    express = {{ source = "express-gateway/express" }}
  }}
}}
provider "express" {{
  region              = "{account.region}"
  allowed_account_ids = ["{account.number}"]
  default_tags {{
    tags = {{ "{TAG}" = "{self.name}" }}
  }}
}}
resource "express_gateway_service" "x" {{
  engine                  = "{engine}"
  service_name            = "{name or self.name}"
  execution_role_arn      = "{account.role_arn('xa-execution')}"
  infrastructure_role_arn = "{account.role_arn('xa-infrastructure')}"
{"" if any("primary_container" in member for member in members) else f'  primary_container       = {{ image = "{image}" }}'}
{lines}
}}
""")

    def run(self, *words):
        done = subprocess.run([self.core, *words, "-no-color"], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=5400)
        text = f"$ {' '.join(words)}\n{done.stdout}{done.stderr}\n"
        with (self.folder / "log.txt").open("a") as log:
            log.write(self.account.anonymous(text))
        return done.returncode, done.stdout + done.stderr

    def apply(self):
        code, said = self.run("apply", "-auto-approve")
        if code:
            raise Refused(f"apply: {said[-1500:]}")
        return self.service()

    def try_apply(self):
        """Whether an apply succeeds, and what it says."""
        code, said = self.run("apply", "-auto-approve")
        return code == 0, said

    def plan_is_empty(self):
        return self.run("plan", "-detailed-exitcode")[0] == 0

    def destroy(self):
        code, said = self.run("destroy", "-auto-approve")
        if code:
            raise Refused(f"destroy: {said[-1500:]}")

    def service(self):
        """The attributes of the service in the state."""
        done = subprocess.run([self.core, "show", "-json"], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        return json.loads(done.stdout)["values"]["root_module"]["resources"][0]["values"]


def refusal(call, **arguments):
    """The code and the words with which AWS refuses a call; `None`: it takes it."""
    try:
        call(**arguments)
        return None
    except botocore.exceptions.ClientError as error:
        return {"code": error.response["Error"].get("Code"), "message": error.response["Error"].get("Message")}
    except botocore.exceptions.ParamValidationError as error:
        return {"code": "ParamValidation", "message": str(error)}


def wait_until(account, look, seconds, pause=10):
    """How many seconds pass until `look` says yes; `None`: they were not enough."""
    began = time.monotonic()
    pause = 0.2 if account.is_sandbox else pause
    while time.monotonic() - began < (min(seconds, 10) if account.is_sandbox else seconds):
        if look():
            return round(time.monotonic() - began, 1)
        time.sleep(pause)
    return None
