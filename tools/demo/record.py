#!/usr/bin/env python3
"""Creates the recordings of the demo: builds the emulated organization of tools/estate stage by stage and runs an inventory of each with recording enabled.

    dotnet build Qrie.Api && python3 tools/demo/record.py

Writes samples/demo: organization.json (when it was recorded, how many weeks ago each stage is, regions, accounts) and the recorded answers, of each stage those
that differ from the stage before. Needs moto_server and boto3.
"""
import datetime
import gzip
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
import timeline  # noqa: E402

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


def wait_for(url, until=lambda body: True, seconds=300):
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


def record(endpoint, data, folder):
    """Runs an inventory with the store of the earlier ones, so that missing resources are read again."""
    base = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "ASPNETCORE_URLS": base,
        "Aws__Endpoint": endpoint,
        "Aws__Regions": ",".join(build.REGIONS),
        "Aws__RecordTo": str(folder),
        "Store__Path": f"{data}/qrie.db",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_REGION": "us-east-1",
    }
    qrie = subprocess.Popen(["dotnet", str(ROOT / "artifacts/bin/Qrie.Api/debug/Qrie.Api.dll")], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"{base}/health")
        known = {account["account_id"] for account in wait_for(f"{base}/accounts")}
        for account in ACCOUNTS:
            if account["account_id"] not in known:  # the account of the credentials is registered automatically
                post(base, "/accounts", account)
        scan = post(base, "/scans", {"kind": "inventory"})
        done = wait_for(f"{base}/scans/{scan['scan_id']}", lambda b: json.loads(b)["finished_at"] is not None, 600)
        print(json.dumps({"status": done["status"], "counters": done["counters"]}), flush=True)
    finally:
        qrie.terminate()
        qrie.wait(30)


def record_stages(emulator):
    """Records every stage; returns the time of the last one, and all layers by file and call."""
    estates = build.stages(emulator, [account["account_id"] for account in ACCOUNTS])
    rules, begun, layers = [], [], []
    proxy = deny_proxy.start(emulator, 0, rules)
    with tempfile.TemporaryDirectory() as data:
        while True:
            begun.append(datetime.datetime.now(datetime.timezone.utc))
            time.sleep(1)  # times truncated to the second must not seem to belong to the previous stage
            estate = next(estates, None)
            if estate is None:
                break
            rules[:] = estate.rules()
            folder = pathlib.Path(data) / "layer"
            record(f"http://127.0.0.1:{proxy.server_address[1]}", data, folder)
            layers.append({file.relative_to(folder): file.read_text() for file in sorted(folder.rglob("*.json"))})
            shutil.rmtree(folder)
            now = estate.now
    past = timeline.Timeline(begun, build.model.STAGES, now)
    return now, [{file: {timeline.key(c): c for c in json.loads(past.moved(text))} for file, text in layer.items()} for layer in layers]


def write(layers, folder=RECORDINGS):
    """Writes the differences of each layer from the previous ones."""
    said = {}
    for number, layer in enumerate(layers):
        for file, calls in layer.items():
            known = said.setdefault(file, {})
            new = [call for key, call in sorted(calls.items()) if known.get(key) != call]
            known.update(calls)
            if new:
                path = folder / str(number) / file
                path.parent.mkdir(parents=True, exist_ok=True)
                lines = ",\n".join(json.dumps(call, separators=(",", ":"), ensure_ascii=False) for call in new)
                # Without a time, so that the same recording gives the same file.
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(f"[\n{lines}\n]\n".encode(), mtime=0))


def main():
    port = free_port()
    moto = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_AMIS_PATH": str(build.AMIS)})
    try:
        emulator = f"http://127.0.0.1:{port}"
        wait_for(f"{emulator}/moto-api/")
        now, layers = record_stages(emulator)
    finally:
        moto.kill()  # it exits by itself only when idle; its state is not needed
        moto.wait(30)
    # A build does not delete removed files from its output, so recordings of earlier runs would still be replayed.
    for old in (RECORDINGS, *ROOT.glob("artifacts/bin/*/*/samples/demo/recordings")):
        shutil.rmtree(old, ignore_errors=True)
    write(layers)
    organization = {
        "recorded_at": now.replace(microsecond=0).isoformat(), "layers": build.model.STAGES, "regions": build.REGIONS,
        "services": sorted(file.stem for file in (ROOT / "catalog" / "services").glob("*.yaml")), "accounts": ACCOUNTS,
    }
    (SAMPLES / "organization.json").write_text(json.dumps(organization, indent=2) + "\n")


if __name__ == "__main__":
    main()
