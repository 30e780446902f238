# SPDX-License-Identifier: MIT
"""Compares one step of mien with PyTorch's autograd in float64 and float32: same input, classes and
weights.

usage: gradients.py NETWORK WEIGHTS.pth STEP.safetensors TRAINED

STEP is what `mien bench --train TRAINED --gradients` wrote. Prints a JSON object: the relative
difference of the loss, and the largest of the relative differences of the
parameters' gradients, mien's and PyTorch's own in float32, both against PyTorch in float64.
"""
import fnmatch
import json
import sys

import numpy as np
import torch
import torchvision


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        rest = file.read()
    kinds = {"F32": np.float32, "I32": np.int32}
    return {name: np.frombuffer(rest[slice(*h["data_offsets"])], kinds[h["dtype"]]).reshape(h["shape"])
            for name, h in header.items() if name != "__metadata__"}


def step(name, weights, got, trained, kind):
    model = getattr(torchvision.models, name)(weights=None).train()
    model.load_state_dict(torch.load(weights, weights_only=True))
    for key, parameter in model.named_parameters():
        parameter.requires_grad = any(fnmatch.fnmatch(key, p) for p in trained.split(","))
    for module in model.modules():
        frozen = isinstance(module, torch.nn.BatchNorm2d) and not module.weight.requires_grad
        if frozen or isinstance(module, torch.nn.Dropout):
            module.eval()
    model = model.to(kind)
    loss = torch.nn.functional.cross_entropy(model(torch.tensor(got["input"]).to(kind)),
                                             torch.tensor(got["classes"]).long())
    loss.backward()
    return float(loss.detach()), {k: p.grad.double().numpy() for k, p in model.named_parameters()
                         if p.grad is not None}


def apart(some, want):
    """Largest over all parameters of |difference| / |gradient|, Euclidean norms. Those whose
    gradient is nothing but rounding (biases before a batch-norm) are held to the largest of all."""
    norm = np.linalg.norm
    largest = max(norm(g) for g in want.values())
    return max(float(norm(some[k] - want[k]) / max(norm(want[k]), 1e-6 * largest)) for k in want)


def main(name, weights, path, trained):
    got = read(path)
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
