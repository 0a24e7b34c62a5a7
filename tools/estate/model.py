"""Shared by the modules of the estate: cells, variants, stages, expectations, and the rules for the proxy in front of the emulator.

The emulator enforces no permissions, has no history, and lacks features of AWS. Rules of a proxy add them:

    {"call": "s3:GetBucketAcl", "account": …, "region": …, "resource": …, "deny": true}                       refuses the call
    {"call": "iam:ListAccessKeys", …, "pattern": "<regex>", "replacement": "<text>"}                          changes the answer
    {"call": "accessanalyzer:ListAnalyzers", …, "answer": "<JSON or XML>"}                                    answers what the emulator lacks
    {"call": "macie2:GetMacieSession", …, "error": "<code>", "message": "<text>"}                             the same, with an error

A rule is for requests of its account (and region, when it has one) that hold the text `resource` anywhere in path, query or body.
The first rule that matches decides.
"""
import datetime
import json
from collections import defaultdict

import boto3
from botocore.config import Config

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"
OF_KIND = {"good": PASS, "bad": FAIL, "unknown": UNKNOWN}
# The number of weeks since each stage of the estate. The expected verdicts are those of the last one.
STAGES = (8, 6, 4, 2, 0)
LAST = len(STAGES) - 1


class Estate:
    """An organization of three accounts in two regions, with these roles:

    0  compliant: account-wide protections are enabled
    1  not compliant
    2  denied: reads of account settings, and whole lists in its second region
    """

    def __init__(self, endpoint, accounts, regions, own_account):
        self.endpoint, self.accounts, self.regions, self.own_account = endpoint, accounts, regions, own_account
        # hidden: the names of existing resources that are not visible, because their list is denied.
        self.verdicts, self.denied_lists, self.hidden = [], [], []
        self.now = datetime.datetime.now(datetime.timezone.utc)
        self.weeks_ago = STAGES[0]
        self._rules, self._stages = [], defaultdict(list)
        self._clients, self._keys = {}, {}

    def cells(self):
        """Every account in every region."""
        return [(a, r) for a in range(len(self.accounts)) for r in range(len(self.regions))]

    def client(self, service, account, region=0):
        key = (service, account, region)
        if key not in self._clients:
            client = self._clients[key] = boto3.client(
                service, endpoint_url=self.endpoint, region_name=self.regions[region],
                config=Config(s3={"addressing_style": "path"}), **self._credentials(self.accounts[account]))
            # s3control adds the account to the host name, which an emulator at an IP address does not support.
            prefix = f"//{self.accounts[account]}."
            client.meta.events.register("before-sign", lambda request, **_: setattr(request, "url", request.url.replace(prefix, "//")))
        return self._clients[key]

    def _credentials(self, account):
        own = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
        if account == self.own_account:
            return own
        if account not in self._keys:
            sts = boto3.client("sts", endpoint_url=self.endpoint, region_name=self.regions[0], **own)
            assumed = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Estate", RoleSessionName="estate")["Credentials"]
            self._keys[account] = {
                "aws_access_key_id": assumed["AccessKeyId"],
                "aws_secret_access_key": assumed["SecretAccessKey"],
                "aws_session_token": assumed["SessionToken"],
            }
        return self._keys[account]

    def at(self, stage, action, *arguments):
        """Schedules an action for a stage; actions run in the order of their scheduling."""
        self._stages[stage].append((action, arguments))

    def reach(self, stage):
        """Runs the actions of a stage. Every stage is reached once, in order."""
        self.weeks_ago = STAGES[stage]
        for action, arguments in self._stages[stage]:
            action(*arguments)

    def ago(self, days):
        """A time the given days before the last stage."""
        return (self.now - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def recently(self, days):
        """A time the given days before the current stage."""
        return self.ago(days + 7 * self.weeks_ago)

    def renewed(self, days, every=60):
        """The last renewal of something that is renewed regularly, the given days before the last stage."""
        while days < 7 * self.weeks_ago:
            days += every
        return self.ago(days)

    def deny(self, call, account, resource=None, region=None):
        self._rule(call, account, resource, region, deny=True)

    def edit(self, call, account, pattern, replacement, resource=None, region=None):
        """A replacement that depends on the stage is a function without arguments."""
        self._rule(call, account, resource, region, pattern=pattern, replacement=replacement)

    def answer(self, call, account, body, resource=None, region=None):
        """Adds the response of a call that the emulator lacks, for JSON services. A body that depends on the stage is a function without arguments."""
        self._rule(call, account, resource, region, answer=(lambda: json.dumps(body())) if callable(body) else json.dumps(body))

    def answer_xml(self, call, account, text, resource=None, region=None):
        """The same of a service that speaks XML: the text as it is sent, or a function without arguments that gives it."""
        self._rule(call, account, resource, region, answer=text)

    def fail(self, call, account, code, message="", resource=None, region=None):
        """Returns an error other than a denial, such as that a feature is not enabled."""
        self._rule(call, account, resource, region, error=code, message=message)

    def deny_list(self, call, account, types, region=None, resource=None):
        """Denies a list: its resources are unknown, which is reported in coverage."""
        self.deny(call, account, resource, region)
        self.denied_lists += [{"account": self.accounts[account], "region": "global" if region is None else self.regions[region], "type": t} for t in types]

    def expect(self, account, region, type_name, arn, name, verdicts):
        """Records the expected verdicts of a resource; one whose list is denied is hidden."""
        if (self.accounts[account], type_name) in self._denied_types(region):
            self.hidden.append(name)
            return
        for policy, verdict in sorted(verdicts.items()):
            self.verdicts.append({
                "account": self.accounts[account], "region": self.regions[region], "type": type_name, "arn": arn, "name": name,
                "policy": policy, "verdict": verdict,
            })

    def _denied_types(self, region):
        return {(denied["account"], denied["type"]) for denied in self.denied_lists if denied["region"] in ("global", self.regions[region])}

    def rules(self):
        """The rules of the current stage. Denials precede changes, and rules for one resource precede those for all."""
        told = [{k: v() if callable(v) else v for k, v in rule.items()} for rule in self._rules]
        return sorted(told, key=lambda rule: ("deny" not in rule, "resource" not in rule))

    def _rule(self, call, account, resource, region, **what):
        where = {"call": call, "account": self.accounts[account]}
        if region is not None:
            where["region"] = self.regions[region]
        if resource is not None:
            where["resource"] = resource
        self._rules.append({**where, **what})


def stage_of(policy, kind, account):
    """The stage of a variant: bad ones are created one after another, the others at the beginning."""
    return (sum(map(ord, policy)) + account) % len(STAGES) if kind == "bad" else 0


def verdicts_of(base, policy, kind, also=None):
    """The verdicts on a variant: those of a compliant resource, except for its policy and policies that cannot be distinguished from it."""
    return {**base, policy: OF_KIND[kind], **(also or {})}
