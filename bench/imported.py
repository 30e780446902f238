# SPDX-License-Identifier: MIT
"""The part onnx of bench/run.py: networks as PyTorch exports them, imported into mien, against ONNX Runtime and
OpenVINO on the same file; and imported networks against mien's own rows of them.

A process is loaded once and then sleeps while others run; all take turns, one thread each, and least processor
times count, which a busy machine lengthens least."""
import json
import os
import statistics
import time

OWN = ("resnet18", "mobilenet_v2")  # rows of models.def
NETWORKS = ("efficientnet_b0", "convnext_tiny", "vit_b_16")
RIVALS = ("onnxruntime", "openvino")
ROUNDS, ROUND_MS = 5, 800


def file_of(bench, network, batch):
    """Exported by PyTorch with random weights of the bench, for one batch."""
    bench.random_weights(network)
    bench.peer("networks.py", "export", network, batch, 1, bench.WORK)
    return bench.WORK / f"{network}-b{batch}.onnx"


def ours(bench, backbone, batch, count, *more):
    return json.loads(bench.text_of(bench.MIEN, "bench", "--backbone", backbone, "--batch", batch, "--threads",
                                    1, "--repeat", count, *more))["min_cpu_ms"]


def count_of(ms):
    return max(2, min(60, round(ROUND_MS / max(ms, 0.1))))


def rows_of_table(bench, network, batch):
    """Imported and own, in alternating runs: the median of the ratios of their least times."""
    path = file_of(bench, network, batch)
    count = count_of(ours(bench, network, batch, 2))
    mine, imported = [], []
    for _ in range(ROUNDS):
        mine.append(ours(bench, network, batch, count))
        imported.append(ours(bench, path, batch, count))
    return {"network": network, "batch": batch, "own": mine, "imported": imported}


def rivals(bench, network, batch):
    """The others read a file of this batch; mien one of a single picture, whose batch is free (vit_b_16 has the
    number of pictures in its shapes)."""
    file_of(bench, network, batch)
    path = file_of(bench, network, 1)
    loaded = {}
    for name in RIVALS:
        rival = bench.Peer(name, network, batch, threads=1)
        try:
            rival.answer()
            loaded[name] = rival
        except EOFError as error:
            bench.say(error)
    count = count_of(ours(bench, path, batch, 2))
    counts = {name: count_of(r.run(1)[0]) for name, r in loaded.items()}
    times, mine = {name: [] for name in loaded}, []
    for _ in range(ROUNDS):
        mine.append(ours(bench, path, batch, count))
        for name, rival in loaded.items():
            time.sleep(0.2)
            times[name].append(min(rival.run(counts[name])))
    for rival in loaded.values():
        rival.close()
    return {"network": network, "batch": batch, "mien": mine, **times}


def measure(bench):
    """bench: the module bench/run.py. What is measured is kept after each row."""
    found = {"own": [], "rivals": [], "rounds": ROUNDS}
    os.environ.update(OMP_WAIT_POLICY="passive", PEER_CLOCK="processor")
    for batch in (1, 32):
        for network in OWN:
            found["own"].append(rows_of_table(bench, network, batch))
            bench.say("onnx", found["own"][-1])
            yield found
        for network in NETWORKS:
            found["rivals"].append(rivals(bench, network, batch))
            bench.say("onnx", found["rivals"][-1])
            yield found


def page(m, mark):
    yield "## Imported networks\n"
    yield (f"torchvision's networks with random weights as PyTorch exports them, taken over by mien (`mien bench "
           f"--backbone NET.onnx`), 224 × 224, one thread, {m['rounds']} interleaved rounds: least milliseconds of processor time a batch. "
           "First beside mien's own rows of the same networks (must: within 5 %), then beside ONNX Runtime and "
           "OpenVINO on the same file (must ≥ 1.0 of the faster, aim 1.15).\n")
    yield "| network | batch | own row | imported | imported ÷ own, round by round | must |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for r in m["own"]:
        ratio = statistics.median(i / o for i, o in zip(r["imported"], r["own"]))
        yield (f"| {r['network']} | {r['batch']} | {min(r['own']):.1f} | {min(r['imported']):.1f} | "
               f"{ratio:.3f}{'' if ratio <= 1.05 else ' **over**'} | ≤ 1.05 |")
    yield ""
    yield "| network | batch | mien | ONNX Runtime | OpenVINO | faster of them ÷ mien | must |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for r in m["rivals"]:
        best = {name: min(r[name]) for name in RIVALS if name in r}
        cells = " | ".join(f"{best[name]:.1f}" if name in best else "did not run" for name in RIVALS)
        ratio = min(best.values()) / min(r["mien"])
        yield f"| {r['network']} | {r['batch']} | {min(r['mien']):.1f} | {cells} | {mark(ratio, 1.0)} | ≥ 1.0 |"
