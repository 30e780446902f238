# SPDX-License-Identifier: MIT
"""EmoEye's network in PyTorch, timed on request: the other side of bench/emoeye.py.

usage: emoeye.py step WAY BATCH THREADS
       emoeye.py whole BATCH THREADS WEIGHTS.pth

WAY is eager, last (channels last) or compile. Loads, warms up, prints "ready"; then for each line
"N" takes N steps and prints the processor time of each in milliseconds as a JSON list. A step is
forward, loss, backward and AdamW (fused), on input made before the clock starts; of step, VGG16's
features come in; of whole, pictures of 256 x 256 go through the frozen VGG16 in every step, without
gradients, and the loss is focal.
"""
import sys
import time

import nets
import torch
from torch.nn import functional as F
from serve import serve

CLASSES = 7


def cross_entropy(logits, labels):
    return sum(F.cross_entropy(logits[:, k * CLASSES:(k + 1) * CLASSES], labels) for k in (0, 1))


def focal(logits, labels, gamma=3):
    total = 0
    for k in 0, 1:
        log_p = F.log_softmax(logits[:, k * CLASSES:(k + 1) * CLASSES], 1)
        log_p = log_p.gather(1, labels[:, None])[:, 0]
        total = total - ((1 - log_p.exp()) ** gamma * log_p).mean()
    return total


def step_of(way, batch, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model, x = nets.make("emoeye").train(), nets.inputs("emoeye", batch)
    if way == "last":
        model = model.to(memory_format=torch.channels_last)
        x[0] = x[0].contiguous(memory_format=torch.channels_last)
    run = torch.compile(model) if way == "compile" else model
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-9, fused=True)
    labels = torch.arange(batch) % CLASSES

    def step():
        optimiser.zero_grad(set_to_none=True)
        cross_entropy(run(*x), labels).backward()
        optimiser.step()
    return step


def whole_of(batch, threads, weights):
    import torchvision
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    vgg = torchvision.models.vgg16(weights=None)
    vgg.load_state_dict(torch.load(weights, weights_only=True))
    vgg = vgg.features.eval().requires_grad_(False)
    model, (path, series, _) = nets.make("emoeye").train(), nets.inputs("emoeye", batch)
    pictures = torch.randn(batch, 3, 256, 256)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-9, weight_decay=1e-3, fused=True)
    labels = torch.arange(batch) % CLASSES

    def step():
        with torch.no_grad():
            scene = vgg(pictures).mean((2, 3))
        optimiser.zero_grad(set_to_none=True)
        focal(model(path, series, scene), labels).backward()
        optimiser.step()
    return step


def main(what, *arguments):
    step = (step_of(arguments[0], int(arguments[1]), int(arguments[2])) if what == "step"
            else whole_of(int(arguments[0]), int(arguments[1]), arguments[2]))
    serve(step, 1 if what == "whole" else 3, time.process_time)


if __name__ == "__main__":
    main(*sys.argv[1:])
