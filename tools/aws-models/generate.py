#!/usr/bin/env python3
"""Writes catalog/aws/models/*.json and catalog/aws/endpoints.json from an installed botocore.

Wire facts only: protocol, paths, wire names, types, required members, pagination, the `sensitive` trait. No documentation.
The same botocore version gives byte-identical files. The format is described in catalog/aws/README.md.

    python3 tools/aws-models/generate.py [--services FILE] [--out FOLDER] [--only-listed] [--no-endpoints]
"""
import argparse
import gzip
import json
import os
import pathlib

import botocore

import endpoints
import pagination

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(botocore.__file__).parent / "data"

PROTOCOLS = ["json", "rest-json", "query", "ec2", "rest-xml"]
READS = ("List", "Describe", "Get", "BatchGet", "Search", "Lookup")
SCALARS = {
    "string": "s", "character": "s", "integer": "i", "long": "i", "bigdecimal": "d", "float": "d", "double": "d",
    "boolean": "b", "blob": "B", "timestamp": "t",
}


def load(service):
    """The newest API version of a service: its model and its paginators."""
    folder = DATA / service / sorted(os.listdir(DATA / service))[-1]
    with gzip.open(folder / "service-2.json.gz") as file:
        model = json.load(file)
    paginators = {}
    if (folder / "paginators-1.json").exists():
        paginators = json.loads((folder / "paginators-1.json").read_text())["pagination"]
    extras = folder / "paginators-1.sdk-extras.json"
    if extras.exists():
        for name, value in json.loads(extras.read_text()).get("merge", {}).get("pagination", {}).items():
            paginators.setdefault(name, {}).update(value)
    return model, paginators


def namespace(value):
    return value if isinstance(value, str) else value["uri"]


class Trimmer:
    """Selects the required operations of a service and the shapes that they use."""

    def __init__(self, service, model, paginators):
        self.service, self.model, self.paginators = service, model, paginators
        self.source = model["shapes"]
        self.shapes = {}

    def trim(self, wanted):
        metadata = self.model["metadata"]
        operations = {name: self.operation(name) for name in wanted}
        result = {
            "service": self.service,
            "id": metadata["serviceId"],
            "version": metadata["apiVersion"],
            "protocol": next(p for p in [metadata["protocol"], *metadata.get("protocols", [])] if p in PROTOCOLS),
            "endpointPrefix": metadata["endpointPrefix"],
        }
        for key in ("jsonVersion", "targetPrefix", "signingName"):
            if metadata.get(key):
                result[key] = metadata[key]
        if metadata.get("xmlNamespace"):
            result["xmlNamespace"] = namespace(metadata["xmlNamespace"])
        if "awsQueryCompatible" in metadata:
            result["queryCompatible"] = 1
        result["others"] = sorted(set(self.model["operations"]) - set(operations))
        result["operations"] = operations
        result["shapes"] = {name: self.shapes[name] for name in sorted(self.shapes)}
        return result

    def operation(self, name):
        source = self.model["operations"][name]
        result = {}
        if source["http"]["method"] != "POST":
            result["m"] = source["http"]["method"]
        if source["http"]["requestUri"] != "/":
            result["u"] = source["http"]["requestUri"]
        if "input" in source:
            self.build(source["input"]["shape"])
            result["i"] = source["input"]["shape"]
            if "locationName" in source["input"]:
                result["in"] = source["input"]["locationName"]
            if "xmlNamespace" in source["input"]:
                result["ix"] = namespace(source["input"]["xmlNamespace"])
        if "output" in source:
            self.build(source["output"]["shape"])
            result["o"] = source["output"]["shape"]
            if "resultWrapper" in source["output"]:
                result["w"] = source["output"]["resultWrapper"]
        if source.get("endpoint", {}).get("hostPrefix"):
            result["h"] = source["endpoint"]["hostPrefix"]
        if source.get("authtype") == "none" or source.get("auth") == ["smithy.api#noAuth"]:
            result["a"] = 1
        if (source.get("httpChecksum") or {}).get("requestChecksumRequired") or source.get("httpChecksumRequired"):
            result["md5"] = 1
        page = pagination.find(name, source, self.source, self.paginators)
        if page:
            result["pg"] = page
        return result

    def reference(self, name, member=None):
        """The type of a member: a scalar's code, or the name of a shape."""
        shape = self.source[name]
        if shape["type"] not in SCALARS:
            self.build(name)
            return name
        code = SCALARS[shape["type"]]
        if self.service == "iam" and name == "policyDocumentType":
            code = "P"
        if shape["type"] == "timestamp":
            written = (member or {}).get("timestampFormat") or shape.get("timestampFormat")
            code += ":" + written if written else ""
        return code + ("!" if shape.get("sensitive") else "")

    def member(self, member):
        shape = self.source[member["shape"]]
        traits = {}
        wire = member.get("locationName", shape.get("locationName"))
        if wire:
            traits["n"] = wire
        if "location" in member:
            traits["l"] = member["location"]
        if "queryName" in member:
            traits["q"] = member["queryName"]
        for trait, key in (("flattened", "f"), ("xmlAttribute", "a"), ("jsonvalue", "j"), ("streaming", "st")):
            if member.get(trait) or shape.get(trait):
                traits[key] = 1
        for trait, key in (("idempotencyToken", "k"), ("hostLabel", "h")):
            if member.get(trait):
                traits[key] = 1
        space = member.get("xmlNamespace") or shape.get("xmlNamespace")
        if space:
            traits["x"] = namespace(space)
        kind = self.reference(member["shape"], member)
        return {"s": kind, **traits} if traits else kind

    def build(self, name):
        if name in self.shapes:
            return
        shape = self.source[name]
        result = self.shapes[name] = {}
        kind = shape["type"]
        if kind == "structure":
            result["t"] = "doc" if shape.get("document") else "s"
            result["m"] = {key: self.member(member) for key, member in shape.get("members", {}).items()}
            if shape.get("required"):
                result["r"] = shape["required"]
            if shape.get("payload"):
                result["p"] = shape["payload"]
            if shape.get("xmlNamespace"):
                result["x"] = namespace(shape["xmlNamespace"])
            if shape.get("union"):
                result["u"] = 1
        elif kind == "list":
            result["t"] = "l"
            result["e"] = self.reference(shape["member"]["shape"], shape["member"])
            if "locationName" in shape["member"]:
                result["en"] = shape["member"]["locationName"]
        elif kind == "map":
            result["t"] = "m"
            result["k"] = self.reference(shape["key"]["shape"])
            result["v"] = self.reference(shape["value"]["shape"], shape["value"])
            if "locationName" in shape["key"]:
                result["kn"] = shape["key"]["locationName"]
            if "locationName" in shape["value"]:
                result["vn"] = shape["value"]["locationName"]
        else:
            raise ValueError(f"{self.service}: shape {name} has the unknown type {kind}")
        if kind in ("list", "map") and shape.get("flattened"):
            result["f"] = 1
        if shape.get("locationName") and kind != "map":
            result["n"] = shape["locationName"]
        if shape.get("sensitive"):
            result["!"] = 1


def has_events(model, operation):
    """Event streams are not plain HTTP responses; no required read uses them."""
    shapes = model["shapes"]
    output = model["operations"][operation].get("output")
    members = shapes[output["shape"]].get("members", {}).values() if output else []
    return any(shapes[member["shape"]].get("eventstream") for member in members)


def render(model):
    """One line per operation and per shape: compact, with readable diffs."""
    dump = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    lines = []
    for key, value in model.items():
        if key in ("operations", "shapes"):
            inner = ",\n".join(f"{dump(name)}:{dump(entry)}" for name, entry in value.items())
            lines.append(f"{dump(key)}:{{\n{inner}\n}}")
        else:
            lines.append(f"{dump(key)}:{dump(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_services(path):
    services = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, more = line.partition(":")
            services[name.strip()] = more.split()
    return services


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", default=HERE / "services.txt")
    parser.add_argument("--out", default=HERE.parent.parent / "catalog" / "aws")
    parser.add_argument("--only-listed", action="store_true", help="take the listed operations and no others")
    parser.add_argument("--no-endpoints", action="store_true")
    options = parser.parse_args()

    services = read_services(options.services)
    folder = pathlib.Path(options.out) / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    size = count = made = 0
    for service, more in services.items():
        model, paginators = load(service)
        reads = [] if options.only_listed else [o for o in model["operations"] if o.startswith(READS)]
        wanted = sorted(o for o in {*reads, *more} if not has_events(model, o))
        trimmed = Trimmer(service, model, paginators).trim(wanted)
        text = render(trimmed)
        (folder / f"{service}.json").write_text(text)
        size += len(text)
        count += len(wanted)
        made += sum("s" in operation.get("pg", {}) for operation in trimmed["operations"].values())
    print(f"botocore {botocore.__version__}: {len(services)} services, {count} operations, {made} made paginators, {size / 1e6:.2f} MB")
    if not options.no_endpoints:
        text = endpoints.generate(list(services))
        (pathlib.Path(options.out) / "endpoints.json").write_text(text)
        print(f"endpoints: {len(text)} bytes")


if __name__ == "__main__":
    main()
