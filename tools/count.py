"""Adds up JUnit files and prints "N passed, N failed"; fails when anything did, or a suite ran nothing.

FOLDER holds a folder for each suite, or several that start with its name: SUITE-*. Beside each NAME.xml, NAME.exit
holds the exit code of the program that wrote it.
usage: count.py FOLDER SUITE...
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def count(file: pathlib.Path) -> tuple[int, list[str]]:
    """Of one program: how many tests passed, and what failed."""
    passed, failed = 0, []
    for case in ElementTree.parse(file).iter("testcase") if file.is_file() else ():
        name = f"{case.get('classname', '')}.{case.get('name', '')}"
        if case.find("skipped") is not None or case.get("status") == "notrun":
            failed.append(f"{name} (skipped; no test may be)")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        else:
            passed += 1
    return passed, failed


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    passed, failed = 0, []
    for suite in sys.argv[2:]:
        exits = sorted([*folder.glob(f"{suite}/*.exit"), *folder.glob(f"{suite}-*/*.exit")])
        ran = 0
        for file in exits:
            program, code = f"{file.parent.name}/{file.stem}", file.read_text().strip()
            some_passed, some_failed = count(file.with_suffix(".xml"))
            if code != "0" and not some_failed:
                some_failed = [f"{program} (ended with {code} though no test failed)"]
            passed, ran, failed = passed + some_passed, ran + some_passed + len(some_failed), failed + some_failed
        if not ran:
            failed.append(f"{suite} (no test ran)")
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
