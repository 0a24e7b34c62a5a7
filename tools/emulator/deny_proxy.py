#!/usr/bin/env python3
"""Stands in front of an emulated AWS and refuses chosen calls, as an IAM or bucket policy would.

    python3 tools/emulator/deny_proxy.py --upstream http://127.0.0.1:5000 --port 5001 \
        --deny s3:GetBucketVersioning:my-bucket --deny ec2:DescribeVolumes --deny ListBuckets

A denial is an operation, with or without its service before it and a resource behind it: any text in path, query or body. moto does not enforce permissions,
so this is how a denied read is tried out by hand and how the demo gets its own. --rules takes the expected.json of tools/estate: its rules also know
accounts and regions, and may change an answer instead of refusing.
"""
import argparse
import functools
import http.client
import http.server
import json
import pathlib
import re
import threading
import urllib.parse
from xml.sax.saxutils import escape

MODELS = pathlib.Path(__file__).resolve().parents[2] / "catalog" / "aws" / "models"
# The query key that selects the configuration in a GET on a bucket.
BY_QUERY = {
    "accelerate": "GetBucketAccelerateConfiguration",
    "acl": "GetBucketAcl",
    "cors": "GetBucketCors",
    "encryption": "GetBucketEncryption",
    "lifecycle": "GetBucketLifecycleConfiguration",
    "location": "GetBucketLocation",
    "logging": "GetBucketLogging",
    "notification": "GetBucketNotificationConfiguration",
    "object-lock": "GetObjectLockConfiguration",
    "ownershipControls": "GetBucketOwnershipControls",
    "policy": "GetBucketPolicy",
    "policyStatus": "GetBucketPolicyStatus",
    "publicAccessBlock": "GetPublicAccessBlock",
    "replication": "GetBucketReplication",
    "tagging": "GetBucketTagging",
    "versioning": "GetBucketVersioning",
    "website": "GetBucketWebsite",
}
OWN_ACCOUNT = "123456789012"  # of credentials without a role
REFUSAL = "You are not authorized to perform this operation."
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"}


class Request:
    """Service and operation of a request, by signature, target header, Action field, or path and query."""

    def __init__(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        text = body.decode("utf-8", "replace")
        scope = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/", headers.get("Authorization") or "")
        self.key, self.region, self.service = scope.groups() if scope else (None, None, None)
        self.text = urllib.parse.unquote(f"{url.path}?{url.query}") + "\n" + urllib.parse.unquote_plus(text)
        named = headers.get("X-Amz-Target")
        action = re.search(r"(?:^|&)Action=(\w+)", text) or re.search(r"(?:^|&)Action=(\w+)", url.query)
        if named:
            self.protocol, self.operation = "json", named.rpartition(".")[2]
        elif action:
            self.protocol, self.operation = ("ec2" if self.service == "ec2" else "query"), action[1]
        else:
            self.protocol = "rest"
            self.operation = self._rest(method, url)

    def _rest(self, method, url):
        if self.service == "s3" and method != "GET":
            return None
        if url.path.startswith("/v20180820/"):
            return self._modelled(method, url)
        if self.service != "s3":
            return self._modelled(method, url)
        bucket = url.path.strip("/")
        if not bucket:
            return "ListBuckets"
        keys = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        return None if "/" in bucket else next((name for key, name in BY_QUERY.items() if key in keys), None)

    def _modelled(self, method, url):
        """The operation of that method whose path in the service models matches best."""
        fitting = [(literal, service, name, is_json) for m, pattern, literal, service, name, is_json in templates(self.service) if m == method and pattern.match(url.path)]
        if not fitting:
            return None
        _, self.service, name, is_json = max(fitting)
        self.protocol = "rest-json" if is_json else "rest"
        return name


@functools.cache
def templates(signing_name):
    """For services with this signing name and REST paths: method, path, number of literal parts, service, operation, whether responses are JSON."""
    found = []
    for file in sorted(MODELS.glob("*.json")):
        model = json.loads(file.read_text())
        if model.get("protocol", "").startswith("rest-") and signing_name in (model.get("signingName"), model.get("endpointPrefix")):
            for name, operation in model["operations"].items():
                path = operation.get("u", "/").partition("?")[0]
                pattern = re.sub(r"\\{[^}]*?(\\\+)?\\}", lambda m: ".+" if m[1] else "[^/]+", re.escape(path))
                literal = sum(1 for part in path.split("/") if part and not part.startswith("{"))
                found.append((operation.get("m", "POST"), re.compile(f"{pattern}/?$"), literal, model["service"], name, model["protocol"] == "rest-json"))
    return found


def rule_of(denial):
    """The rule of a --deny: [service:]Operation[:resource]."""
    parts = denial.split(":", 1)
    if parts[0] and parts[0][0].islower() and len(parts) > 1:
        service, parts = parts[0], parts[1].split(":", 1)
    else:
        service = "*"
    return {"call": f"{service}:{parts[0]}", "deny": True, **({"resource": parts[1]} if len(parts) > 1 else {})}


def takes(rule, request, account):
    service, _, operation = rule["call"].partition(":")
    return (
        operation in (request.operation, "*") and service in (request.service, "*")
        and rule.get("account", account) == account and rule.get("region", request.region) == request.region
        and rule.get("resource", "") in request.text)


def refusal(protocol):
    """Content type and body of AWS's access denied response."""
    if protocol in ("json", "rest-json"):
        return "application/x-amz-json-1.1", json.dumps({"__type": "AccessDeniedException", "message": REFUSAL})
    code, head = ("UnauthorizedOperation" if protocol == "ec2" else "AccessDenied"), '<?xml version="1.0" encoding="UTF-8"?>\n'
    error = f"<Code>{code}</Code><Message>{escape(REFUSAL)}</Message>"
    return "text/xml", head + {
        "ec2": f"<Response><Errors><Error>{error}</Error></Errors><RequestID>deny-proxy</RequestID></Response>",
        "query": f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>deny-proxy</RequestId></ErrorResponse>",
        "rest": f"<Error>{error}<RequestId>DENYPROXY0000001</RequestId><HostId>deny-proxy</HostId></Error>",
    }[protocol]


def make_handler(upstream, rules):
    accounts = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, self.headers, body)
            account = accounts.get(request.key, OWN_ACCOUNT)
            rule = next((r for r in rules if takes(r, request, account)), None)
            if rule and rule.get("deny"):
                kind, text = refusal(request.protocol)
                self.answer(403, [("Content-Type", kind), ("x-amzn-RequestId", "deny-proxy")], text.encode())
                return
            if rule and "answer" in rule:
                kind = "text/xml" if rule["answer"].startswith("<") else "application/x-amz-json-1.1"
                self.answer(200, [("Content-Type", kind), ("x-amzn-RequestId", "deny-proxy")], rule["answer"].encode())
                return
            if rule and "error" in rule:
                text = json.dumps({"__type": rule["error"], "message": rule["message"]})
                self.answer(400, [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-errortype", rule["error"])], text.encode())
                return
            connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=120)
            try:
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                if request.operation == "AssumeRole":
                    self.remember(text.decode())
                if rule:
                    # Groups are in .NET syntax, because .NET uses the same rules.
                    text = re.sub(rule["pattern"], re.sub(r"\$\{(\d+)\}", r"\\g<\1>", rule["replacement"]), text.decode()).encode()
                self.answer(answer.status, answer.getheaders(), text)
            finally:
                connection.close()

        def remember(self, answer):
            key = re.search("<AccessKeyId>([^<]+)<", answer)
            account = re.search(r"<Arn>arn:[^:]+:sts::(\d{12}):", answer)
            if key and account:
                accounts[key[1]] = account[1]

        def answer(self, status, headers, body):
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in HOP_BY_HOP | {"content-length", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        def log_message(self, *_):
            pass

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # closed client connections are not errors


def start(upstream, port, rules):
    """Serves in the background; the port of the returned server is server_address[1]."""
    server = Server(("127.0.0.1", port), make_handler(urllib.parse.urlsplit(upstream), rules))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", default="http://127.0.0.1:5000")
    parser.add_argument("--port", type=int, default=5001)
    parser.add_argument("--deny", action="append", default=[], metavar="[SERVICE:]OPERATION[:RESOURCE]")
    parser.add_argument("--rules", help="expected.json of tools/estate")
    arguments = parser.parse_args()
    told = [rule_of(denial) for denial in arguments.deny]
    if arguments.rules:
        with open(arguments.rules) as file:
            told += json.load(file)["rules"]
    running = start(arguments.upstream, arguments.port, told)
    print(f"http://127.0.0.1:{running.server_address[1]} -> {arguments.upstream}, {len(told)} rules", flush=True)
    threading.Event().wait()
