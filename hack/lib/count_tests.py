#!/usr/bin/env python3
"""Counts what a ctest run found: count_tests.py JUNIT_XML GTEST_FOLDER -> "PASSED FAILED SKIPPED".

A GoogleTest program counts by its cases, as its JSON report in GTEST_FOLDER lists them; any other
test counts as one, and so does a program that ended without its report.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree


def cases(report):
    for suite in json.loads(report.read_text())["testsuites"]:
        yield from suite["testsuite"]


def outcome(case):
    if case.get("failures"):
        return "failed"
    return "passed" if case["result"] == "COMPLETED" else "skipped"


def main():
    count = {"passed": 0, "failed": 0, "skipped": 0}
    folder = pathlib.Path(sys.argv[2])
    for test in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(test.get("status"), "skipped")
        report = folder / f"{test.get('name')}.json"
        outcomes = [outcome(case) for case in cases(report)] if report.exists() else [status]
        # A crash or a time-out after the last case, or a program that could not run.
        if status == "failed" and "failed" not in outcomes:
            outcomes.append("failed")
        for each in outcomes:
            count[each] += 1
    print(count["passed"], count["failed"], count["skipped"])


if __name__ == "__main__":
    main()
