#!/usr/bin/env python3
"""Prints a Markdown table of the slowest tests of one or more .trx files.

    dotnet test Qrie.Tests --logger trx --results-directory artifacts/trx
    tools/tests/slowest.py artifacts/trx/*.trx [--count 20]
"""
import argparse
import sys
import xml.etree.ElementTree as ET

NAMESPACE = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"


def seconds(duration):
    """The seconds of a duration in the form [d.]hh:mm:ss.fffffff."""
    hours, minutes, rest = duration.split(":")
    days, _, hours = hours.rpartition(".")
    return ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(rest)


def results(path):
    """The name, outcome and seconds of every test in a file; skipped tests have no duration."""
    for result in ET.parse(path).getroot().iter(NAMESPACE + "UnitTestResult"):
        yield result.get("testName"), result.get("outcome"), seconds(result.get("duration", "00:00:00"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE.trx")
    parser.add_argument("--count", type=int, default=20, help="number of rows (default: 20)")
    options = parser.parse_args()
    try:
        tests = [test for path in options.files for test in results(path)]
    except (OSError, ET.ParseError) as error:
        sys.exit(f"slowest.py: {error}")

    tests.sort(key=lambda test: -test[2])
    print(f"{len(tests)} tests, {sum(test[2] for test in tests):.0f} s in total (tests run in parallel).\n")
    print("| seconds | test | outcome |\n|---:|---|---|")
    for name, outcome, time in tests[: options.count]:
        print(f"| {time:.1f} | {name.replace('|', chr(92) + '|')} | {outcome} |")


if __name__ == "__main__":
    main()
