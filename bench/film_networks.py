# SPDX-License-Identifier: MIT
"""The part film_networks of bench/run.py: I3D, FlowNetS and VGGish on random input, in turns with
PyTorch, ONNX Runtime and OpenVINO (peers/film_networks.py)."""
import importlib.util
import json

TURNS = 3
ITEMS = {"i3d": "3x64x224x224", "flownets": "6x384x512", "vggish": "1x96x64"}
BATCH = {"i3d": 1, "flownets": 1, "vggish": 5}
RUNS = {"i3d": 2, "flownets": 4, "vggish": 6}
PEERS = {"pytorch": "torch", "onnxruntime": "onnxruntime", "openvino": "openvino"}
TITLES = {"pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}


def measure(bench):
    """bench: the module bench/run.py."""
    folder = bench.WORK / "film_networks"
    folder.mkdir(parents=True, exist_ok=True)
    peers = [p for p, module in PEERS.items() if importlib.util.find_spec(module)]
    low = {name: {} for name in ITEMS}
    for _ in range(TURNS):
        for name, item in ITEMS.items():
            line = json.loads(bench.text_of(
                bench.MIEN, "bench", "--backbone", name, "--item", item, "--batch", BATCH[name],
                "--repeat", RUNS[name], "--threads", bench.THREADS))
            times = {"mien": line["min_ms"]}
            for peer in peers:
                told = bench.peer("film_networks.py", peer, name, bench.THREADS, RUNS[name], folder)
                times[peer] = min(json.loads(told)["ms"])
            for who, ms in times.items():
                low[name][who] = min(ms, low[name].get(who, ms))
            bench.say("film_networks", name, times)
    return {"low": low, "peers": peers}


def page(m, mark):
    yield "## Networks of films\n"
    yield ("One run of each network on random input, two threads, the least of several in turns: I3D of a clip of "
           "64 × 224 × 224, FlowNetS of a pair of 384 × 512, VGGish of 5 examples.\n")
    peers = m["peers"]
    yield ("| ms | mien | " + " | ".join(TITLES[p] for p in peers) +
           " | best peer ÷ mien | aim (least) |")
    yield "| --- " * (len(peers) + 4) + "|"
    for name, aim in ("i3d", 1.3), ("flownets", 1.3), ("vggish", 1.5):
        low = m["low"][name]
        ratio = min(low[p] for p in peers) / low["mien"]
        yield (f"| {name} | {low['mien']:.0f} | " + " | ".join(f"{low[p]:.0f}" for p in peers) +
               f" | {mark(ratio, 1.15)} | ≥ {aim} (≥ 1.15) |")
