"""Random requests and answers for every operation of the models, as botocore would write and read them.

    python3 synthetic.py make <models folder> <seed>     one JSON line per operation:
        {service, operation, input, request: {method, path, query, headers, body}, status, answerHeaders, answer, expected}
    python3 synthetic.py verify < captured               signs captured requests again; prints one JSON line per difference
"""
import base64
import datetime
import json
import pathlib
import random
import sys
import warnings

import botocore.session
import moto.core.model
from botocore import handlers, parsers, serialize
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.credentials import Credentials
from moto.core.serialize import get_serializer_class

warnings.filterwarnings("ignore")
DEBUG = False
WORDS = ["a", "Name-1", "x y", "é<&>\"'", "100%", "a/b", "k=v&l", "~*!()", "+1", "ünï", "arn:aws:s3:::b/*"]


class Generator:
    """Values for shapes; every structure member is set or not by chance."""

    def __init__(self, rng, is_input):
        self.rng, self.is_input = rng, is_input

    def value(self, shape, depth=0, safe=False):
        return getattr(self, "_" + shape.type_name, self._string)(shape, depth, safe)

    def _structure(self, shape, depth, safe):
        if getattr(shape, "is_document_type", False):
            return {"k": self.rng.choice(WORDS), "n": [1, {"x": True}]}
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False) and names:
            names = [self.rng.choice(names)]
        result = {}
        for name in names:
            member = shape.members[name]
            required = name in shape.required_members
            nested = member.type_name in ("structure", "list", "map")
            if nested and depth > 4 and not required and len(names) > 1:
                continue
            # Qrie takes a response without its list, or without its payload, for unreadable.
            sent = not self.is_input and depth == 0 and (member.type_name in ("list", "map") or shape.serialization.get("payload") == name)
            if required or sent or self.rng.random() < (0.75 if depth < 2 else 0.4) or len(names) == 1:
                location = member.serialization.get("location")
                result[name] = self.value(member, depth + 1, safe=location in ("uri", "header", "headers") or name == "Bucket")
        return result

    def _list(self, shape, depth, safe):
        # botocore cannot tell an empty flat list from a missing one, so that lists have items.
        return [self.value(shape.member, depth + 1, safe) for _ in range(self.rng.randint(1, 2))]

    def _map(self, shape, depth, safe):
        keys = [f"key{n}" for n in range(self.rng.randint(1, 2))]
        if getattr(shape.key, "enum", None):
            keys = self.rng.sample(shape.key.enum, min(len(keys), len(shape.key.enum)))
        return {key: self.value(shape.value, depth + 1, safe) for key in keys}

    def _string(self, shape, depth, safe):
        if getattr(shape, "enum", None):
            return self.rng.choice(shape.enum)
        if shape.serialization.get("jsonvalue"):
            return {"a": 1}
        return self.rng.choice(["abc", "a-b.c", "Value1"]) if safe else self.rng.choice(WORDS)

    def _integer(self, shape, depth, safe):
        return self.rng.randint(1, 10000)

    def _long(self, shape, depth, safe):
        return self.rng.randint(1, 2**40)

    def _float(self, shape, depth, safe):
        return self.rng.randint(1, 1000) / 8

    _double = _float

    def _boolean(self, shape, depth, safe):
        return self.rng.random() < 0.5

    def _timestamp(self, shape, depth, safe):
        return datetime.datetime.fromtimestamp(self.rng.randint(10**9, 2 * 10**9), datetime.timezone.utc)

    def _blob(self, shape, depth, safe):
        return bytes(self.rng.randrange(256) for _ in range(self.rng.randint(1, 9))) if not shape.serialization.get("streaming") else b"stream"


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def encode_policies(shape, value):
    """IAM answers its policy documents URL-encoded."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                if member.name == "policyDocumentType":
                    value[name] = "%7B%22Version%22%3A%20%222012-10-17%22%7D"
                else:
                    encode_policies(member, value[name])
    elif shape.type_name == "list":
        for item in value:
            encode_policies(shape.member, item)


def answer_of(rng, service, emulated, operation, protocol):
    """A random answer on the wire, and what botocore reads from it; None where the emulator's serializer cannot write it."""
    shape = operation.output_shape
    value = Generator(rng, is_input=False).value(shape) if shape is not None else {}
    if service == "iam" and shape is not None:
        encode_policies(shape, value)
    if operation.name == "GetBucketPolicy":  # text that is no document is refused
        value["Policy"] = '{"Version": "2012-10-17", "Statement": []}'
    try:
        wire = get_serializer_class(service, protocol)(operation_model=emulated.operation_model(operation.name)).serialize(value)
        body = wire["body"] if isinstance(wire["body"], bytes) else wire["body"].encode()
        headers = {k: str(v) for k, v in wire["headers"].items()}
        parser = parsers.create_parser(protocol)
        parsed = parser.parse({"body": body, "status_code": wire["status_code"], "headers": HeadersDict(headers)}, shape)
    except Exception:
        if DEBUG: raise
        return None
    parsed.pop("ResponseMetadata", None)
    payload = shape.serialization.get("payload") if shape is not None else None
    if payload and shape.members[payload].type_name == "blob":
        parsed[payload] = body  # botocore makes text of it
    if service == "iam":
        handlers.json_decode_policies(parsed, operation)
    try:
        json.dumps(plain(parsed))
    except TypeError:  # GetBucketLocation, which botocore leaves to a handler
        return None
    return {"status": wire["status_code"], "answerHeaders": headers, "answer": base64.b64encode(body).decode(), "expected": plain(parsed)}


def request_of(rng, operation, protocol):
    shape = operation.input_shape
    value = Generator(rng, is_input=True).value(shape) if shape is not None else {}
    for name in operation.idempotent_members:  # both sides would make one of their own
        value.setdefault(name, "token")
    serializer = serialize.create_serializer(protocol, include_validation=False)
    wire = serializer.serialize_to_request(value, operation)
    body = wire["body"]
    if isinstance(body, dict):
        body = "&".join(f"{quote(k)}={quote(v)}" for k, v in body.items())
    body = body.encode() if isinstance(body, str) else body or b""
    query = wire["query_string"]
    pairs = query.items() if isinstance(query, dict) else query or []
    return value, {
        "method": wire["method"],
        "path": wire["url_path"],
        "query": [[k, str(i)] for k, v in pairs for i in (v if isinstance(v, (list, tuple)) else [v])],
        "headers": {k: str(v) for k, v in wire["headers"].items()},
        "body": base64.b64encode(body).decode(),
    }


def quote(text):
    from urllib.parse import quote

    return quote(str(text), safe="")


def make(folder, seed):
    loader = botocore.session.get_session().get_component("data_loader")
    for file in sorted(pathlib.Path(folder).glob("*.json")):
        ours = json.loads(file.read_text())
        service, protocol = ours["service"], ours["protocol"]
        description = loader.load_service_model(service, "service-2")
        description["metadata"]["protocol"] = protocol
        model = botocore.model.ServiceModel(description, service)
        emulated = moto.core.model.ServiceModel(description, service)
        for name in ours["operations"]:
            operation = model.operation_model(name)
            rng = random.Random(f"{seed}:{service}:{name}")
            value, request = request_of(rng, operation, protocol)
            line = {"service": service, "operation": name, "input": plain(value), "request": request}
            line.update(answer_of(rng, service, emulated, operation, protocol) or {})
            print(json.dumps(line))


def verify():
    """Each line: {label, service, signingName, region, method, url, headers, body, token}; the signature is computed again over what was sent."""
    for line in sys.stdin:
        sent = json.loads(line)
        headers = {k.lower(): v for k, v in sent["headers"].items()}
        theirs = headers["authorization"]
        signed = theirs.split("SignedHeaders=")[1].split(",")[0].split(";")
        request = AWSRequest(method=sent["method"], url=sent["url"], data=base64.b64decode(sent["body"]), headers={k: headers[k] for k in signed if k in headers})
        request.context["timestamp"] = headers["x-amz-date"]
        kind = S3SigV4Auth if sent["signingName"] == "s3" else SigV4Auth
        signer = kind(Credentials("AKIDEXAMPLE", "secret", sent.get("token")), sent["signingName"], sent["region"])
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        if not theirs.endswith("Signature=" + signature):
            print(json.dumps({"label": sent["label"], "url": sent["url"], "canonical": canonical}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3])
    else:
        verify()
