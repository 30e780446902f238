# SPDX-License-Identifier: MIT
"""Makes tests/golden/aan/: Feature AAN with random weights, in all its forms, by PyTorch in float64.

Run: python python/golden/aan.py (made with torch 2.15.0)

Written from the description of AttendAffectNet, not from its code: tokens by one linear layer an input; layers
x + attention(norm(x)), x + feed(norm(x)); norm divides by unbiased deviation + epsilon; mean of the tokens. Each file
holds the weights under their published names, input.0, input.1, ..., and what must come out: output [rows, outputs] and
attention [rows, layers, heads, T, T].
"""
import json
import math
import pathlib
import struct

import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/aan"
OUT.mkdir(parents=True, exist_ok=True)
ROWS, EPS = 3, 1e-6
# name, width, layers, heads, widths of the inputs, feed-forward, pooled, outputs
CASES = [
    ("published", 8, 6, 2, [5, 3, 4], "relu-after", "plain", 1),
    ("tanh", 8, 6, 2, [7, 2], "tanh-before", "tanh", 1),
    ("mixed", 12, 2, 3, [4, 6, 3, 2, 5], "relu-after", "tanh", 2),
    ("one_head", 6, 1, 1, [9], "tanh-before", "plain", 1),
    ("many_heads", 16, 3, 8, [3, 3], "tanh-before", "plain", 3),
]


def norm(w, name, x):
    mean, sd = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
    return w[name + ".a_2"] * (x - mean) / (sd + EPS) + w[name + ".b_2"]


def linear(w, name, x):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def attend(w, name, x, heads):
    n, t, d = x.shape
    q, k, v = (linear(w, f"{name}.linears.{i}", x).view(n, t, heads, d // heads).transpose(1, 2) for i in range(3))
    a = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(d // heads), -1)
    y = (a @ v).transpose(1, 2).reshape(n, t, d)
    return linear(w, f"{name}.linears.3", y), a


def forward(w, inputs, layers, heads, feed, pooled):
    x = torch.stack([linear(w, f"inputs.m{i}", v) for i, v in enumerate(inputs)], 1)
    maps = []
    for i in range(layers):
        name = f"encoder.layers.{i}"
        y, a = attend(w, name + ".self_attn", norm(w, name + ".sublayer.0.norm", x), heads)
        maps.append(a)
        x = x + y
        y = norm(w, name + ".sublayer.1.norm", x)
        x = x + (torch.relu(linear(w, name + ".feed_forward.w", y)) if feed == "relu-after"
                 else linear(w, name + ".feed_forward.w", y + torch.tanh(y)))
    y = norm(w, "encoder.norm", x).mean(1)
    return linear(w, "linear", torch.tanh(y) if pooled == "tanh" else y), torch.stack(maps, 1)


def draw(generator, *shape):
    # floats, so that both sides compute with the same numbers
    return (torch.rand(*shape, generator=generator) * 2 - 1).double()


def weights(g, d, layers, widths, outputs):
    w = {}

    def add(name, out, fan_in):
        w[name + ".weight"] = (draw(g, out, fan_in) / math.sqrt(fan_in)).float().double()
        w[name + ".bias"] = (draw(g, out) / math.sqrt(fan_in)).float().double()

    def add_norm(name):
        w[name + ".a_2"] = (1 + draw(g, d) / 4).float().double()
        w[name + ".b_2"] = (draw(g, d) / 4).float().double()

    for i, width in enumerate(widths):
        add(f"inputs.m{i}", d, width)
    for i in range(layers):
        for k in range(4):
            add(f"encoder.layers.{i}.self_attn.linears.{k}", d, d)
        add(f"encoder.layers.{i}.feed_forward.w", d, d)
        add_norm(f"encoder.layers.{i}.sublayer.0.norm")
        add_norm(f"encoder.layers.{i}.sublayer.1.norm")
    add_norm("encoder.norm")
    add("linear", outputs, d)
    return w


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, t in tensors.items():
        raw = t.float().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


for number, (name, d, layers, heads, widths, feed, pooled, outputs) in enumerate(CASES):
    g = torch.Generator().manual_seed(number)
    w = weights(g, d, layers, widths, outputs)
    inputs = [draw(g, ROWS, width) * (1 if i else 50) for i, width in enumerate(widths)]
    inputs = [x.float().double() for x in inputs]
    output, attention = forward(w, inputs, layers, heads, feed, pooled)
    tensors = dict(w)
    tensors.update({f"input.{i}": x for i, x in enumerate(inputs)})
    tensors.update({"output": output, "attention": attention})
    settings = f"width={d}; layers={layers}; heads={heads}; feed-forward={feed}; pooled={pooled}"
    write(OUT / f"{name}.safetensors", tensors, {"settings": settings, "maker": "python/golden/aan.py, torch 2.15.0"})


# ---- the published sort of file: a whole pickled module, and its state ------------------------------------------
import csv  # noqa: E402
import sys  # noqa: E402
import types  # noqa: E402

made = types.ModuleType("made_by_a_test")
sys.modules["made_by_a_test"] = made


def kind(name):
    c = type(name, (torch.nn.Module,), {"__module__": "made_by_a_test"})
    setattr(made, name, c)
    return c


Net, Encoder, Layer, Attention, Feed, Sublayer, Norm = map(
    kind, ["Net", "Encoder", "Layer", "Attention", "Feed", "Sublayer", "Norm"])


def module(w, widths, d, layers, heads):
    def make_norm(name):
        n = Norm()
        n.a_2, n.b_2 = (torch.nn.Parameter(w[f"{name}.{p}"].float()) for p in ("a_2", "b_2"))
        n.eps = EPS
        return n

    def make_linear(name):
        m = torch.nn.Linear(w[name + ".weight"].shape[1], w[name + ".weight"].shape[0])
        m.weight, m.bias = (torch.nn.Parameter(w[f"{name}.{p}"].float()) for p in ("weight", "bias"))
        return m

    net = Net()
    for i in range(len(widths)):
        setattr(net, f"linear{i + 1}", make_linear(f"inputs.m{i}"))
    net.encoder = Encoder()
    net.encoder.layers = torch.nn.ModuleList()
    for i in range(layers):
        layer, name = Layer(), f"encoder.layers.{i}"
        layer.self_attn = Attention()
        layer.self_attn.linears = torch.nn.ModuleList(make_linear(f"{name}.self_attn.linears.{k}") for k in range(4))
        layer.self_attn.dropout = torch.nn.Dropout(0.25)
        layer.self_attn.h, layer.self_attn.d_k, layer.self_attn.attn = heads, d // heads, torch.ones(1, heads, 2, 2)
        layer.feed_forward = Feed()
        layer.feed_forward.w = make_linear(f"{name}.feed_forward.w")
        layer.sublayer = torch.nn.ModuleList()
        for k in range(2):
            s = Sublayer()
            s.norm = make_norm(f"{name}.sublayer.{k}.norm")
            layer.sublayer.append(s)
        net.encoder.layers.append(layer)
    net.encoder.norm = make_norm("encoder.norm")
    net.src_embed = torch.nn.Sequential(torch.nn.Linear(2, 2))  # never used, as in the published files
    net.linear = make_linear("linear")
    return net


name, d, layers, heads, widths, feed, pooled, outputs = CASES[0]
g = torch.Generator().manual_seed(0)
w = weights(g, d, layers, widths, outputs)
inputs = [(draw(g, ROWS, width) * (1 if i else 50)).float().double() for i, width in enumerate(widths)]
output, _ = forward(w, inputs, layers, heads, feed, pooled)
net = module(w, widths, d, layers, heads).eval()
torch.save(net.state_dict(), OUT / "state_arousal.pth")
legacy = OUT / "module_arousal.pth"
torch.save(net, legacy, _use_new_zipfile_serialization=False)
# the legacy format stores paths and texts of sources: paths are replaced, by ones of the same length
data = legacy.read_bytes()
for m in ("linear", "container", "dropout"):
    path = str(pathlib.Path(getattr(torch.nn.modules, m).__file__)).encode()
    data = data.replace(path, f"{m}.py".encode().rjust(len(path), b"_"))
legacy.write_bytes(data)
for number, (input_name, x) in enumerate(zip(["resnet50", "flownet", "i3d"], inputs)):
    with open(OUT / f"{input_name}.csv", "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([[repr(v) for v in row] for row in x.tolist()])
with open(OUT / "expected.csv", "w", newline="") as f:
    csv.writer(f, lineterminator="\n").writerows([["arousal"]] + [[f"{v:.9f}"] for v in output.flatten().tolist()])
