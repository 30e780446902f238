# SPDX-License-Identifier: MIT
"""An exported model passes ONNX's checker and gives mien's values in ONNX Runtime.

usage: onnx_runtime.py MIEN GOLDEN-FOLDER     (exit 77: skipped, where onnx, onnxruntime, NumPy or the
golden graphs are missing)
"""
import csv
import pathlib
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


if __name__ == "__main__":
    main()
