# SPDX-License-Identifier: MIT
"""Fails when docs/study.md names other keys or defaults than mien, or docs/model-file.md and
docs/run-folder.md leave out a key of the contract, of results.json or a tensor of shipped models.

usage: check_formats.py CHECKOUT MIEN
"""
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

NONE = {"–", "all", "the file's name", "null", '""', "made"}


def section(text, title):
    return re.search(rf"^## {title}.*?\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def printed(mien):
    """{dotted key: default} as `mien train --print` writes them."""
    with tempfile.TemporaryDirectory() as folder:
        study = pathlib.Path(folder) / "made.yaml"
        study.write_text("trials: null.tsv\n")
        # each kind of study has keys of its own; those of its rows (a loss's, …) are in their tables
        kinds = (["method=logistic"], ["method=trees"], ["method=ridge"], ["method=best"],
                 ["method=network", "inputs=made"], ["method=network"], ["method=readout"])
        text = "".join(subprocess.run([mien, "train", study, "--print",
                                       *(word for key in kind for word in ("--set", key))],
                                      capture_output=True, text=True, check=True).stdout
                       for kind in kinds)
    keys, at, first = {}, [], False
    for line in text.splitlines():
        indent, item = (len(line) - len(line.lstrip())) // 2, line.strip()
        if item.startswith("- "):
            before = "" if first else keys[".".join(at)][1:-1] + ", "
            keys[".".join(at)], first = f"[{before}{item[2:].strip(chr(34))}]", False
            continue
        key, _, value = item.partition(":")
        at[indent:], first = [key], True
        if value:
            keys[".".join(at)] = value.strip() if value.strip() == '""' else value.strip().strip('"')
    keys["trials"] = keys["inputs"] = "null"  # there is no default
    for key in [k for k in keys if re.match(r"(loss\.(numbers|classes)|optimiser|schedule|model)\.", k)
                and k.split(".")[-1] not in ("name", "rate", "warmup", "warmup-start", "licence", "citation",
                                             "golden")]:
        del keys[key]
    return keys


def documented(text):
    keys = {}
    for cells in re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", section(text, "Study keys"), re.M):
        names = re.findall(r"`([\w.-]+)`", cells[0])
        defaults = cells[1].strip().split(", ") if len(names) > 1 else [cells[1].strip()]
        for name, default in zip(names, defaults, strict=True):
            whole = names[0].rpartition(".")[0] + name if name[0] == "." else name
            keys[whole] = default.strip("`")
    return keys


def same(a, b):
    try:
        return float(a) == float(b)
    except ValueError:
        return a == b or (a in NONE and b in NONE)


def check_study(text, mien):
    want, said = printed(mien), documented(text)
    for key in sorted(want.keys() | said.keys()):
        if key not in said:
            yield f"the key {key} of a study is missing"
        elif key not in want:
            yield f"{key} is no key of a study"
        elif not same(want[key], said[key]):
            yield f"the default of {key} is {want[key]}, not {said[key]}"


def keys_of(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from keys_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item)


def check_model(text, model, later):
    with open(model, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    contract = json.loads(header.pop("__metadata__")["mien"])
    results = contract.pop("training")
    network = "design" in contract  # version 4 stands in a page of its own; its parameters have any name
    page = later if network else section(text, "Model of a read-out")
    for part, value in ("Model", contract), ("Run folder", results):
        words = set(re.findall(r"\w+", page if part == "Model" else section(text, part)))
        words |= {target["name"] for target in contract["targets"]}
        for key in sorted(set(keys_of(value)) - words):
            yield f"{part}: the key {key} is missing"
    for name in sorted({re.sub(r"\.\d+\.", ".N." if "golden" in tensor else ".B.", tensor)
                        for tensor in header if not network or tensor.startswith(("golden.", "standardise."))}):
        name = re.sub(r"^golden\.N\.input\..*", "golden.N.input.NAME", name) if network else name
        if f"`{name}`" not in page:
            yield f"Model: the tensor {name} is missing"


def check(text, root, mien):
    bad = list(check_study(text, mien))
    for model in sorted(root.glob("share/mien/models/*.safetensors")):
        bad += check_model(text, model, (root / "docs/model-file.md").read_text())
    return bad


def main(root, mien):
    text = "".join((root / "docs" / page).read_text()
                   for page in ("study.md", "model-file.md", "run-folder.md"))
    bad = check(text, root, mien)
    for old, new in (("`folds.k`", "`folds.n`"), ("| 2000, 0.95, 1 |", "| 2000, 0.9, 1 |"),
                     ("| `input` |", "| x |")):
        if not check(text.replace(old, new), root, mien):
            bad.append(f"the checker does not find {new} in place of {old}")
    print("\n".join(bad) or "the pages name every key")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]))
