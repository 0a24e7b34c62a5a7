#!/usr/bin/env python3
"""Makes the recordings of the demo: builds the emulated organization of tools/estate and lets Qrie read it with recording on.

    dotnet build Qrie.Api && python3 tools/demo/record.py

Writes samples/demo: organization.json (when it was recorded, regions, accounts) and the recorded answers. Needs moto_server and boto3.
"""
import datetime
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

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools" / "emulator"), str(ROOT / "tools" / "estate")]
import build  # noqa: E402
import deny_proxy  # noqa: E402

SAMPLES = ROOT / "samples" / "demo"
RECORDINGS = SAMPLES / "recordings"
OWN_ACCOUNT = "123456789012"  # the account of moto's own credentials
ACCOUNTS = [
    {"account_id": OWN_ACCOUNT, "name": "platform", "ou": "/Production/Platform"},
    {"account_id": "210987654321", "name": "shop-production", "ou": "/Production/Shop"},
    {"account_id": "310987654321", "name": "shop-staging", "ou": "/Staging/Shop"},
]


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
            "Aws__Regions": ",".join(build.REGIONS),
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
            done = wait_for(f"{base}/scans/{scan['scan_id']}", lambda b: json.loads(b)["finished_at"] is not None, 600)
            print(json.dumps({"status": done["status"], "counters": done["counters"]}))
        finally:
            qrie.terminate()
            qrie.wait(30)


def main():
    shutil.rmtree(SAMPLES, ignore_errors=True)
    RECORDINGS.mkdir(parents=True)
    port = free_port()
    moto = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_AMIS_PATH": str(build.AMIS)})
    try:
        emulator = f"http://127.0.0.1:{port}"
        wait_for(f"{emulator}/moto-api/")
        made = build.build(emulator, [account["account_id"] for account in ACCOUNTS])
        proxy = deny_proxy.start(emulator, 0, made["rules"])
        record(f"http://127.0.0.1:{proxy.server_address[1]}")
    finally:
        moto.terminate()
        moto.wait(30)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    organization = {"recorded_at": now.isoformat(), "regions": build.REGIONS, "accounts": ACCOUNTS}
    (SAMPLES / "organization.json").write_text(json.dumps(organization, indent=2) + "\n")


if __name__ == "__main__":
    main()
