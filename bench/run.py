# SPDX-License-Identifier: MIT
"""Measures mien against what people use today and writes docs/benchmarks.md.

usage: ./run bench [PART...]

  same        features of every backbone against torchvision's
  accuracy    OASIS by folds of themes (needs the real data or a run in runs/oasis)
  inference   four networks, batch 1 and 32, two threads, against five peers
  gradients   the gradients of a step of networks and blocks against PyTorch's, and 20 steps
  training    a training step of three networks against PyTorch's three ways
  small       a training step of small networks against PyTorch eager and compiled
  before      this build against an earlier one, whose command MIEN_BENCH_BEFORE names, in turn (no peers)
  machine     pictures beside planted columns: figures, what frozen networks cost, memory (no peers)
  frozen      a whole study with a frozen backbone against one forward pass
  search      50 points of a linear head on frozen VGG16 against one forward pass (no peers)
  each        a model for each of 500 people on frozen VGG16 against one forward pass (no peers)
  segments    a published AttendAffectNet over 10,000 segments, from start to file, against PyTorch
  aan         a whole study of films over features, against PyTorch fold after fold
  judging     mien evaluate of many rows, against the same resamples in NumPy and scikit-learn's figures
  sound       emobase2010 against openSMILE: speed on one thread, values by group
  egemaps     eGeMAPS against openSMILE: values of speech by group, speed on one thread
  films       five features of a film with sound: time and memory, against PyAV + PyTorch + openSMILE
  from_file   features of whole films against PyAV, Pillow and the same networks in PyTorch
  film_networks  I3D, FlowNetS and VGGish against PyTorch, ONNX Runtime and OpenVINO
  signals     an hour of a body and of gaze against NeuroKit2 and pymovements; ten hours' memory
  emoeye      a step of EmoEye's network, and its whole synthetic study, against PyTorch
  gaze_answers  planted reactions against what can be read out of them; no signal (no peers)
  face_model  the shipped face model on FER+'s validation faces, animals, small faces (no peers)
  face_training  a step of the face model's study on FER+ against PyTorch
  onnx        imported networks against mien's own rows, ONNX Runtime and OpenVINO
  faces       YuNet against ONNX Runtime and OpenCV; a 720p film with one face against a pipeline of both
  film        a 10-minute 720p film at 5 pictures a second, against PyAV + PyTorch
  film_cores  a minute of 720p and of 1080p: how busy the cores are; key frames alone
  picture     one picture from start to printed row, against torchvision

Without a part: all of them. Each part keeps what it measured in build/bench/PART.json; the
page is written anew from all that are there, with bench/notes/PART.md under its table; what the
page says of parts that were not measured here stays. BEFORE=OTHER/mien measures another build beside
this one (film_cores, picture). `coverage` alone writes the table of
docs/numerics.md instead, and `person` and `planted` (films with
a planted signal) tables of docs/results.md; they need no peers. Figures of different parts may come from
different days; each says when.
"""
import datetime
import functools
import glob
import importlib.metadata
import inspect
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

import aan
import before
import each
import egemaps
import emoeye
import face_model
import face_training
import faces
import film_cores
import film_networks
import films
import from_file
import frozen
import gaze_answers
import imported
import judging
import machine
import search
import segments
import sound
import signals
from rival import Rival

TOP = pathlib.Path(__file__).resolve().parent.parent
MIEN = TOP / "build/release/mien"
WORK = TOP / "build/bench"
PEERS = TOP / "bench/peers"
MODEL = TOP / "share/mien/models/image-va.safetensors"
SAMPLE = TOP / "demo/bigbuckbunny.mp4"  # ./run puts it there
SHARED = TOP.parent / "shared"
THREADS = 2
SEED = 1
BEFORE = os.environ.get("BEFORE")  # the command of another build, to be measured beside this one


def say(*words):
    print("bench:", *words, file=sys.stderr, flush=True)


def text_of(*command):
    done = subprocess.run([str(c) for c in command], text=True, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))}: exit {done.returncode}")
    return done.stdout


def peer(name, *arguments):
    return text_of(sys.executable, PEERS / name, *arguments)


def timed(*command):
    """Seconds from start to end, and peak resident megabytes, of one command."""
    env = {**os.environ, "OMP_NUM_THREADS": str(THREADS)}
    began = time.perf_counter()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))}: exit {child.returncode}")
    return {"s": seconds, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024}


def cpu():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    flags = set(re.search(r"flags\s*: (.*)|$", info)[1].split()) if "flags" in info else set()
    known = [f for f in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile") if f in flags]
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{model[1] if model else platform.machine()} ({', '.join(known)}), "
            f"{os.cpu_count()} cores, {int(memory[1]) >> 20} GiB, Linux {platform.release()}")


def versions():
    found = {}
    for name in ("torch", "torchvision", "onnxruntime", "openvino", "av", "opensmile", "pillow", "numpy",
                 "opencv-python-headless",
                 "neurokit2", "pymovements"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def commit():
    done = subprocess.run(["git", "-C", TOP, "rev-parse", "--short", "HEAD"], text=True,
                          capture_output=True)
    return done.stdout.strip() or "unknown"


# ---- what the parts need -----------------------------------------------------------------

def real_weights():
    """The published MobileNetV2 in mien's cache."""
    text_of(MIEN, "models", "pull", "mobilenet_v2")
    cache = os.environ.get("MIEN_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mien")
    found = glob.glob(f"{cache}/**/mobilenet_v2-*.pth", recursive=True)
    if not found:
        sys.exit(f"bench: mobilenet_v2's weights are not under {cache}")
    return found[0]


OWN_NETS = ("aan", "aan_512", "cnn_lstm", "transformer", "keras_xception")  # of peers/nets.py


def random_weights(name):
    path = WORK / f"{name}.pth"
    if not path.exists():
        maker = "nets.py" if name in OWN_NETS else "features.py"
        peer(maker, "weights", name, SEED, f"{path}.new")
        os.replace(f"{path}.new", path)
    return path


def pictures():
    """Pictures as they come (JPEG and PNG of many sizes), and 224 x 224 cuts of them."""
    from PIL import Image

    stills = WORK / "stills"
    if not stills.exists():
        stills.mkdir()
        text_of(TOP / "build/release/stills", SAMPLE, "0.6", stills)
        for number, path in enumerate(sorted(stills.glob("*.png"))):
            image = Image.open(path)
            width = (1280, 900, 640, 320)[number % 4]
            image.resize((width, width * 9 // 16)).save(path.with_suffix(".jpg"), quality=90)
    whole = sorted(stills.glob("*.jpg")) + sorted(stills.glob("*.png"))[:2]
    oasis = sorted((SHARED / "data/oasis/images").glob("*.jpg"))
    whole += oasis[::max(1, len(oasis) // 16)][:16]
    ready = WORK / "ready"
    ready.mkdir(exist_ok=True)
    cuts = []
    for number, path in enumerate(whole):
        cut = ready / f"{number:02}.png"
        if not cut.exists():
            image = Image.open(path).convert("RGB")
            left, top = (image.width - 224) // 2, max(0, (image.height - 224) // 2)
            image.crop((left, top, left + 224, top + 224)).save(cut)
        cuts.append(cut)
    return whole, cuts


# ---- same numbers ------------------------------------------------------------------------

LAST = {"mobilenet_v2": "classifier.1", "resnet18": "fc", "resnet50": "fc",
        "vgg16": "classifier.6", "vgg19": "classifier.6"}


def difference(name, kind, weights, paths):
    import numpy as np

    theirs, ours = WORK / "theirs.npy", WORK / "ours.npy"
    peer("features.py", kind, name, weights, theirs, *paths)
    resize = ["--resize", "none"] if kind == "ready" else []
    text_of(MIEN, "extract", "--backbone", name, "--weights", weights, "--layer",
            f"pool,{LAST[name]}", *resize, "--threads", THREADS, "-o", ours, *paths)
    a, b = np.load(ours), np.load(theirs)
    if a.shape != b.shape:
        sys.exit(f"bench: {name}: {a.shape} and {b.shape} features")
    outputs = b.shape[1] - 1000
    share = [float(abs(x - y).max() / abs(y).max()) for x, y in
             ((a[:, :outputs], b[:, :outputs]), (a[:, outputs:], b[:, outputs:]))]
    return {"network": name, "kind": kind, "pool": share[0], "output": share[1],
            "pictures": len(paths)}


def measure_same():
    whole, cuts = pictures()
    rows = []
    for name in LAST:
        rows.append({**difference(name, "ready", random_weights(name), cuts),
                     "weights": "random"})
        say("same", rows[-1])
    published = real_weights()
    for kind, paths in ("ready", cuts), ("whole", whole):
        rows.append({**difference("mobilenet_v2", kind, published, paths),
                     "weights": "published"})
        say("same", rows[-1])
    return {"rows": rows}


def page_same(m):
    yield "## The same numbers\n"
    yield ("Largest difference from torchvision over all pictures, as a share of the largest value. "
           "*Ready* pictures are 224 × 224 and only normalised: float32 networks, bound 1e-4. "
           "*Whole* is the path from the file: decode, resize, crop, network, against Pillow's "
           "and torchvision's: bound 2e-2.\n")
    yield "| network | weights | input | pictures | pooled features | output | bound | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for r in m["rows"]:
        bound = 1e-4 if r["kind"] == "ready" else 2e-2
        good = max(r["pool"], r["output"]) <= bound
        yield (f"| {r['network']} | {r['weights']} | {r['kind']} | {r['pictures']} | "
               f"{r['pool']:.1e} | {r['output']:.1e} | {bound:.0e} | {'holds' if good else '**fails**'} |")


# ---- accuracy ----------------------------------------------------------------------------

def measure_accuracy():
    results = TOP / "runs/oasis/results.json"
    if not results.exists():
        if not (SHARED / "data/oasis").exists():
            say("accuracy: no runs/oasis and no real data: left out")
            return None
        trials = TOP / "studies/oasis.tsv"
        real_weights()
        if not trials.exists():
            text_of(MIEN, "import", "oasis", SHARED / "data/oasis", "-o", trials)
        text_of(MIEN, "train", TOP / "studies/oasis.yaml", "-o", results.parent)
    return {"results": json.loads(results.read_text())}


def interval(value, digits=3):
    if not value or value.get("value") is None:
        return "–"
    return f"{value['value']:.{digits}f} [{value['low']:.{digits}f}, {value['high']:.{digits}f}]"


def page_accuracy(m):
    r = m["results"]
    yield "## Accuracy\n"
    yield (f"`mien train studies/oasis.yaml`: {r['trials']['rows']} pictures in {r['trials']['groups']} "
           f"groups, {r['folds']['k']} folds by {r['folds']['by']}, every choice made inside the "
           f"training folds; out-of-fold predictions. Intervals: {100 * r['bootstrap']['level']:g} % "
           "by leaving each group out. *Plain* is a ridge on the pooled last layer; *mean* predicts the "
           "training mean.\n")
    yield "| target | metric | mien | plain ridge | mean | aim |"
    yield "| --- | --- | --- | --- | --- | --- |"
    aim = {"valence": "plain 0.614 matched, 0.66", "arousal": "plain 0.554 matched, 0.60"}
    for target in r["targets"]:
        for metric in target["metrics"]:
            note = aim.get(target["name"], "") if metric["name"] == "r" else ""
            yield (f"| {target['name']} | {metric['title']} | {interval(metric)} | "
                   f"{interval(metric.get('plain'))} | {interval(metric.get('baseline'))} | {note} |")
        if target.get("ceiling"):
            yield (f"| {target['name']} | noise ceiling of r | {target['ceiling']['r']:.3f} | | | |")


# ---- inference ---------------------------------------------------------------------------

NETWORKS = ("mobilenet_v2", "resnet18", "resnet50", "vgg16")
AIMS = {("vgg16", 32): 2.2, ("resnet18", 32): 1.7, ("resnet50", 32): 1.15, ("vgg16", 1): 1.6,
        ("resnet18", 1): 1.15}  # of the best peer; elsewhere 0.95
RIVALS = ("pytorch_eager", "pytorch_channels_last", "pytorch_compile", "onnxruntime", "openvino")
ROUNDS, ROUND_MS = 5, 1000


class Peer(Rival):
    """One that predicts."""

    def __init__(self, name, network, batch, threads=THREADS):
        super().__init__(PEERS / "networks.py", WORK / f"{name}-{network}-{batch}.log",
                         (name, network, batch, threads, WORK), threads)


def ours(network, batch, count):
    return json.loads(text_of(MIEN, "bench", "--backbone", network, "--weights",
                              random_weights(network), "--batch", batch, "--threads", THREADS,
                              "--repeat", count))


def measure_network(network, batch):
    random_weights(network)
    rivals = {}
    for name in RIVALS:  # one after the other: loading and compiling disturbs nobody
        rival = Peer(name, network, batch)
        try:
            rival.answer()
            rivals[name] = rival
        except EOFError as error:
            say(error)
    first = ours(network, batch, 2)
    counts = {name: max(1, min(60, round(ROUND_MS / max(r.run(1)[0], 0.1))))
              for name, r in rivals.items()}
    count = max(2, min(60, round(ROUND_MS / first["min_ms"])))
    times, mine = {name: [] for name in rivals}, []
    for _ in range(ROUNDS):
        mine.append(ours(network, batch, count))
        for name, rival in rivals.items():
            time.sleep(0.3)
            times[name] += rival.run(counts[name])
    for rival in rivals.values():
        rival.close()
    row = {"network": network, "batch": batch,
           "mien": [min(m["min_ms"] for m in mine), statistics.median(m["median_ms"] for m in mine)],
           "gflops": max(m["gflops"] for m in mine), "share": max(m["peak_share"] for m in mine),
           "mb": max(m["rss_mb"] for m in mine)}
    row.update({name: [min(t), statistics.median(t)] for name, t in times.items()})
    return row


def measure_inference():
    """Long: what is measured is kept after each row."""
    rows = []
    for batch in (1, 32):
        for network in NETWORKS:
            rows.append(measure_network(network, batch))
            say("inference", rows[-1])
            yield {"rows": rows, "rounds": ROUNDS}


def page_inference(m):
    yield "## Inference\n"
    yield (f"224 × 224 float32, {THREADS} threads, the same random weights and data for all; "
           f"{m['rounds']} interleaved rounds. Milliseconds a batch: minimum (median). *Best peer* is "
           "the fastest of the five by its minimum, divided by mien's: above 1 mien is faster. "
           "Aims: ≥ 0.95 of the best peer (with Winograd at batch 32: 2.2 VGG16, 1.7 ResNet-18, 1.15 "
           "ResNet-50; at batch 1: 1.6 VGG16, 1.15 ResNet-18) and ≥ 2 of PyTorch eager. GFLOP/s count the "
           "multiplications of the direct form, so Winograd's may pass the peak.\n")
    names = ["mien", *RIVALS]
    peak = max(r["gflops"] / r["share"] for r in m["rows"])  # a disturbed measurement is too low
    yield "| network | batch | " + " | ".join(n.replace("_", " ") for n in names) + \
        " | best peer ÷ mien | eager ÷ mien | GFLOP/s | of peak | MB |"
    yield "| --- " * (len(names) + 7) + "|"
    for r in m["rows"]:
        mine = r["mien"][0]
        best = min(r[name][0] for name in RIVALS if name in r) / mine
        eager = r["pytorch_eager"][0] / mine
        cells = " | ".join(f"{r[n][0]:.1f} ({r[n][1]:.1f})" if n in r else "did not run"
                           for n in names)
        least = AIMS.get((r["network"], r["batch"]), 0.95)
        yield (f"| {r['network']} | {r['batch']} | {cells} | {mark(best, least)} | {mark(eager, 2)} | "
               f"{r['gflops']:.0f} | {r['gflops'] / peak:.0%} | {r['mb']:.0f} |")


def mark(value, least):
    return f"{value:.2f}" if value >= least else f"**{value:.2f}**"


# ---- gradients ---------------------------------------------------------------------------

# network, its option of mien bench, what is trained, a name for it, batch
GRADIENTS = (("resnet18", "--backbone", "*", "all layers", 8),
             ("mobilenet_v2", "--backbone", "*", "all layers", 8),
             ("vgg16", "--backbone", "VGG_FROM_17", "from layer 17 on", 8),
             ("keras_xception", "--backbone", "*", "all layers", 8),
             ("cnn_lstm", "--network", "*", "all layers", 32),
             ("transformer", "--network", "*", "a block", 32),
             ("aan", "--network", "*", "all layers", 30))
# twenty steps of: network, optimiser, rate
WALKS = tuple((network, optimiser, rate) for network in ("cnn_lstm", "transformer", "aan")
              for optimiser, rate in (("sgd", 1e-2), ("adam", 1e-3)))
WALK_STEPS, UNTIMED = 20, 3  # mien bench takes three steps before those it times


def step_file(network, option, trained, batch, *more):
    """One step by mien: what it printed; the file holds what went in and came out."""
    path = WORK / "step.safetensors"
    printed = json.loads(text_of(
        MIEN, "bench", option, network, "--weights", random_weights(network), "--batch", batch,
        "--threads", THREADS, "--train", trained, "--gradients", path, *more))
    return path, printed


def furthest(some, others):
    return max(abs(a - b) / abs(b) for a, b in zip(some, others, strict=True))


def measure_gradients(*only):
    """Long: what is measured is kept after each row."""
    rows, walks = [], []
    for network, option, trained, what, batch in GRADIENTS:
        if only and network not in only:
            continue
        trained = VGG_FROM_17 if trained == "VGG_FROM_17" else trained
        row = {"network": network, "what": what, "batch": batch}
        for way in ("exact", "winograd") if option == "--backbone" else ("exact",):
            path, _ = step_file(network, option, trained, batch, "--repeat", 1,
                                *(["--exact"] if way == "exact" else []))
            row[way] = json.loads(peer("gradients.py", network, random_weights(network), path, trained))
        say("gradients", row)
        rows.append(row)
        yield {"rows": rows, "walks": walks}
    for network, optimiser, rate in WALKS:
        if only and network not in only:
            continue
        path, printed = step_file(network, "--network", "*", 30, "--repeat", WALK_STEPS - UNTIMED,
                                  "--optimiser", optimiser, "--rate", rate)
        theirs = json.loads(peer("gradients.py", network, random_weights(network), path, "*",
                                 optimiser, rate, WALK_STEPS))
        single, double = theirs["single"], theirs["double"]
        walks.append({"network": network, "optimiser": optimiser, "rate": rate, "first": single[0],
                      "last": single[-1], "apart": furthest(printed["losses"], single),
                      "own": furthest(single, double)})
        say("gradients", walks[-1])
        yield {"rows": rows, "walks": walks}


def page_gradients(m):
    yield "## Gradients\n"
    yield ("One step of 8 random pictures (30 or 32 items for the networks without pictures), dropout off, "
           "cross-entropy (the mean squared error for aan): the loss and the gradients of all "
           "parameters against PyTorch in float64, as a relative difference (Euclidean norm of each "
           "parameter, the worst of them). *PyTorch* is its own float32 against its float64.\n")
    yield ("| network | trained | parameters | loss, exact | Winograd | PyTorch | gradients, exact | Winograd | "
           "PyTorch |")
    yield "| --- " * 9 + "|"
    for r in m["rows"]:
        e, w = r["exact"], r.get("winograd")
        loss, gradients = (f"{w['loss']:.1e}", f"{w['gradients']:.1e}") if w else ("", "")
        yield (f"| {r['network']} | {r['what']} | {e['count']} | {e['loss']:.1e} | {loss} | "
               f"{e['loss_pytorch']:.1e} | {e['gradients']:.1e} | {gradients} | "
               f"{e['gradients_pytorch']:.1e} |")
    if not m.get("walks"):
        return
    yield ""
    yield (f"{WALK_STEPS} steps from the same weights on the same batch, dropout off, mien and PyTorch in float32: "
           "the largest relative difference of the losses on the way. Aim: 1e-3. *PyTorch* is its float32 "
           "against its float64.\n")
    yield "| network | optimiser | rate | first loss | last loss | apart | PyTorch |"
    yield "| --- " * 7 + "|"
    for w in m["walks"]:
        apart = f"{w['apart']:.1e}" if w["apart"] <= 1e-3 else f"**{w['apart']:.1e}**"
        yield (f"| {w['network']} | {w['optimiser']} | {w['rate']:g} | {w['first']:.4f} | {w['last']:.4f} | "
               f"{apart} | {w['own']:.1e} |")


# ---- training ----------------------------------------------------------------------------

VGG_FROM_17 = ",".join(f"features.{i}.*" for i in (17, 19, 21, 24, 26, 28)) + ",classifier.*"
# network, batch, what is trained (a name for it), optimiser, aim
STEPS = (("resnet18", 16, "*", "all layers", "sgd", 1.7),
         ("mobilenet_v2", 16, "*", "all layers", "sgd", 1.7),
         ("vgg16", 16, VGG_FROM_17, "from layer 17 on", "adam", 2.1),
         ("vgg16", 16, "*", "all layers", "adam", 2.1),
         ("resnet18", 32, "*", "all layers", "sgd", 1.7),
         ("mobilenet_v2", 32, "*", "all layers", "sgd", 1.5),
         ("vgg16", 32, "*", "all layers", "adam", 2.1))
WAYS = ("eager", "channels_last", "compile")
STEP_ROUNDS, STEP_ROUND_MS = 3, 4000


class Trainer(Rival):
    """A way of PyTorch to train."""

    def __init__(self, way, network, batch, trained, optimiser):
        super().__init__(PEERS / "training.py", WORK / f"train-{way}-{network}-{batch}.log",
                         (way, network, batch, THREADS, trained, optimiser), THREADS)

    def close(self):
        self.child.stdin.close()
        self.mb = float(self.child.stdout.readline())
        self.child.wait()


def our_step(network, batch, trained, optimiser, count, *more):
    return json.loads(text_of(MIEN, "bench", "--backbone", network, "--batch", batch, "--threads",
                              THREADS, "--train", trained, "--optimiser", optimiser, "--repeat",
                              count, *more))


def measure_step(network, batch, trained, what, optimiser, aim):
    """Peers are loaded one at a time: three of them training VGG16 do not fit together."""
    row = {"network": network, "batch": batch, "what": what, "optimiser": optimiser, "aim": aim}
    first = our_step(network, batch, trained, optimiser, 1)
    count = max(2, min(20, round(STEP_ROUND_MS / first["min_ms"])))
    mine, exact = [], our_step(network, batch, trained, optimiser, 2, "--exact")
    for way in WAYS:
        peer = Trainer(way, network, batch, trained, optimiser)
        try:
            peer.answer()
        except EOFError as error:
            say(error)
            continue
        times = []
        steps = max(1, min(20, round(STEP_ROUND_MS / max(peer.run(1)[0], 0.1))))
        for _ in range(STEP_ROUNDS):
            mine.append(our_step(network, batch, trained, optimiser, count))
            time.sleep(0.3)
            times += peer.run(steps)
        peer.close()
        row[way] = [min(times), statistics.median(times), peer.mb]
    row.update(mien=[min(m["min_ms"] for m in mine), statistics.median(m["median_ms"] for m in mine),
                     max(m["rss_mb"] for m in mine)], exact=[exact["min_ms"], exact["rss_mb"]])
    return row


def measure_training():
    rows = []
    for step in STEPS:
        rows.append(measure_step(*step))
        say("training", rows[-1])
        yield {"rows": rows, "rounds": STEP_ROUNDS}


def page_training(m):
    yield "## A training step\n"
    yield (f"Forward, cross-entropy, backward and the optimiser (PyTorch's fused) on pictures of 224 × 224, "
           f"float32, {THREADS} threads; {m['rounds']} rounds interleaved with each way of PyTorch. "
           "Milliseconds: minimum (median). *exact* is mien without Winograd convolutions. Memory is the "
           "process's peak; aim: ≤ 0.7 of the least of PyTorch's.\n")
    yield ("| network | batch | trained | optimiser | mien | exact | " +
           " | ".join(f"pytorch {w.replace('_', ' ')}" for w in WAYS) +
           " | best ÷ mien | aim | MB mien | MB pytorch | ratio |")
    yield "| --- " * (len(WAYS) + 11) + "|"
    for r in m["rows"]:
        ways = [r[w] for w in WAYS if w in r]
        best, memory = min(w[0] for w in ways) / r["mien"][0], min(w[2] for w in ways)
        cells = " | ".join(f"{r[w][0]:.0f} ({r[w][1]:.0f})" if w in r else "did not run" for w in WAYS)
        share = r["mien"][2] / memory
        shown = f"{share:.2f}" if share <= 0.7 else f"**{share:.2f}**"
        yield (f"| {r['network']} | {r['batch']} | {r['what']} | {r['optimiser']} | {r['mien'][0]:.0f} "
               f"({r['mien'][1]:.0f}) | {r['exact'][0]:.0f} | {cells} | {mark(best, r['aim'])} | "
               f"≥ {r['aim']} | {r['mien'][2]:.0f} | {memory:.0f} | {shown} |")


# ---- small networks ----------------------------------------------------------------------

# network, batch, threads, optimiser, aims: eager ÷ mien, compiled ÷ mien, best ÷ mien
SMALL = (("aan", 30, 1, "adam", (14, 6, None)), ("aan", 128, 1, "adam", (14, 6, None)),
         ("aan_512", 30, 1, "adam", (None, None, 1)), ("cnn_lstm", 32, 2, "adamw", (None, None, 2)))
SMALL_WAYS = ("eager", "compile")
SMALL_ROUNDS, SMALL_ROUND_MS = 5, 800


class SmallTrainer(Rival):
    """A way of PyTorch to train a small network."""

    def __init__(self, way, network, batch, threads, optimiser):
        super().__init__(PEERS / "small.py", WORK / f"small-{way}-{network}-{batch}.log",
                         (way, network, batch, threads, optimiser), threads)


def our_small_step(network, batch, threads, optimiser, count):
    return json.loads(text_of(MIEN, "bench", "--network", network, "--batch", batch, "--threads",
                              threads, "--train", "*", "--optimiser", optimiser, "--repeat", count))


def count_of(ms):
    return max(3, min(2000, round(SMALL_ROUND_MS / ms)))


def measure_small_step(network, batch, threads, optimiser, aims):
    rivals, times, mine = {}, {way: [] for way in SMALL_WAYS}, []
    for way in SMALL_WAYS:
        rival = SmallTrainer(way, network, batch, threads, optimiser)
        try:
            rival.answer()
            rivals[way] = rival
        except EOFError as error:
            say(error)
    counts = {way: count_of(min(r.run(3))) for way, r in rivals.items()}
    count = count_of(our_small_step(network, batch, threads, optimiser, 3)["min_ms"])
    for _ in range(SMALL_ROUNDS):
        mine.append(our_small_step(network, batch, threads, optimiser, count))
        for way, rival in rivals.items():
            time.sleep(0.2)
            times[way] += rival.run(counts[way])
    for rival in rivals.values():
        rival.close()
    row = {"network": network, "batch": batch, "threads": threads, "optimiser": optimiser, "aims": aims,
           "mien": [min(m["min_ms"] for m in mine), statistics.median(m["median_ms"] for m in mine)]}
    row.update({way: [min(t), statistics.median(t)] for way, t in times.items() if t})
    return row


def measure_small():
    rows = []
    for step in SMALL:
        rows.append(measure_small_step(*step))
        say("small", rows[-1])
        yield {"rows": rows, "rounds": SMALL_ROUNDS}


def page_small(m):
    yield "## Small networks\n"
    yield ("A training step (forward, loss, backward, optimiser; PyTorch's fused) of small networks on random "
           "input: `aan` is AttendAffectNet for video and audio (five features of a segment as tokens of 8 "
           "values, 6 layers, 2 heads, dropout 0.1, mean squared error), `aan_512` the same with 512 values a "
           "token, `cnn_lstm` EmoEye's for 5 series of 301 samples (cross-entropy of 7 classes). Same threads, "
           f"batch and warm-up for all; {m['rounds']} interleaved rounds. Milliseconds: minimum (median).\n")
    yield ("| network | batch | threads | optimiser | mien | pytorch eager | pytorch compile | eager ÷ mien | "
           "compile ÷ mien | best ÷ mien | aim |")
    yield "| --- " * 11 + "|"
    names = "eager", "compile", "best"
    for r in m["rows"]:
        mine = r["mien"][0]
        by = {way: r[way][0] / mine for way in SMALL_WAYS if way in r}
        by["best"] = min(by.values())
        cells = " | ".join(f"{r[n][0]:.2f} ({r[n][1]:.2f})" if n in r else "did not run"
                           for n in ("mien", *SMALL_WAYS))
        ratios = " | ".join(mark(by[name], aim or 0) if name in by else "" for name, aim in
                            zip(names, r["aims"], strict=True))
        aims = ", ".join(f"{name} ≥ {aim}" for name, aim in zip(names, r["aims"], strict=True) if aim)
        yield (f"| {r['network']} | {r['batch']} | {r['threads']} | {r['optimiser']} | {cells} | {ratios} | "
               f"{aims} |")


# ---- a film ------------------------------------------------------------------------------

def made_film(minutes, height=0):
    """Of 720 lines as the sample, or of another height."""
    path = WORK / f"film-{minutes}min{f'-{height}' if height else ''}.mp4"
    if not path.exists():
        say(f"making a film of {minutes} min")
        new = path.with_suffix(".new.mp4")
        peer("film.py", "make", SAMPLE, minutes * 60, new, height)
        os.replace(new, path)
    return path


def measure_film():
    weights, long, short = real_weights(), made_film(10), made_film(1)
    runs = {"mien": [], "python": [], "mien_1min": [], "python_1min": []}
    for film, tag, rounds in (short, "_1min", 2), (long, "", 1):
        for _ in range(rounds):
            for _ in range(2):
                runs["mien" + tag].append(timed(
                    MIEN, "predict", "image-va", film, "--every", "0.2s", "--threads", THREADS,
                    "-o", "/dev/null"))
                say("film", tag, "mien", runs["mien" + tag][-1])
            runs["python" + tag].append(timed(
                sys.executable, PEERS / "film.py", "predict", MODEL, weights, film, "0.2", THREADS,
                "/dev/null"))
            say("film", tag, "python", runs["python" + tag][-1])
    return {"runs": runs, "bytes": long.stat().st_size}


def page_film(m):
    best = {name: min(r["s"] for r in runs) for name, runs in m["runs"].items()}
    peak = {name: max(r["mb"] for r in runs) for name, runs in m["runs"].items()}
    ratio = best["python"] / best["mien"]
    yield "## A film\n"
    yield (f"720p H.264 made by this bench ({m['bytes'] / 1e6:.0f} MB for 10 minutes, 25 pictures a "
           "second), sampled at 5 a second: `mien predict image-va FILM --every 0.2s` against PyAV + "
           "torchvision + PyTorch with the same weights, picture size and layers; start to end, the best of "
           f"the runs, {THREADS} threads.\n")
    yield "| | mien | Python | Python ÷ mien | aim |"
    yield "| --- | --- | --- | --- | --- |"
    yield (f"| 10 minutes, s | {best['mien']:.1f} | {best['python']:.1f} | {mark(ratio, 6.2)} | ≥ 6.2 |")
    yield (f"| 1 minute, s | {best['mien_1min']:.1f} | {best['python_1min']:.1f} | "
           f"{best['python_1min'] / best['mien_1min']:.2f} | |")
    yield (f"| peak memory, 10 minutes, MB | {peak['mien']:.0f} | {peak['python']:.0f} | | < 250 |")
    yield (f"| peak memory, 1 minute, MB | {peak['mien_1min']:.0f} | {peak['python_1min']:.0f} | | the same |")


# ---- one picture -------------------------------------------------------------------------

def measure_picture():
    weights = real_weights()
    whole, _ = pictures()
    picture = next((p for p in whole if "oasis" in p.parts), whole[0])
    runs = {"mien": [], "python": [], **({"before": []} if BEFORE else {})}
    for _ in range(7):
        for _ in range(3):
            for name, program in ("mien", MIEN), ("before", BEFORE):
                if program:
                    runs[name].append(timed(program, "predict", "image-va", picture, "--threads", THREADS))
        runs["python"].append(timed(sys.executable, PEERS / "picture.py", MODEL, weights, THREADS, picture))
    from PIL import Image
    return {"runs": runs, "size": list(Image.open(picture).size)}


def page_picture(m):
    low = {name: min(r["s"] for r in runs) for name, runs in m["runs"].items()}
    middle = {n: statistics.median(r["s"] for r in runs) for n, runs in m["runs"].items()}
    peak = {name: max(r["mb"] for r in runs) for name, runs in m["runs"].items()}
    yield "## One picture\n"
    yield (f"A JPEG of {m['size'][0]} × {m['size'][1]}, from the start of the program to its printed "
           "row: `mien predict image-va PICTURE` against Python with Pillow, torchvision and PyTorch, "
           "same weights, picture size and layers. "
           "Files are in the system's cache; interleaved.\n")
    yield "| | mien | Python | Python ÷ mien | aim |"
    yield "| --- | --- | --- | --- | --- |"
    yield (f"| wall, minimum, ms | {low['mien'] * 1e3:.0f} | {low['python'] * 1e3:.0f} | "
           f"{mark(low['python'] / low['mien'], 70)} | ≥ 70 |")
    yield (f"| wall, median, ms | {middle['mien'] * 1e3:.0f} | {middle['python'] * 1e3:.0f} | "
           f"{middle['python'] / middle['mien']:.1f} | |")
    yield f"| peak memory, MB | {peak['mien']:.0f} | {peak['python']:.0f} | | < 120 |"
    if "before" in low:
        share = low["mien"] / low["before"]
        yield (f"\nThe build before, in the same rounds: {low['before'] * 1e3:.0f} ms at the least, "
               f"{middle['before'] * 1e3:.0f} in the middle, {peak['before']:.0f} MB; mien takes "
               f"{f'**{share:.2f}**' if share > 0.55 else f'{share:.2f}'} of it (aim: ≤ 0.55).")


# ---- the page ----------------------------------------------------------------------------

def beside(module):
    """A part in a file of its own."""
    return (functools.partial(module.measure, sys.modules[__name__]),
            functools.partial(module.page, mark=mark))


PARTS = {"same": (measure_same, page_same), "accuracy": (measure_accuracy, page_accuracy),
         "inference": (measure_inference, page_inference),
         "gradients": (measure_gradients, page_gradients),
         "training": (measure_training, page_training), "small": (measure_small, page_small),
         "before": beside(before), "machine": beside(machine), "frozen": beside(frozen),
         "search": beside(search), "each": beside(each), "segments": beside(segments), "aan": beside(aan),
         "judging": beside(judging),
         "sound": beside(sound),
         "egemaps": beside(egemaps),
         "film_networks": beside(film_networks),
         "onnx": beside(imported),
         "faces": beside(faces),
         "face_model": beside(face_model),
         "face_training": beside(face_training),
         "films": beside(films),
         "from_file": beside(from_file),
         "signals": beside(signals),
         "emoeye": beside(emoeye),
         "gaze_answers": beside(gaze_answers),
         "film": (measure_film, page_film),
         "film_cores": beside(film_cores),
         "picture": (measure_picture, page_picture)}


def heading(name):
    """The heading of a part's section, as its page function writes it first."""
    page = PARTS[name][1]
    source = inspect.getsource(getattr(page, "func", page))
    return re.search(r'yield "(## .*?)\\n"', source)[1]


def sections(path):
    """What the page says now, by heading."""
    if not path.exists():
        return {}
    found = re.split(r"^(## .*)$", path.read_text(), flags=re.M)[1:]
    return {head: body.strip() for head, body in zip(found[::2], found[1::2], strict=True)}


def write_page():
    page_path = TOP / "docs/benchmarks.md"
    before = sections(page_path)
    lines = ["# Benchmarks\n",
             "Written by `./run bench`; `./run bench PART` measures one part anew. A figure in bold "
             "falls short of its aim; what is known about the reason stands under its table.\n"]
    for name, (_, page) in PARTS.items():
        path = WORK / f"{name}.json"
        if not path.exists():
            if heading(name) in before:
                lines += [heading(name), "", before[heading(name)], ""]
            continue
        m = json.loads(path.read_text())
        lines += [*page(m), ""]
        notes = TOP / "bench/notes" / f"{name}.md"
        if notes.exists():
            lines += [notes.read_text().strip(), ""]
        known = ", ".join(f"{k} {v}" for k, v in m["versions"].items())
        lines.append(f"`./run bench {name}`, {m['date']}, mien at {m['commit']}; {m['cpu']}; "
                     f"Python {m['python']}, {known}.\n")
    text = "\n".join(lines).rstrip() + "\n"
    page_path.write_text(text)
    return text


def main(*parts):
    if "-h" in parts or "--help" in parts:
        print(__doc__.strip())
        return 0
    unknown = {part.partition(":")[0] for part in parts} - set(PARTS)
    if unknown:
        print(f"no part {', '.join(sorted(unknown))}\n\n{__doc__.strip()}", file=sys.stderr)
        return 2
    WORK.mkdir(parents=True, exist_ok=True)
    page = ""
    for part in parts or PARTS:
        name, _, pieces = part.partition(":")
        say(part)
        at = commit()
        measured = PARTS[name][0](*([pieces.split(",")] if pieces else []))
        for state in measured if inspect.isgenerator(measured) else [measured]:
            if state is None:
                continue
            state.update(date=datetime.date.today().isoformat(), commit=at, cpu=cpu(),
                         python=platform.python_version(), versions=versions())
            (WORK / f"{name}.json").write_text(json.dumps(state, indent=1))
            page = write_page()
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
