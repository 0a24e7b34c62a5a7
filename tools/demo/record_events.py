#!/usr/bin/env python3
"""Creates the recordings of --demo-events: executes every step of changes.py in an emulator, sends Qrie its event through a queue, and records Qrie's calls and responses.

    dotnet build Qrie.Api && python3 tools/demo/record_events.py

Writes samples/demo/events: events.json (when it was recorded, and the CloudTrail record of each step) and the recorded answers: layer 0 from before the first
step, layer n from after step n, each with what differs from the layers before it. They go on top of those of record.py, and hold nothing but answers about what
the steps change. Needs moto_server and boto3.
"""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import boto3

import changes
import record
import timeline

EVENTS = record.SAMPLES / "events"
KEYS = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}


def clients(emulator):
    """boto3 clients in any account."""
    def client(account, service, region):
        keys = KEYS
        if account != record.OWN_ACCOUNT:
            sts = boto3.client("sts", endpoint_url=emulator, region_name="us-east-1", **KEYS)
            given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Developer", RoleSessionName="ann")["Credentials"]
            keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"], "aws_session_token": given["SessionToken"]}
        return boto3.client(service, endpoint_url=emulator, region_name=region, **keys)
    return client


def follow(emulator, queue, data, messages):
    """Runs Qrie with the messages; returns its calls and responses by file."""
    base = f"http://127.0.0.1:{record.free_port()}"
    sqs = boto3.client("sqs", endpoint_url=emulator, region_name="us-east-1", **KEYS)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "ASPNETCORE_URLS": base, "Aws__Endpoint": emulator, "Aws__Regions": ",".join(record.build.REGIONS), "Aws__RecordTo": folder, "Events__QueueUrl": queue,
            "Events__StaleMargin": "01:00:00",  # so that no event is skipped on a slow machine
            "Store__Path": f"{data}/qrie.db", "AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator", "AWS_REGION": "us-east-1",
        }
        qrie = subprocess.Popen(["dotnet", str(record.ROOT / "artifacts/bin/Qrie.Api/debug/Qrie.Api.dll")], env=environment, stdout=subprocess.DEVNULL)
        try:
            record.wait_for(f"{base}/health")
            known = {account["account_id"] for account in record.wait_for(f"{base}/accounts")}
            for account in record.ACCOUNTS:
                if account["account_id"] not in known:
                    record.post(base, "/accounts", account)
            told = record.wait_for(f"{base}/events/health")["received"]
            for message in messages:
                sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(changes.stamped(message)))
            health = record.wait_for(f"{base}/events/health", lambda b: json.loads(b)["received"] >= told + len(messages))
            if health["processed"] != health["received"]:
                raise SystemExit(f"not every event was processed: {health['outcomes']}")
        finally:
            qrie.terminate()
            qrie.wait(30)
        return {file.relative_to(folder): json.loads(file.read_text()) for file in sorted(pathlib.Path(folder).rglob("*.json"))}


def concerning(layer, ids):
    """The calls that refer to changed resources, with their last response."""
    kept = {}
    for file, calls in layer.items():
        about = [{**call, "answers": call["answers"][-1:]} for call in calls if any(f'"{i}"' in json.dumps(call.get("parameters", {})) for i in ids)]
        if about:
            kept[file] = {timeline.key(call): call for call in about}
    return kept


def main():
    port = record.free_port()
    moto = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "MOTO_AMIS_PATH": str(record.build.AMIS)})
    try:
        emulator = f"http://127.0.0.1:{port}"
        record.wait_for(f"{emulator}/moto-api/")
        queue = boto3.client("sqs", endpoint_url=emulator, region_name="us-east-1", **KEYS).create_queue(QueueName="demo")["QueueUrl"]
        made, messages, layers = changes.Changes(clients(emulator)), [], []
        with tempfile.TemporaryDirectory() as data:
            for number, step in enumerate(made.steps(), 1):
                messages.append(changes.envelope(number, *step))
                layers.append(follow(emulator, queue, data, messages[-1:]))
                print(number, step[3], flush=True)
            # At the end all resources are deleted, so later calls return the responses of this state.
            nothing = follow(emulator, queue, data, messages)
    finally:
        moto.kill()  # it exits by itself only when idle; its state is not needed
        moto.wait(30)
    for old in (EVENTS, *record.ROOT.glob("artifacts/bin/*/*/samples/demo/events")):
        shutil.rmtree(old, ignore_errors=True)
    record.write([concerning(layer, made.ids) for layer in [nothing, *layers]], EVENTS)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0).isoformat()
    (EVENTS / "events.json").write_text(json.dumps({"recorded_at": now, "events": messages}, indent=1) + "\n")


if __name__ == "__main__":
    main()
