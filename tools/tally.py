# SPDX-License-Identifier: MIT
"""Sums up what `./run check` ran: every test function counts as one.

usage: tally.py BUILD [FAILED_STEP...]

Reads BUILD/*/junit.xml (ctest, with each program's cmocka summary inside) and
BUILD/fuzz/tally; says which real data was missing, then closes with
"N passed, N failed, N skipped". Exits 1 if anything failed or a step did.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

# cmocka from 1.1.7 on names the group before the count
SUMMARY = re.compile(r"\[  (PASSED|FAILED|SKIPPED) *\] (?:[^\n]*: )?(\d+) test\(s\)")


def main(build, *steps):
    build = pathlib.Path(build)
    count = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    missing, failed = set(), []
    for path in sorted(build.glob("*/junit.xml")):
        for case in xml.parse(path).getroot().iter("testcase"):
            text = case.findtext("system-out") or ""
            missing.update(re.findall(r"^SKIPPED: (.*)", text, re.M))
            here = dict.fromkeys(count, 0)
            for kind, number in SUMMARY.findall(text):
                here[kind] += int(number)
            status = case.get("status")
            if status == "fail":
                here["FAILED"] = max(1, here["FAILED"])
                failed.append(f"{path.parent.name}: {case.get('name')}")
            elif not any(here.values()):  # not a cmocka program
                here["PASSED" if status == "run" else "SKIPPED"] = 1
            for kind in count:
                count[kind] += here[kind]
    tally = build / "fuzz/tally"
    for line in tally.read_text().splitlines() if tally.exists() else []:
        good = line.startswith("pass")
        count["PASSED" if good else "FAILED"] += 1
        if not good:
            failed.append(line)
    # a step that broke before any of its tests could say so
    steps = [step for word in steps for step in word.split()]
    for step in steps:
        if not any(step in line for line in failed):
            failed.append(f"{step}: did not build or run")
            count["FAILED"] += 1
    if missing:
        print(f"{count['SKIPPED']} tests were skipped:")
        print("".join(f"  {reason}\n" for reason in sorted(missing)), end="")
    for line in failed:
        print(f"FAILED {line}")
    print("{PASSED} passed, {FAILED} failed, {SKIPPED} skipped".format(**count))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
