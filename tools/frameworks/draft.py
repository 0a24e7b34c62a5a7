#!/usr/bin/env python3
"""Drafts framework files from public facts and from what the policies say that they stand for.

    python3 tools/frameworks/draft.py facts --controls controls.tsv   # makes facts.json, once per edition of the facts
    python3 tools/frameworks/draft.py write cis-5.0       # adds what is missing to catalog/frameworks/cis-5.0.yaml
    python3 tools/frameworks/draft.py diff [cis-5.0 …]    # where a file names other policies than the facts lead to, without a note
    python3 tools/frameworks/draft.py update [cis-5.0 …]  # after new policies: puts them there; review what changed

facts.json has, per framework, the ids of a public scanner's checks that serve each requirement; `equivalents.prowler` of the policies leads from a check to
policies. Security Hub's own ids lead from a control of FSBP to policies. A person reviews every draft.
"""
import argparse
import collections
import csv
import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FACTS = pathlib.Path(__file__).with_name("facts.json")
FRAMEWORKS = ROOT / "catalog" / "frameworks"
CONTROLS = {
    "cis-3.0": "CIS-3.0", "cis-5.0": "CIS-5.0", "cis-6.0": "CIS-6.0", "cis-7.0": "CIS-7.0", "fsbp": "FSBP", "nist-800-53-r5": "NIST-800-53-r5",
    "pci-dss-4.0": "PCI-4.0", "soc2": "SOC2", "hipaa": "HIPAA", "well-architected-security": "WAF-Security", "iso27001-2022": "ISO27001-2022",
}


def facts(controls):
    """The checks of each requirement, one requirement a line."""
    known = collections.defaultdict(dict)
    with open(controls, newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            known[row["framework"]][row["requirement"]] = sorted({check for check in row["checks"].split(",") if check and ":" not in check})
    made = []
    for name, row in CONTROLS.items():
        requirements = sorted(known[row].items(), key=lambda item: natural(item[0]))
        made.append(json.dumps(name) + ": {\n" + ",\n".join(f"{json.dumps(id)}: {json.dumps(checks)}" for id, checks in requirements) + "\n}")
    FACTS.write_text("{\n" + ",\n".join(made) + "\n}\n")


def natural(text):
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part]


def policies():
    for path in sorted((ROOT / "catalog" / "policies").glob("*/*.yaml")):
        policy = yaml.safe_load(path.read_text())
        if not policy.get("deprecated"):
            yield policy


def serving():
    """Policies by check and by Security Hub control."""
    by = {"prowler": collections.defaultdict(list), "securityhub": collections.defaultdict(list)}
    for policy in policies():
        for kind, into in by.items():
            equivalents = (policy.get("equivalents") or {}).get(kind) or []
            for equivalent in equivalents if isinstance(equivalents, list) else [equivalents]:
                into[equivalent["id"] if isinstance(equivalent, dict) else equivalent].append(policy["id"])
    return by


def mapped(framework, id, checks, by):
    """The policies that the facts lead to, and the checks that no policy stands for."""
    if framework == "fsbp" and by["securityhub"].get(id):
        return sorted(set(by["securityhub"][id])), []
    found = sorted({policy for check in checks for policy in by["prowler"].get(check, [])})
    return found, [check for check in checks if not by["prowler"].get(check)]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def entry(framework, id, checks, by):
    """A requirement as text; a person fills in the title and the section."""
    found, missing = mapped(framework, id, checks, by)
    lines = [f"  - id: {quoted(id)}", "    title: ''", "    section: ''"]
    if found:
        lines.append(f"    policies: [{', '.join(found)}]")
        if missing:
            lines.append(f"    note: {quoted('Not covered: ' + ', '.join(missing) + '.')}")
    elif checks:
        lines.append(f"    not_checked: {quoted('No policy for it yet.')}")
    else:
        lines.append("    manual: ''")
    return "\n".join(lines) + "\n"


def write(framework, by):
    path = FRAMEWORKS / f"{framework}.yaml"
    text = path.read_text() if path.exists() else (
        f"id: {framework}\ntitle: ''\nversion: ''\npublisher: ''\nabout: ''\nreferences: []\nsections: {{}}\nrequirements:\n")
    there = {requirement["id"] for requirement in (yaml.safe_load(text) or {}).get("requirements") or []}
    missing = [(id, checks) for id, checks in json.loads(FACTS.read_text())[framework].items() if id not in there]
    path.write_text(text + "".join(entry(framework, id, checks, by) for id, checks in missing))
    print(f"{framework}: {len(missing)} requirements added")


def differences(framework, by):
    """Requirements that name other policies than the facts lead to and do not say why."""
    for requirement in yaml.safe_load((FRAMEWORKS / f"{framework}.yaml").read_text())["requirements"]:
        checks = json.loads(FACTS.read_text()).get(framework, {}).get(requirement["id"], [])
        expected, _ = mapped(framework, requirement["id"], checks, by)
        named = sorted(p["policy"] if isinstance(p, dict) else p for p in requirement.get("policies") or [])
        if named != expected and not requirement.get("note"):
            yield requirement["id"], sorted(set(expected) - set(named)), sorted(set(named) - set(expected))


def update(framework, by):
    """Puts the policies that the facts lead to into the requirements that `diff` lists; what has a note is left to people."""
    path = FRAMEWORKS / f"{framework}.yaml"
    text = path.read_text()
    requirements = {requirement["id"]: requirement for requirement in yaml.safe_load(text)["requirements"]}
    for id, lacking, more in list(differences(framework, by)):
        begin = text.index(f"  - id: {quoted(id)}\n")
        end = text.find("\n  - id: ", begin)
        entry = text[begin:] if end < 0 else text[begin:end + 1]
        kept = [p for p in requirements[id].get("policies") or [] if (p["policy"] if isinstance(p, dict) else p) not in more]
        items = [json.dumps(p) if isinstance(p, dict) else p for p in kept] + lacking
        # Whatever said so far what checks it, with its further lines.
        rest = re.sub(r"    (?:policies|not_checked|manual):.*\n(?:      .*\n)*", "", entry)
        policies = "    policies:\n" + "".join(f"      - {item}\n" for item in items) if items else "    not_checked: 'No policy checks it yet.'\n"
        text = text.replace(entry, rest + policies)
    path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("facts").add_argument("--controls", required=True)
    commands.add_parser("write").add_argument("framework")
    commands.add_parser("update").add_argument("framework", nargs="*")
    commands.add_parser("diff").add_argument("framework", nargs="*")
    arguments = parser.parse_args()
    if arguments.command == "facts":
        facts(arguments.controls)
    elif arguments.command == "write":
        write(arguments.framework, serving())
    elif arguments.command == "update":
        for framework in arguments.framework or CONTROLS:
            update(framework, serving())
    else:
        by, found = serving(), 0
        for framework in arguments.framework or [name for name in CONTROLS if (FRAMEWORKS / f"{name}.yaml").exists()]:
            for id, lacking, more in differences(framework, by):
                found += 1
                print(f"{framework} {id}: lacks {', '.join(lacking) or 'nothing'}; has besides {', '.join(more) or 'nothing'}")
        sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
