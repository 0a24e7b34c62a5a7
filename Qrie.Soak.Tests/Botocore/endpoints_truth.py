"""What botocore's rule sets say about services in all regions: endpoints_truth.py <tools/aws-models> <service>…"""
import json
import sys

sys.path.insert(0, sys.argv[1])
import botocore.session  # noqa: E402
import endpoints  # noqa: E402

loader = botocore.session.get_session().get_component("data_loader")
rules = loader.load_data("partitions")
partitions = {p["id"]: {"regions": [r for r in p["regions"] if not r.endswith("-global")]} for p in rules["partitions"] if p["id"] in endpoints.PARTITIONS}
for service in sys.argv[2:]:
    for region, (_, url, signing_region, signing_name) in endpoints.resolve(service, loader, rules, partitions).items():
        print(json.dumps({"service": service, "region": region, "url": url, "signingRegion": signing_region, "signingName": signing_name}))
