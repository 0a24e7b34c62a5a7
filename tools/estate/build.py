#!/usr/bin/env python3
"""Fills an emulator with an organization that has good, bad and denied variants of every evaluated resource.

    MOTO_AMIS_PATH=tools/estate/amis.json moto_server -p 5000 &
    python3 tools/estate/build.py --endpoint http://127.0.0.1:5000 --accounts 123456789012,210987654321,310987654321 --out expected.json

A variant is named, or tagged Name, <PolicyId>--good|bad|unknown. expected.json has

    accounts, regions   the organization
    verdicts            the expected verdict of each policy on each resource
    denied_lists        denied lists, whose resources must not appear
    hidden              the names of their resources
    rules               denials and changes for a proxy (model.py); tools/emulator/deny_proxy.py accepts them with --rules

It must be read through such a proxy, limited to its regions.
"""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cloudtrail  # noqa: E402
import compute  # noqa: E402
import containers  # noqa: E402
import data  # noqa: E402
import doors  # noqa: E402
import ec2  # noqa: E402
import edge  # noqa: E402
import iam  # noqa: E402
import kms  # noqa: E402
import logs  # noqa: E402
import model  # noqa: E402
import names  # noqa: E402
import past  # noqa: E402
import rds  # noqa: E402
import s3  # noqa: E402
import systems  # noqa: E402
import tables  # noqa: E402
import watch  # noqa: E402
import web  # noqa: E402

SERVICES = [s3, ec2, iam, rds, cloudtrail, logs, kms, watch, data, compute, web, edge, containers, tables, systems, names, doors, past]
REGIONS = ["us-east-1", "eu-west-1"]
# The value of MOTO_AMIS_PATH for the emulator: without it, it creates a snapshot in every account and region for each of more than a thousand images.
AMIS = pathlib.Path(__file__).resolve().with_name("amis.json")


def stages(endpoint, accounts, regions=REGIONS, own_account="123456789012", services=SERVICES):
    """Builds it stage by stage: yields the estate after each one."""
    estate = model.Estate(endpoint, accounts, regions, own_account)
    for service in services:
        service.build(estate)
    for stage in range(len(model.STAGES)):
        estate.reach(stage)
        yield estate


def build(endpoint, accounts):
    """Builds all of it; returns the content of expected.json."""
    *_, estate = stages(endpoint, accounts)
    return {
        "accounts": accounts, "regions": estate.regions, "verdicts": estate.verdicts, "denied_lists": estate.denied_lists, "hidden": estate.hidden,
        "rules": estate.rules(),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", default="http://127.0.0.1:5000")
    parser.add_argument("--accounts", required=True, help="three account ids, separated by commas")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    made = build(arguments.endpoint, arguments.accounts.split(","))
    arguments.out.write_text(json.dumps(made, indent=1) + "\n")
    print(f"{len({v['arn'] for v in made['verdicts']})} evaluated resources, {len(made['verdicts'])} verdicts, {len(made['rules'])} rules")
