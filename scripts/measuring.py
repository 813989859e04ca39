"""What `scripts/calls`, `scripts/scale` and `scripts/peer` share: a play of Terraform against the sandbox.

CPU is core and provider together, user and system; memory is the provider's peak. Absolute figures are a machine's;
ratios of one run are what counts.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TERRAFORM = os.environ.get("TF", "terraform")
# Simulated seconds in a real one: minutes of AWS pass in moments, so that what is left is the tools' own time.
SPEED = "3000"
PARALLELISM = "-parallelism=20"
TIME_LIMIT_SECONDS = 3600

ROLES = """
  execution_role_arn      = "arn:aws:iam::123456789012:role/execution"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/infrastructure"
"""
HEAD = """terraform {
  required_providers {
    express = { source = "express-gateway/express" }
  }
}
"""
# Of the hosted zone that the sandbox has. 25 services share a load balancer, so a domain each makes it few; no domain
# would make one each.
DOMAIN = '  domain = { hosted_zone = "example.com" }\n'


def services(engine, count, image, is_waiting):
    return (
        HEAD
        + f'resource "express_gateway_service" "s" {{\n  count = {count}\n  engine = "{engine}"\n'
        + f'  service_name = "s-${{count.index}}"\n  wait_for_steady_state = {str(is_waiting).lower()}\n'
        + ROLES
        + (DOMAIN if engine == "composed" else "")
        + f'  primary_container = {{ image = "nginx:{image}", environment = {{ A = "1" }} }}\n}}\n'
    )


class Watch(threading.Thread):
    """Peak memory of the processes of one program, in MB, and their CPU seconds, from /proc."""

    def __init__(self, program):
        super().__init__(daemon=True)
        self.program, self.cpu_by_process, self.peak_mb, self.is_on = program[:15], {}, 0.0, True

    def run(self):
        tick = os.sysconf("SC_CLK_TCK")
        while self.is_on:
            for process in filter(str.isdigit, os.listdir("/proc")):
                try:
                    self.look_at(process, tick)
                except (OSError, ValueError):
                    continue  # It ended in between.
            time.sleep(0.02)

    def look_at(self, process, tick):
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            text = file.read()
        if text[text.index("(") + 1 : text.rindex(")")] != self.program:
            return
        with open(f"/proc/{process}/cmdline", encoding="utf-8") as file:
            if "sandbox" in file.read():
                return
        fields = text[text.rindex(")") + 2 :].split()
        self.cpu_by_process[process] = (int(fields[11]) + int(fields[12])) / tick
        with open(f"/proc/{process}/status", encoding="utf-8") as file:
            for line in file:
                if line.startswith("VmHWM"):
                    self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)

    def stop(self):
        self.is_on = False
        self.join()


class Play:
    """A folder with a configuration, a sandbox, and the providers that Terraform finds there."""

    def __init__(self, sandbox_program, providers, sandbox_arguments=()):
        self.folder = tempfile.mkdtemp()
        self.program = os.path.basename(next(iter(providers.values())))
        self.sandbox = subprocess.Popen(
            [sandbox_program, "sandbox", "--port", "0", "--speed", SPEED, *sandbox_arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.endpoint = self.sandbox.stdout.readline().strip()
        overrides = "".join(f'    "{source}" = "{os.path.dirname(path)}"\n' for source, path in providers.items())
        with open(f"{self.folder}/cli.tfrc", "w", encoding="utf-8") as file:
            file.write(f"provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n")
        self.environment = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": f"{self.folder}/cli.tfrc",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "CHECKPOINT_DISABLE": "1",
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.terminate()
        self.sandbox.wait()
        shutil.rmtree(self.folder)

    def configure(self, configuration):
        with open(f"{self.folder}/main.tf", "w", encoding="utf-8") as file:
            file.write(configuration)

    def run(self, *arguments):
        """Runs Terraform: what it wrote, and what it cost."""
        watch = Watch(self.program)
        watch.start()
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
        ended = subprocess.run(
            [TERRAFORM, *arguments, "-no-color"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
        seconds, after = time.time() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        watch.stop()
        if ended.returncode:
            sys.exit(f"{TERRAFORM} {' '.join(arguments)}: {ended.stdout[-800:]}{ended.stderr[-800:]}")
        cost = {
            "CPU s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "wall s": seconds,
            "provider CPU s": sum(watch.cpu_by_process.values()),
            "provider peak MB": watch.peak_mb,
        }
        return ended.stdout, cost

    def state_bytes(self):
        return os.path.getsize(f"{self.folder}/terraform.tfstate")

    def call_count(self):
        """How many calls the sandbox got since the last time that it was asked."""
        return len(self.take_calls())

    def take_calls(self):
        """The calls that the sandbox got since the last time that it was asked."""
        address = f"{self.endpoint}/_sandbox/calls"
        with urllib.request.urlopen(address) as answer:
            calls = json.load(answer)
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()
        return calls["calls"] if isinstance(calls, dict) else calls


def plan_lines(text):
    """Lines of a plan between its heading and its sum, empty ones not counted."""
    body = text[text.index("will perform") : text.index("\nPlan:")]
    return len([line for line in body.splitlines()[1:] if line.strip()])


def find_program(argument):
    path = os.path.realpath(argument)
    if not os.access(path, os.X_OK):
        sys.exit(f"{argument} is not a program: build one with `cargo build --release`")
    return path
