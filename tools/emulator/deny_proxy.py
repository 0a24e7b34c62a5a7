#!/usr/bin/env python3
"""Stands in front of an emulated AWS and refuses chosen S3 reads, as an IAM or bucket policy would.

    python3 tools/emulator/deny_proxy.py --upstream http://127.0.0.1:5000 --port 5001 \
        --deny GetBucketVersioning:my-bucket --deny ListBuckets

moto does not enforce permissions on most S3 sub-resources, so this is how a denied read is tried out by hand and how the demo gets its own.
"""
import argparse
import http.client
import http.server
import threading
import urllib.parse

# The query key by which a GET on a bucket tells which configuration it wants.
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
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    "<RequestId>DENYPROXY0000001</RequestId><HostId>deny-proxy</HostId></Error>"
)
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"}


def operation_of(method, path, query):
    """The S3 operation and bucket of a request; (None, None) for anything else."""
    if method != "GET":
        return None, None
    bucket = urllib.parse.unquote(path.strip("/"))
    if not bucket:
        return "ListBuckets", None
    if "/" in bucket:
        return None, None
    keys = urllib.parse.parse_qs(query, keep_blank_values=True)
    return next(((name, bucket) for key, name in BY_QUERY.items() if key in keys), (None, None))


def make_handler(upstream, denials):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urllib.parse.urlsplit(self.path)
            operation, bucket = operation_of(self.command, url.path, url.query)
            if operation and (operation in denials or f"{operation}:{bucket}" in denials):
                self.answer(403, [("Content-Type", "application/xml")], DENIED.encode())
                return
            connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=120)
            try:
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                self.answer(answer.status, answer.getheaders(), answer.read())
            finally:
                connection.close()

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
        pass  # clients that close their connection are no errors


def start(upstream, port, denials):
    """Serves in the background; the server that it returns has the port in server_address[1]."""
    handler = make_handler(urllib.parse.urlsplit(upstream), set(denials))
    server = Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", default="http://127.0.0.1:5000")
    parser.add_argument("--port", type=int, default=5001)
    parser.add_argument("--deny", action="append", default=[], metavar="OPERATION[:BUCKET]")
    arguments = parser.parse_args()
    running = start(arguments.upstream, arguments.port, arguments.deny)
    print(f"http://127.0.0.1:{running.server_address[1]} -> {arguments.upstream}, denying {arguments.deny}", flush=True)
    threading.Event().wait()
