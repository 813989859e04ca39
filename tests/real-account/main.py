"""Plays lives in a real account, or in the sandbox: see scripts/acceptance-aws."""

import argparse
import json
import os
import signal
import sys
import time
import uuid
from pathlib import Path

from account import Account, Refused
from lives import LIVES
from sweep import sweep

FOLDER = Path(os.environ.get("EXPRESS_FOLDER", "target/acceptance-aws"))
# A public load balancer and two tasks of a quarter of a CPU, by the hour, rounded up; us-east-1, 2026.
DOLLARS_AN_HOUR = 0.15


def parse():
    parser = argparse.ArgumentParser(prog="scripts/acceptance-aws", description="Plays the lives that only AWS can prove.")
    parser.add_argument("--account", help="number of the account; credentials of another one are refused")
    parser.add_argument("--region", help="where to play")
    parser.add_argument("--only", help="these lives alone, separated by commas")
    parser.add_argument("--sweep", action="store_true", help="remove whatever any run left")
    parser.add_argument("--list", action="store_true", help="say which lives there are")
    parser.add_argument("--yes", action="store_true", help="do not ask before money is spent")
    parser.add_argument("--endpoint", help="a sandbox in AWS's place")
    arguments = parser.parse_args()
    if not arguments.list and not (arguments.account and arguments.region):
        parser.error("--account and --region say where; nothing is taken from the environment for that")
    known = {life.name for life in LIVES}
    wanted = arguments.only.split(",") if arguments.only else [life.name for life in LIVES]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        parser.error(f"there is no life {unknown[0]}; there are {', '.join(sorted(known))}")
    arguments.lives = [life for life in LIVES if life.name in wanted]
    return arguments


def say_price(lives, is_sandbox):
    minutes = sum(life.minutes for life in lives)
    dollars = max(0.05, minutes / 60 * DOLLARS_AN_HOUR * 2)
    print(f"{len(lives)} lives, about {minutes} minutes one after the other and {dollars:.2f} US dollars"
          f"{' on AWS; moments and nothing in the sandbox' if is_sandbox else ''}:")
    for life in lives:
        print(f"  {life.name:18} {life.minutes:3} min  {life.question}")
    sys.stdout.flush()


def confirm(account, is_sure):
    if is_sure or account.is_sandbox:
        return
    said = input(f"Play them in account {account.number}, {account.region}? Type `yes`: ")
    if said.strip() != "yes":
        raise SystemExit("nothing was made")


def play(account, lives, run):
    """The answers of every life; one that fails ends alone."""
    answers = []
    for life in lives:
        began = time.monotonic()
        folder = FOLDER / run / life.name
        answer = {"life": life.name, "question": life.question}
        stage = account.stage(folder, life)
        try:
            answer["answer"] = life.play(stage)
            stage.destroy()
        except Refused as refused:
            # What is left of it goes with the sweep.
            answer["failed"] = str(refused)
        answer["seconds"] = round(time.monotonic() - began, 1)
        answers.append(answer)
        print(f"  {'FAILED' if 'failed' in answer else 'played'} {life.name} in {answer['seconds']} s: "
              f"{account.anonymous(json.dumps(answer.get('answer', answer.get('failed'))))}", flush=True)
    return answers


def record(account, run, answers):
    path = FOLDER / f"{run}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"region": account.region, "is_sandbox": account.is_sandbox, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "answers": answers}
    path.write_text(account.anonymous(json.dumps(kept, indent=2)) + "\n")
    print(f"answers: {path}")


def main():
    arguments = parse()
    if arguments.list:
        return say_price(arguments.lives, False)
    account = Account(arguments.account, arguments.region, arguments.endpoint)
    if arguments.sweep:
        left = sweep(account)
        raise SystemExit(f"left: {', '.join(left)}" if left else 0)
    say_price(arguments.lives, account.is_sandbox)
    confirm(account, arguments.yes)
    run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:4]}"
    # A polite end is an exception, so that what was made is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    answers = []
    try:
        account.make_roles()
        answers = play(account, arguments.lives, run)
    finally:
        if answers:
            record(account, run, answers)
        left = sweep(account)
    failed = [answer["life"] for answer in answers if "failed" in answer]
    if failed or left:
        raise SystemExit(f"failed: {', '.join(failed) or 'none'}; left in the account: {', '.join(left) or 'nothing'}")
    print("everything is removed")


main()
