# SPDX-License-Identifier: MIT
"""Training steps of one network in PyTorch, timed on request: the other side of bench/run.py's
training part.

usage: training.py WAY NETWORK BATCH THREADS TRAINED OPTIMISER

WAY is eager, channels_last or compile; TRAINED is * or patterns of parameters divided by commas.
Loads, warms up, prints "ready"; then for each line "N" takes N steps and prints the times in
milliseconds as a JSON list; ends with standard input and the peak memory in megabytes. A step is
forward, cross-entropy, backward and the optimiser (fused where that is), on pictures and classes
made before the clock starts. What is not trained is in evaluation mode, as mien has it.
"""
import fnmatch
import resource
import sys

import torch
import torchvision
from serve import serve


def prepare(way, name, batch, threads, trained, optimiser):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    model = getattr(torchvision.models, name)(weights=None).train()
    for key, parameter in model.named_parameters():
        parameter.requires_grad = any(fnmatch.fnmatch(key, p) for p in trained.split(","))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d) and not module.weight.requires_grad:
            module.eval()
    images = torch.randn(batch, 3, 224, 224)
    classes = torch.arange(batch) * 37 % 1000
    if way == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    run = torch.compile(model) if way == "compile" else model
    parameters = [p for p in model.parameters() if p.requires_grad]
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    optimiser = kinds[optimiser](parameters, lr=1e-9, fused=True)

    def step():
        optimiser.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(run(images), classes).backward()
        optimiser.step()
    return step


def main(way, name, batch, threads, trained, optimiser):
    step = prepare(way, name, int(batch), int(threads), trained, optimiser)
    serve(step, 2)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
