# SPDX-License-Identifier: MIT
"""Compares one step of mien with PyTorch's autograd in float64 and float32: same input, targets and
weights.

usage: gradients.py NETWORK WEIGHTS.pth STEP.safetensors TRAINED [OPTIMISER RATE STEPS]

STEP is what `mien bench --train TRAINED --gradients` wrote; networks are torchvision's and those of
nets.py. Prints a JSON object: the relative difference of the loss, and the largest of the relative
differences of the parameters' gradients, mien's and PyTorch's own in float32, both against PyTorch
in float64. With an optimiser: the losses of so many steps in float32 and in float64.
"""
import fnmatch
import json
import sys

import nets
import numpy as np
import torch

OPTIMISERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        rest = file.read()
    kinds = {"F32": np.float32, "I32": np.int32}
    return {name: np.frombuffer(rest[slice(*h["data_offsets"])], kinds[h["dtype"]]).reshape(h["shape"])
            for name, h in header.items() if name != "__metadata__"}


def prepare(name, weights, got, trained, kind):
    """The model, and its loss as a function."""
    model = nets.make(name).train()
    model.load_state_dict(torch.load(weights, weights_only=True))
    for key, parameter in model.named_parameters():
        parameter.requires_grad = any(fnmatch.fnmatch(key, p) for p in trained.split(","))
    for module in model.modules():
        norm = isinstance(module, torch.nn.modules.batchnorm._BatchNorm)
        if (norm and not module.weight.requires_grad) or isinstance(module, torch.nn.Dropout):
            module.eval()
        if isinstance(module, torch.nn.MultiheadAttention):
            module.dropout = 0.0
    model = model.to(kind)
    names = sorted(k for k in got if k.startswith("feature") and "." not in k) or [
        k for k in ("input", "series", "words") if k in got]
    x = [torch.tensor(got[k]).to(kind) for k in names]

    def loss():
        y = model(*x)
        if "values" in got:
            return torch.nn.functional.mse_loss(y, torch.tensor(got["values"]).to(kind))
        return torch.nn.functional.cross_entropy(y, torch.tensor(got["classes"]).long())
    return model, loss


def step(name, weights, got, trained, kind):
    model, loss = prepare(name, weights, got, trained, kind)
    value = loss()
    value.backward()
    return float(value.detach()), {k: p.grad.double().numpy() for k, p in model.named_parameters()
                                   if p.grad is not None}


def walk(name, weights, got, trained, kind, optimiser, rate, steps):
    model, loss = prepare(name, weights, got, trained, kind)
    optimiser = OPTIMISERS[optimiser]([p for p in model.parameters() if p.requires_grad], lr=float(rate))
    losses = []
    for _ in range(int(steps)):
        optimiser.zero_grad()
        value = loss()
        value.backward()
        optimiser.step()
        losses.append(float(value.detach()))
    return losses


def apart(some, want):
    """Largest over all parameters of |difference| / |gradient|, Euclidean norms. Those whose
    gradient is nothing but rounding (biases before a batch-norm) are held to the largest of all."""
    norm = np.linalg.norm
    largest = max(norm(g) for g in want.values())
    return max(float(norm(some[k] - want[k]) / max(norm(want[k]), 1e-6 * largest)) for k in want)


def main(name, weights, path, trained, *walking):
    got = read(path)
    if walking:
        print(json.dumps({what: walk(name, weights, got, trained, kind, *walking) for what, kind in
                          (("single", torch.float32), ("double", torch.float64))}))
        return
    loss, want = step(name, weights, got, trained, torch.float64)
    loss32, single = step(name, weights, got, trained, torch.float32)
    missing = set(want) - set(got)
    if missing:
        raise SystemExit(f"gradients.py: mien gave none of {sorted(missing)[:5]}")
    print(json.dumps({
        "loss": abs(float(got["loss"][0]) - loss) / abs(loss), "loss_pytorch": abs(loss32 - loss) / abs(loss),
        "gradients": apart(got, want), "gradients_pytorch": apart(single, want), "count": len(want)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
