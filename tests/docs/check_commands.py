# SPDX-License-Identifier: MIT
"""Fails when docs/commands.md is not what the command tables say, or an example (in --help or
in a page) has a command or an option that mien does not know.

usage: check_commands.py CHECKOUT MIEN
"""
import pathlib
import re
import shlex
import subprocess
import sys

FENCE = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.M | re.S)
SPAN = re.compile(r"`mien ([^`\n]+)`")


def run(mien, *words):
    return subprocess.run([mien, *words], capture_output=True, text=True, timeout=60)


def commands_of(line):
    """The mien commands of a shell line, each as a list of words."""
    words, found = shlex.split(line, comments=True), [[]]
    for word in words:
        if word in {"&&", "|", ";", "<"} or word.startswith("<("):
            found.append([])
        elif word != "$":
            found[-1].append(word)
    return [c[1:] for c in found if c and c[0].split("/")[-1] == "mien" and len(c) > 1]


def examples(root, mien):
    """(where, words) of every example."""
    names = re.findall(r"^  (\w+) ", run(mien, "--help").stdout, re.M)
    for name in names[:names.index("mien") if "mien" in names else None]:
        lines = run(mien, name, "--help").stdout.partition("\nExamples:\n")[2].splitlines()
        if not lines:
            yield name, None
        for line in lines:
            for words in commands_of(line):
                yield f"mien {name} --help", words
    for page in [root / "README.md", root / "CONTRIBUTING.md", *sorted(root.glob("docs/**/*.md"))]:
        where, text = str(page.relative_to(root)), page.read_text()
        for block in FENCE.findall(text):
            for line in block.splitlines():
                for words in commands_of(line):
                    yield where, words
        for span in SPAN.findall(FENCE.sub("", text)):
            if not re.search(r"[…\[|]", span):
                yield where, shlex.split(span)


def check_example(mien, where, words):
    if words is None:
        return f"mien {where} --help has no example"
    if words[0].isupper():
        return None  # `mien COMMAND --help`
    done = run(mien, *words, "--help") if words[0][0] != "-" else run(mien, *words)
    if done.returncode and words[-1].startswith("--"):  # `mien predict --report`: without its value
        done = run(mien, *words, "x", "--help")
    if done.returncode:
        return f"{where}: mien {shlex.join(words)}: {done.stderr.strip()}"
    return None


def main(root, mien):
    bad = [run(mien, "predict", "--no-such", "--help").returncode != 2 and
           "an unknown option is not found"]
    page = root / "docs/commands.md"
    if page.read_text() != run(mien, "help", "--markdown").stdout:
        bad.append("docs/commands.md is out of date: mien help --markdown > docs/commands.md")
    count = 0
    for where, words in examples(root, mien):
        bad.append(check_example(mien, where, words))
        count += 1
    if count < 30:
        bad.append(f"only {count} examples were found")
    bad = [problem for problem in bad if problem]
    print("\n".join(bad) or f"{count} examples parse")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]))
