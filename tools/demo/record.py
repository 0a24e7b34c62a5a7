#!/usr/bin/env python3
"""Makes the recordings of the demo: builds an emulated organization and lets Qrie read it with recording on.

    dotnet build Qrie.Api && python3 tools/demo/record.py

Writes samples/demo: organization.json (the accounts) and the recorded answers. Needs moto_server and boto3.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "emulator"))
import deny_proxy  # noqa: E402

SAMPLES = ROOT / "samples" / "demo"
RECORDINGS = SAMPLES / "recordings"
OWN_ACCOUNT = "123456789012"  # the account of moto's own credentials
ACCOUNTS = [
    {"account_id": OWN_ACCOUNT, "name": "security", "ou": "/Security"},
    {"account_id": "210987654321", "name": "shop-production", "ou": "/Production/Shop"},
    {"account_id": "310987654321", "name": "shop-staging", "ou": "/Staging/Shop"},
]
ALL_BLOCKED = {flag: True for flag in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}
# name: region, flags of its public access block (None: none), versioning, encrypted, tags
BUCKETS = {
    OWN_ACCOUNT: {
        "audit-trail-archive": ("us-east-1", ALL_BLOCKED, "Enabled", True, {"team": "security", "data": "restricted"}),
        "security-tooling": ("us-east-1", ALL_BLOCKED, "Enabled", True, {"team": "security"}),
        "incident-exports": ("eu-west-1", {**ALL_BLOCKED, "RestrictPublicBuckets": False}, "Suspended", True, {"team": "security"}),
    },
    "210987654321": {
        "shop-assets": ("us-east-1", None, None, True, {"team": "web", "Environment": "prod"}),
        "shop-orders": ("us-east-1", ALL_BLOCKED, "Enabled", True, {"team": "orders", "Environment": "prod"}),
        "shop-invoices": ("eu-central-1", ALL_BLOCKED, "Enabled", False, {"team": "billing", "Environment": "prod"}),
        "shop-logs.example.com": ("us-east-1", ALL_BLOCKED, None, True, {"team": "platform", "Environment": "prod"}),
        "shop-backups": ("eu-west-1", ALL_BLOCKED, "Enabled", True, {"team": "platform", "Environment": "prod"}),
        "shop-legacy-import": ("us-east-1", {**ALL_BLOCKED, "BlockPublicAcls": False}, "Suspended", False, {}),
    },
    "310987654321": {
        "staging-assets": ("us-east-1", None, None, True, {"team": "web", "Environment": "staging"}),
        "staging-scratch": ("us-east-1", None, None, False, {"team": "web", "Besitzerin": "Zoë Müller"}),
        "staging-fixtures": ("us-west-2", ALL_BLOCKED, None, True, {"team": "qa", "Environment": "staging"}),
    },
}
DENIALS = ["GetBucketVersioning:shop-backups", "GetBucketEncryption:shop-backups", "GetPublicAccessBlock:incident-exports"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url, until=lambda body: True, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url) as answer:
                body = answer.read()
                if until(body):
                    return json.loads(body) if body.startswith((b"{", b"[")) else body
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise SystemExit(f"{url} did not become ready")


def client(endpoint, service, account):
    keys = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
    if account != OWN_ACCOUNT:
        sts = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1", **keys)
        assumed = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Estate", RoleSessionName="estate")["Credentials"]
        keys = {
            "aws_access_key_id": assumed["AccessKeyId"],
            "aws_secret_access_key": assumed["SecretAccessKey"],
            "aws_session_token": assumed["SessionToken"],
        }
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **keys)


def build_estate(endpoint):
    for account, buckets in BUCKETS.items():
        s3 = client(endpoint, "s3", account)
        for name, (region, blocked, versioning, encrypted, tags) in buckets.items():
            where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            s3.create_bucket(Bucket=name, **where)
            if blocked:
                s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
            if versioning:
                s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})
            if encrypted:
                rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
            if tags:
                s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]})


def post(base, path, body):
    request = urllib.request.Request(base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def record(endpoint):
    base = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as data:
        environment = {
            **os.environ,
            "ASPNETCORE_URLS": base,
            "Aws__Endpoint": endpoint,
            "Aws__RecordTo": str(RECORDINGS),
            "Store__Path": f"{data}/qrie.db",
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_REGION": "us-east-1",
        }
        qrie = subprocess.Popen(["dotnet", str(ROOT / "artifacts/bin/Qrie.Api/debug/Qrie.Api.dll")], env=environment)
        try:
            wait_for(f"{base}/health")
            for account in ACCOUNTS:
                if account["account_id"] != OWN_ACCOUNT:  # that one registers itself
                    post(base, "/accounts", account)
            scan = post(base, "/scans", {"kind": "inventory"})
            done = wait_for(f"{base}/scans/{scan['scan_id']}", lambda b: json.loads(b)["finished_at"] is not None)
            print(json.dumps({"status": done["status"], "counters": done["counters"]}))
        finally:
            qrie.terminate()
            qrie.wait(30)


def main():
    shutil.rmtree(SAMPLES, ignore_errors=True)
    RECORDINGS.mkdir(parents=True)
    port = free_port()
    moto = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        emulator = f"http://127.0.0.1:{port}"
        wait_for(f"{emulator}/moto-api/")
        build_estate(emulator)
        proxy = deny_proxy.start(emulator, 0, DENIALS)
        record(f"http://127.0.0.1:{proxy.server_address[1]}")
    finally:
        moto.terminate()
        moto.wait(30)
    (SAMPLES / "organization.json").write_text(json.dumps(ACCOUNTS, indent=2) + "\n")


if __name__ == "__main__":
    main()
