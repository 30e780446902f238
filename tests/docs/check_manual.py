# SPDX-License-Identifier: MIT
"""Fails when a man page does not render without warnings (mandoc, else groff).

usage: check_manual.py MIEN
"""
import re
import shutil
import subprocess
import sys

# pages bear no date: the same sources give the same bytes
ALLOWED = re.compile(r"missing date")


def lint(page):
    if shutil.which("mandoc"):
        command = ["mandoc", "-T", "lint", "-W", "warning"]
    elif shutil.which("groff"):
        command = ["groff", "-man", "-ww", "-z", "-K", "utf8", "-T", "utf8"]
    else:
        return None
    done = subprocess.run(command, input=page, text=True, capture_output=True)
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if not ALLOWED.search(line)]


def main(mien):
    def run(*words):
        return subprocess.run([mien, *words], text=True, capture_output=True, check=True).stdout

    if lint("") is None:
        print("SKIPPED: man pages: neither mandoc nor groff is here")
        return 77
    bad = [] if lint(".TH A 1\n.nonsense\n.SH\n\\fXa\n.TS\nl\n") else ["faults are not found"]
    names = re.findall(r"^\.TP\n\\fB([a-z]+)\\fR\n", run("help", "--man"), re.M)
    if "predict" not in names:
        bad.append("mien.1 does not name the commands")
    for name in ["", *names]:
        page = run("help", "--man", *[name] * bool(name))
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"):
            if f".SH {section}\n" not in page:
                bad.append(f"mien-{name}.1: no section {section}")
        bad += [f"mien-{name}.1: {line}" for line in lint(page)]
    print("\n".join(bad) or f"{len(names) + 1} pages render")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
