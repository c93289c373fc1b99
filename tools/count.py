"""Adds up JUnit files and prints "N passed, N failed"; fails when anything did, or a suite ran nothing.

FOLDER holds a folder for each suite, or several that start with its name: SUITE-*. Beside each NAME.xml, NAME.exit
holds the exit code of the program that wrote it, and NAME.log what it printed. What the first failures said is printed
before their names, as often only the end of a long output is kept.
usage: count.py FOLDER SUITE...
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


SHOWN, LENGTH = 8, 1200  # failures whose end is shown, and how many characters of it


def count(file: pathlib.Path) -> tuple[int, list[tuple[str, str]]]:
    """Of one program: how many tests passed, and what failed: its name and what it said."""
    passed, failed = 0, []
    for case in ElementTree.parse(file).iter("testcase") if file.is_file() else ():
        name = f"{case.get('classname', '')}.{case.get('name', '')}"
        if case.find("skipped") is not None or case.get("status") == "notrun":
            failed.append((f"{name} (skipped; no test may be)", ""))
        elif (why := [*case.findall("failure"), *case.findall("error")]):
            failed.append((name, "\n".join(one.text or one.get("message", "") for one in why)))
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
                log = file.with_suffix(".log")
                some_failed = [(f"{program} (ended with {code} though no test failed)",
                                log.read_text(errors="replace") if log.is_file() else "")]
            passed, ran, failed = passed + some_passed, ran + some_passed + len(some_failed), failed + some_failed
        if not ran:
            failed.append((f"{suite} (no test ran)", ""))
    for name, said in failed[:SHOWN]:
        if said.strip():
            print(f"== {name}\n{said.strip()[-LENGTH:]}")
    for name, _ in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
