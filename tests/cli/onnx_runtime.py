# SPDX-License-Identifier: MIT
"""An exported model passes ONNX's checker and gives mien's values in ONNX Runtime.

usage: onnx_runtime.py MIEN GOLDEN-FOLDER     (exit 77: skipped, where onnx, onnxruntime, NumPy or the
golden graphs are missing)
"""
import csv
import pathlib
import shutil
import subprocess
import sys
import tempfile

GRAPHS = {"mbconv_silu_17": 32, "mbconv_hswish_17": 32, "convnext_17": 32, "vit_17": 32}


def skip(why):
    print(f"SKIPPED: {why}; the export is not compared with ONNX Runtime")
    sys.exit(77)


def check(mien, graph, side, folder):
    import numpy as np
    import onnx
    import onnxruntime
    model, net, table = (folder / f"{graph.stem}.{end}" for end in ("safetensors", "onnx", "csv"))
    picture = folder / "picture.ppm"
    pixels = np.random.default_rng(5).integers(0, 256, (side, side, 3), dtype=np.uint8)
    picture.write_bytes(f"P6 {side} {side} 255\n".encode() + pixels.tobytes())
    run = lambda *words: subprocess.run([mien, *map(str, words)], check=True)
    run("models", "import", graph, "--classes", "a,b,c,d,e,f,g,h", "--picture",
        "fit=squash; order=bgr", "-o", model)
    run("models", "export", model, "-o", net)
    run("predict", model, picture, "-o", table, "--quiet")
    onnx.checker.check_model(str(net), full_check=True)
    session = onnxruntime.InferenceSession(str(net), providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    got = session.run(None, {session.get_inputs()[0].name: np.stack([pixels, pixels[::-1]])})
    row = next(csv.DictReader(table.open()))
    want = np.array([float(v) for k, v in row.items() if "_p_" in k])
    worst = np.abs(got[names.index("emotion")][0] - want).max()
    print(f"{graph.stem}: largest difference {worst:.2g}")
    assert worst <= 6e-5, "more than the table's four digits leave open"
    assert np.allclose(got[names.index("emotion")].sum(1), 1, atol=1e-5)


STUDY = """trials: t.tsv
method: network
targets: [valence, emotion]
{parts}
batch: 8
epochs: 1
folds: {{k: 2}}
bootstrap: {{repeats: 20}}
"""
MIXED = {
    "grey picture beside two rows": """inputs:
  image: {kind: picture, fit: squash}
  mood: {kind: features}
  skin: {kind: features}
branches:
  image: [{backbone: {name: resnet_small}}, {project: {width: 8}}]
  mood: [{project: {width: 8}}]
  skin: [{project: {width: 8}}]
fusion: {name: concat}
train: {what: all}""",
    "attention over what is there": """inputs: [mood, skin]
model: {name: aan, width: 4, layers: 1, heads: 2}""",
    "segments around each": """inputs: [mood, skin]
model: {name: temporal_aan}
context: {before: 2, after: 1}""",
}


def write_study(folder):
    import numpy as np
    rng = np.random.default_rng(1)
    mood, skin = rng.normal(3, 2, (16, 5)).astype("f"), rng.normal(-1, 30, (16, 3)).astype("f")
    pictures = rng.integers(0, 256, (16, 48, 48, 3), dtype=np.uint8)
    np.save(folder / "mood.npy", mood)
    np.save(folder / "skin.npy", skin)
    for i, pixels in enumerate(pictures):
        (folder / f"{i}.ppm").write_bytes(b"P6 48 48 255\n" + pixels.tobytes())
    (folder / "t.json").write_text(
        '{"version": 2, "name": "t", "targets": {"valence": {"range": [1, 7], "construct": "evoked", '
        '"perspective": "normative"}, "emotion": {"classes": ["a", "b"], "construct": "evoked", '
        '"perspective": "normative"}}}')
    return mood, skin, pictures


def write_rows(folder, missing):
    with open(folder / "t.tsv", "w") as f:
        print("trial group start_s end_s image features.mood features.skin valence emotion".replace(" ", "\t"), file=f)
        for i in range(16):
            skin = "n/a" if missing and i % 5 == 1 else f"skin.npy#{i}"
            print(f"t{i}", f"g{i // 4}", i % 4, i % 4 + 1, f"{i}.ppm", f"mood.npy#{i}", skin, 1 + i % 7,
                  "ab"[i % 2], sep="\t", file=f)


def window(values, steps):
    """Rows [16, ...] with those of the same group around each, two before and one after."""
    import numpy as np
    out = np.zeros((16, steps) + values.shape[1:], values.dtype)
    for i in range(16):
        for k in range(steps):
            j = i - 2 + k
            if 0 <= j < 16 and j // 4 == i // 4:
                out[i, k] = values[j]
    return out


def check_mixed(mien, name, parts, folder, data):
    import numpy as np
    import onnx
    import onnxruntime
    mood, skin, pictures = data
    run = lambda *words: subprocess.run([mien, *map(str, words)], check=True, cwd=folder, capture_output=True, text=True)
    write_rows(folder, "picture" not in name)
    (folder / "s.yaml").write_text(STUDY.format(parts=parts))
    shutil.rmtree(folder / "run", ignore_errors=True)
    run("train", "s.yaml", "-o", "run", "--threads", "1")
    run("models", "export", "run/model.safetensors", "-o", "net.onnx", "--force")
    rows = list(csv.DictReader(run("predict", "run/model.safetensors", "t.tsv", "--exact", "--quiet").stdout.splitlines()))
    onnx.checker.check_model(str(folder / "net.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(str(folder / "net.onnx"), providers=["CPUExecutionProvider"])
    inputs = {i.name: i for i in session.get_inputs()}
    there = np.array([[1, "mask" not in inputs or i % 5 != 1] for i in range(16)], "f")
    skin = np.where(there[:, 1:] != 0, skin, 7e5).astype("f")  # what is missing may be anything
    feed = {"mood": mood, "skin": skin}
    if "mask" in inputs:
        feed["mask"] = there
        steps = inputs["mask"].shape[1]
        feed = {k: window(v, steps) if steps > 1 else v for k, v in feed.items()}
        feed["mask"] = feed["mask"].reshape(16, steps, 2)
    if "image" in inputs:
        feed["image"] = pictures
    valence, emotion = session.run(["valence", "emotion"], feed)
    want = np.array([[float(r["valence"]), float(r["emotion_p_a"])] for r in rows])
    got = np.stack([valence[:, 0].clip(1, 7), emotion[:, 0]], 1)
    worst = np.abs(got - want).max()
    print(f"{name}: largest difference {worst:.2g}")
    assert worst <= 2e-5


def main():
    mien, golden = sys.argv[1], pathlib.Path(sys.argv[2])
    try:
        import numpy  # noqa: F401
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        skip(f"no module {error.name}")
    if not golden.is_dir():
        skip(f"{golden} is not there")
    with tempfile.TemporaryDirectory() as folder:
        for name, side in GRAPHS.items():
            check(mien, golden / f"{name}.onnx", side, pathlib.Path(folder))
        data = write_study(pathlib.Path(folder))
        for name, parts in MIXED.items():
            check_mixed(mien, name, parts, pathlib.Path(folder), data)


if __name__ == "__main__":
    main()
