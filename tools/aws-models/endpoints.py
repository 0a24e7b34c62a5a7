"""The endpoint table: botocore's endpoint rules evaluated for every service and region, stored as templates and exceptions."""
import collections
import json

import botocore.session
from botocore.endpoint_provider import EndpointProvider

PARTITIONS = ["aws", "aws-cn", "aws-us-gov", "aws-eusc"]
ACCOUNT = "111122223333"


def generate(services):
    loader = botocore.session.get_session().get_component("data_loader")
    rules = loader.load_data("partitions")
    legacy = {p["partition"]: p for p in loader.load_data("endpoints")["partitions"]}
    partitions = {
        p["id"]: {
            "suffix": p["outputs"]["dnsSuffix"],
            "dualSuffix": p["outputs"]["dualStackDnsSuffix"],
            "regex": p["regionRegex"],
            "global": p["outputs"]["implicitGlobalRegion"],
            "regions": [r for r in p["regions"] if not r.endswith("-global")],
        }
        for p in rules["partitions"] if p["id"] in PARTITIONS
    }
    table = {s: service_entry(s, loader, rules, partitions, legacy) for s in services}
    dump = lambda value: json.dumps(value, separators=(",", ":"))
    block = lambda entries: "{\n" + ",\n".join(f"{dump(k)}:{dump(v)}" for k, v in entries.items()) + "\n}"
    return f'{{\n"partitions":{block(partitions)},\n"services":{block(table)}\n}}\n'


def resolve(service, loader, rules, partitions):
    """{region: (partition, url, signing region, signing name)} according to the rule set of the service."""
    rule_set = loader.load_service_model(service, "endpoint-rule-set-1")
    provider = EndpointProvider(rule_set, rules)
    metadata = loader.load_service_model(service, "service-2")["metadata"]
    signing_name = metadata.get("signingName", metadata["endpointPrefix"])
    result = {}
    for partition, facts in partitions.items():
        for region in facts["regions"]:
            arguments = {k: v["default"] for k, v in rule_set["parameters"].items() if "default" in v}
            arguments["Region"] = region
            if service == "s3control":
                arguments |= {"AccountId": ACCOUNT, "RequiresAccountId": True}
            if service == "sts":
                arguments["UseGlobalEndpoint"] = False
            try:
                endpoint = provider.resolve_endpoint(**arguments)
            except Exception:  # the rule set does not support this region
                continue
            scheme = next((a for a in (endpoint.properties or {}).get("authSchemes", []) if a["name"] == "sigv4"), {})
            # The account is already the host prefix of each operation.
            url = endpoint.url.replace(ACCOUNT + ".", "")
            result[region] = (partition, url, scheme.get("signingRegion", region), scheme.get("signingName", signing_name))
    return result


def service_entry(service, loader, rules, partitions, legacy):
    metadata = loader.load_service_model(service, "service-2")["metadata"]
    resolved = {}
    signing_name = None
    for region, (partition, url, signing_region, name) in resolve(service, loader, rules, partitions).items():
        template = url.removeprefix("https://").replace(region, "{r}")
        for suffix, tag in ((partitions[partition]["suffix"], "{s}"), (partitions[partition]["dualSuffix"], "{d}")):
            if template.endswith(suffix):
                template = template[: -len(suffix)] + tag
                break
        resolved[region] = (partition, template, signing_region)
        signing_name = name
    regional = collections.Counter(t for r, (_, t, s) in resolved.items() if s == r)
    default = regional.most_common(1)[0][0] if regional else next(iter(resolved.values()))[1]
    entry = {"t": default}
    if signing_name != metadata.get("signingName", metadata["endpointPrefix"]):
        entry["sign"] = signing_name
    for partition in partitions:
        mine = {r: (t, None if s == r else s) for r, (p, t, s) in resolved.items() if p == partition}
        wrong = lambda rule: [r for r, (t, s) in mine.items() if (rule[0].replace("{r}", r), rule[1] or r) != (t.replace("{r}", r), s or r)]
        candidates = {*mine.values(), (default, None)} if mine else set()
        if not candidates:
            continue
        best = min(candidates, key=lambda rule: (len(wrong(rule)), rule != (default, None), str(rule)))
        if best != (default, None):
            entry.setdefault("p", {})[partition] = {"t": best[0], **({"r": best[1]} if best[1] else {})}
        for region in wrong(best):
            template, signing_region = mine[region]
            entry.setdefault("x", {})[region] = {"t": template, **({"r": signing_region} if signing_region else {})}
    missing = unlisted(metadata["endpointPrefix"], partitions, legacy)
    if missing:
        entry["not"] = missing
    return entry


def unlisted(prefix, partitions, legacy):
    """Regions in which botocore does not list the service, which does not prove its absence."""
    missing = []
    for partition, facts in partitions.items():
        service = legacy.get(partition, {}).get("services", {}).get(prefix)
        if service is None or service.get("isRegionalized") is False:
            continue
        missing += [r for r in facts["regions"] if r not in service["endpoints"]]
    return missing
