# SPDX-License-Identifier: MIT
"""Fails when a file includes a header its room may not use, an outside library comes in by
another door than its own, or a table row and its file disagree.

usage: check_layers.py CHECKOUT
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_layers(text):
    """tools/layers.txt: {room: rooms it may use}, {header prefix: its only room}."""
    rooms, doors = {}, {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if "@" in line:
            header, room = line.split("@")
            doors[header.strip()] = room.strip()
        elif line:
            room, below = line.split(":")
            rooms[room.strip()] = {room.strip(), *below.split()}
    return rooms, doors


def check_cycles(rooms):
    """A room stands only on rooms named before it."""
    seen, bad = set(), []
    for room, below in rooms.items():
        for other in sorted(below - {room} - seen):
            bad.append(f"tools/layers.txt: {room} stands on {other}, which is not above it")
        seen.add(room)
    return bad


def check_includes(root, rooms, doors):
    bad = []
    files = [*root.glob("src/**/*.[ch]"), *root.glob("src/**/*.def"),
             *root.glob("include/mien/*.h")]
    for path in sorted(files):
        parts = path.relative_to(root).parts
        public = parts[0] == "include"
        room = path.stem if public else parts[1]
        if not public and room not in rooms:
            bad.append(f"{path.relative_to(root)}: {room} is no room of tools/layers.txt")
            continue
        if public and room not in rooms:
            continue  # mien.h includes all; version.h none
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            header = found[2]
            where = f"{path.relative_to(root)}:{number}"
            named = re.match(r"(?:mien/)?(\w+)[/.]", header)
            if named and named[1] in rooms and named[1] not in rooms[room]:
                # "eval.h" could be a room's own file; "mien/eval.h" and "eval/x.h" could not
                if header.startswith("mien/") or "/" in header:
                    bad.append(f"{where}: {room} may not use {named[1]}")
            if header == "mien/mien.h" and room != "cli":
                bad.append(f"{where}: mien.h is for users; name the rooms you need")
            door = max((d for d in doors if header.startswith(d)), key=len, default=None)
            if door and room != doors[door]:
                bad.append(f"{where}: {header} enters only through {doors[door]}")
            if public and found[1] == "<" and any(header.startswith(d) for d in doors):
                bad.append(f"{where}: a public header shows {header}")
    return bad


def check_tables(root):
    """Row X(name) of ROOM/things.def and file ROOM/thing_name.c come in pairs."""
    bad = []
    for table in sorted(root.glob("src/**/*.def")):
        where = table.relative_to(root)
        prefix = table.stem.removesuffix("s")
        prefix = {"branche": "branch", "command": "cmd", "losse": "loss", "searche": "search"}.get(prefix, prefix)
        # a row with more than a name in it lists something else than files
        rows = re.findall(r"^X\((\w+)\)", table.read_text(), re.M)
        for name in sorted({r for r in rows if rows.count(r) > 1}):
            bad.append(f"{where}: {name} stands twice")
        if not rows and "X(" in table.read_text():
            continue
        files = {p.stem.removeprefix(prefix + "_") for p in table.parent.glob(prefix + "_*.c")}
        for name in sorted(files - set(rows)):
            bad.append(f"{where}: {prefix}_{name}.c has no row")
        for name in sorted(set(rows) - files):
            bad.append(f"{where}: row {name} has no {prefix}_{name}.c")
    return bad


def check(root):
    root = pathlib.Path(root)
    rooms, doors = read_layers((root / "tools/layers.txt").read_text())
    return check_cycles(rooms) + check_includes(root, rooms, doors) + check_tables(root)


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems) or "every include, door and table row is in order")
    sys.exit(bool(problems))
