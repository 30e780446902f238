# SPDX-License-Identifier: MIT
"""Training steps of a small network in PyTorch, timed on request: the other side of bench/run.py's
part small.

usage: small.py WAY NETWORK BATCH THREADS OPTIMISER

WAY is eager or compile; networks are those of nets.py. Loads, warms up, prints "ready"; then for
each line "N" takes N steps and prints the times in milliseconds as a JSON list. A step is forward,
loss (mean squared error where there is one output, else cross-entropy), backward and the optimiser
(fused), on input made before the clock starts.
"""
import sys

import nets
import torch
from serve import serve

OPTIMISERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def prepare(way, name, batch, threads, optimiser):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    model = nets.make(name).train()
    x = nets.inputs(name, batch)
    run = torch.compile(model) if way == "compile" else model
    with torch.no_grad():
        outputs = model(*x).shape[1]
    values = torch.rand(batch, outputs) * 2 - 1
    classes = torch.arange(batch) * 37 % outputs
    optimiser = OPTIMISERS[optimiser](model.parameters(), lr=1e-9, fused=True)

    def loss_of(y):
        return (torch.nn.functional.mse_loss(y, values) if outputs == 1
                else torch.nn.functional.cross_entropy(y, classes))

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss_of(run(*x)).backward()
        optimiser.step()
    return step


def main(way, name, batch, threads, optimiser):
    step = prepare(way, name, int(batch), int(threads), optimiser)
    serve(step, 10)


if __name__ == "__main__":
    main(*sys.argv[1:])
