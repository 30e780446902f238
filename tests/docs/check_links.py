# SPDX-License-Identifier: MIT
"""Fails when a page links to a file or heading that is not there, or names a file of the
repository (`src/io/npy.c`, `npy.c`) that is not there.

usage: check_links.py CHECKOUT
"""
import pathlib
import re
import sys
import tempfile

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
FOLDERS = ("bench", "changes", "cmake", "docs", "examples", "include", "python", "requirements",
           "share", "src", "studies", "tests", "tools")
PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*")
SOURCE = re.compile(r"[\w/-]+\.(?:c|h|py|def)")
# stand for any name: X(thing) and what people would write in capitals
PLACEHOLDER = re.compile(r"[A-Z]{2,}|\bthings?[._]")
# made by the reader, not kept here
MADE = {"studies/oasis.tsv"}


def pages(root):
    skip = {"build", ".deps", "demo", "runs", ".git"}
    return [p for p in sorted(root.rglob("*.md")) if p.relative_to(root).parts[0] not in skip]


def anchors(text):
    heads = re.findall(r"^#+ +(.*)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def check_links(root, page, text):
    bad = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists():
            bad.append(f"links to {name}, which is not there")
        elif anchor and anchor not in anchors(target.read_text()):
            bad.append(f"links to {link}: no such heading")
    return bad


def check_names(root, text):
    sources = {str(p.relative_to(root)) for folder in FOLDERS
               for p in (root / folder).rglob("*") if p.is_file()}
    bad = []
    for span in SPAN.findall(text):
        path = PATH.fullmatch(span)
        if PLACEHOLDER.search(span) or span in MADE or not (path or SOURCE.fullmatch(span)):
            continue
        if not (root / span).exists() if path else not any(
                name == span or name.endswith("/" + span) for name in sources):
            bad.append(f"names {span}, which is not there")
    return bad


def check(root):
    bad = []
    for page in pages(root):
        text = FENCE.sub("", page.read_text())
        for problem in check_links(root, page, text) + check_names(root, text):
            bad.append(f"{page.relative_to(root)}: {problem}")
    return bad


def check_self():
    """Whether the checks find what they are there to find."""
    root = pathlib.Path(tempfile.mkdtemp())
    (root / "src").mkdir()
    (root / "src/a.c").write_text("")
    page = root / "a.md"
    for text, faults in [("[a](src/a.c) [b](#b-c) `a.c` `src/a.c` `src/NAME.c`\n# B, c\n", 0),
                         ("[a](src/b.c)", 1), ("[a](#b)", 1), ("`b.c`", 1), ("`src/b.c`", 1)]:
        page.write_text(text)
        if len(check(root)) != faults:
            return [f"the checker: {text!r} gives {check(root)}"]
    return []


if __name__ == "__main__":
    problems = check_self() + check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(problems) or "every link and file name leads somewhere")
    sys.exit(bool(problems))
