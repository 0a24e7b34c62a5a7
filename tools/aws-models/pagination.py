"""Pagination of an operation: botocore's paginator, otherwise one derived from the token members of input and output."""

TOKENS = [
    "NextToken", "nextToken", "Marker", "marker", "NextMarker", "nextMarker", "PaginationToken", "paginationToken",
    "NextPageToken", "nextPageToken", "PageToken", "pageToken", "position", "Cursor", "cursor",
]
# Tokens with different names in the response and the request.
ANSWERS = {"Marker": "NextMarker", "marker": "nextMarker", "PageToken": "NextPageToken", "pageToken": "nextPageToken"}
LIMITS = ["MaxResults", "maxResults", "MaxItems", "maxItems", "MaxRecords", "Limit", "limit", "PageSize", "pageSize", "MaxKeys"]


def as_list(value):
    return value if isinstance(value, list) else [value]


def find(name, operation, shapes, paginators):
    """{i: input tokens, o: output tokens, r: result keys, l: limit key, m: more results, s: 1 if derived by this tool}"""
    if name in paginators:
        source = paginators[name]
        page = {
            "i": as_list(source["input_token"]),
            "o": as_list(source["output_token"]),
            "r": as_list(source["result_key"]) if "result_key" in source else [],
        }
        if "limit_key" in source:
            page["l"] = source["limit_key"]
        if "more_results" in source:
            page["m"] = source["more_results"]
        return page
    if "input" not in operation or "output" not in operation:
        return None
    taken = shapes[operation["input"]["shape"]].get("members", {})
    given = shapes[operation["output"]["shape"]].get("members", {})
    tokens = next(filter(None, (match(token, taken, given, shapes) for token in TOKENS)), None)
    if not tokens:
        return several_markers(taken, given, shapes)
    prefix, token, answer = tokens
    members = shapes[given[prefix]["shape"]]["members"] if prefix else given
    path = prefix + "." if prefix else ""
    page = {"i": [token], "o": [path + answer], "r": [path + key for key in results(members, shapes)]}
    limit = next((key for key in LIMITS if key in taken), None)
    if limit:
        page["l"] = limit
    page["s"] = 1
    return page


def results(members, shapes):
    """The members to merge: lists, otherwise maps, otherwise nested lists (TagInfoForResource.TagList)."""
    lists, maps = ([key for key, member in members.items() if shapes[member["shape"]]["type"] == kind] for kind in ("list", "map"))
    return lists or maps or [
        f"{key}.{inner}"
        for key, member in members.items() if shapes[member["shape"]]["type"] == "structure"
        for inner, value in shapes[member["shape"]]["members"].items() if shapes[value["shape"]]["type"] == "list"
    ]


def several_markers(taken, given, shapes):
    """Route 53 uses several members as a position: HostedZoneIdMarker, TrafficPolicyInstanceNameMarker…"""
    markers = [key for key in taken if key.endswith("Marker") and key in given and shapes[taken[key]["shape"]]["type"] == "string"]
    lists = [key for key, member in given.items() if shapes[member["shape"]]["type"] == "list"]
    if not markers or not lists:
        return None
    page = {"i": markers, "o": markers, "r": lists}
    if "IsTruncated" in given:
        page["m"] = "IsTruncated"
    page["s"] = 1
    return page


def match(token, taken, given, shapes):
    if token not in taken or shapes[taken[token]["shape"]]["type"] != "string":
        return None
    for answer in filter(None, (ANSWERS.get(token), token)):
        if answer in given and shapes[given[answer]["shape"]]["type"] == "string":
            return "", token, answer
    # CloudFront wraps the page: DistributionList.NextMarker.
    for key, member in given.items():
        inner = shapes[member["shape"]]
        if inner["type"] == "structure" and ANSWERS.get(token) in inner.get("members", {}):
            return key, token, ANSWERS[token]
    return None
