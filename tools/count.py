"""Adds up JUnit files below a folder and prints "N passed, N failed"; fails when anything did, or nothing ran.

usage: count.py FOLDER [SUITE]...
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    passed, failed = 0, []
    for file in sorted(folder.rglob("*.xml")):
        for case in ElementTree.parse(file).iter("testcase"):
            name = f"{case.get('classname', '')}.{case.get('name', '')}"
            if case.find("skipped") is not None or case.get("status") == "notrun":
                failed.append(f"{name} (skipped; no test may be)")
            elif case.find("failure") is not None or case.find("error") is not None:
                failed.append(name)
            else:
                passed += 1
    # A program that died left no file: ctest says so in its own list of failures.
    for log in sorted(folder.rglob("died.txt")):
        failed += log.read_text().split()
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


sys.exit(main())
