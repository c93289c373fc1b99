#!/usr/bin/env python3
"""Holds the operator's roles to what the whole end-to-end suite made it ask, by the cluster's audit log.

usage: check.py --since TIME [--junitxml PATH]

Fails on a request that was refused with 403 where no test provokes it, on a verb that a role of deploy/ grants and no
request needed, and on a role that has more than a role of the operator may ever have.

The log is $ATELIER_AUDIT_LOG, from TIME on, which is when the suite began: 2026-11-22T14:50:00Z.
"""
from __future__ import annotations

import argparse
import os
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # audit_lines

import asked  # noqa: E402
import roles  # noqa: E402
import verdict  # noqa: E402
from accepted import NEVER_ASKED, PROVOKED  # noqa: E402

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


def cases(log: Path, since: str) -> list[verdict.Case]:
    shipped = roles.roles_of_operator(roles.documents(DEPLOY))
    requests = list(asked.read(asked.lines_of(log), since))
    return [*verdict.of_roles(shipped), *verdict.of_strangers(shipped, requests), *verdict.of_refusals(requests, PROVOKED),
            *verdict.of_grants(shipped, requests, NEVER_ASKED), *verdict.of_never_asked(shipped, requests, NEVER_ASKED)]


def junit(found: list[verdict.Case]) -> ElementTree.ElementTree:
    suite = ElementTree.Element("testsuite", name="permissions", tests=str(len(found)),
                                failures=str(sum(bool(one.wrong) for one in found)))
    for one in found:
        case = ElementTree.SubElement(suite, "testcase", classname=f"permissions.{one.group}", name=one.name)
        if one.wrong:
            ElementTree.SubElement(case, "failure", message=one.wrong.splitlines()[0]).text = one.wrong
    return ElementTree.ElementTree(suite)


def main() -> int:
    parser = argparse.ArgumentParser(description="Holds the operator's roles to what the end-to-end suite made it ask.")
    parser.add_argument("--since", required=True, metavar="TIME")
    parser.add_argument("--junitxml", type=Path, metavar="PATH")
    given = parser.parse_args()
    log = os.environ.get("ATELIER_AUDIT_LOG")
    if not log:
        print('check: ATELIER_AUDIT_LOG is not set; try eval "$(tests/cluster/cluster env)"', file=sys.stderr)
        return 2
    found = cases(Path(log), given.since)
    if given.junitxml:
        given.junitxml.parent.mkdir(parents=True, exist_ok=True)
        junit(found).write(given.junitxml, encoding="utf-8", xml_declaration=True)
    wrong = [one for one in found if one.wrong]
    for one in wrong:
        print(f"failed: {one.group}: {one.name}:\n  " + one.wrong.replace("\n", "\n  "))
    print(f"{len(found) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
