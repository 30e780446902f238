# SPDX-License-Identifier: MIT
"""AttendAffectNet over films in PyTorch, eager, one fold after another: the other side of
bench/aan.py.

usage: aan.py FOLDER THREADS EPOCHS

FOLDER has NAME.npy of five modalities and target.npy of 12 films of equal length. Trains the first
fold for EPOCHS epochs as the study does (width 8, 6 layers, 2 heads, dropout 0.1, batch 30,
Adam, mean squared error, features standardised on the training rows) and prints the seconds of
each epoch, of the set-up, and of predicting the film left out, as JSON.
"""
import copy
import json
import math
import sys
import time

import numpy
import torch
from torch import nn

MODALITIES = "resnet50", "flownet", "i3d", "vggish", "emobase2010"
WIDTH, LAYERS, HEADS, DROPOUT, BATCH, FILMS = 8, 6, 2, 0.1, 30, 12


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(WIDTH))
        self.b_2 = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x):
        mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
        return self.a_2 * (x - mean) / (std + 1e-6) + self.b_2


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x):
        n, d = len(x), WIDTH // HEADS
        q, k, v = (f(x).view(n, -1, HEADS, d).transpose(1, 2) for f in self.linears[:3])
        scores = q @ k.transpose(-2, -1) / math.sqrt(d)
        y = self.dropout(scores.softmax(-1)) @ v
        return self.linears[3](y.transpose(1, 2).reshape(n, -1, WIDTH))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.w = Attention(), nn.Linear(WIDTH, WIDTH)
        self.norms = nn.ModuleList(Norm() for _ in range(2))
        self.drops = nn.ModuleList(nn.Dropout(DROPOUT) for _ in range(3))

    def forward(self, x):
        x = x + self.drops[0](self.attention(self.norms[0](x)))
        return x + self.drops[1](self.drops[2](self.w(self.norms[1](x)).relu()))


class Aan(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.inputs = nn.ModuleList(nn.Linear(w, WIDTH) for w in widths)
        layer = Layer()
        self.layers = nn.ModuleList(copy.deepcopy(layer) for _ in range(LAYERS))
        self.norm, self.drop, self.linear = Norm(), nn.Dropout(DROPOUT), nn.Linear(WIDTH, 1)

    def forward(self, *features):
        x = torch.stack([f(x) for f, x in zip(self.inputs, features)], 1)
        for layer in self.layers:
            x = layer(x)
        return self.linear(self.drop(self.norm(x).mean(1)))[:, 0]


def main(folder, threads, epochs):
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    features = [torch.from_numpy(numpy.load(f"{folder}/{m}.npy")) for m in MODALITIES]
    target = torch.from_numpy(numpy.load(f"{folder}/target.npy")).float()
    began = time.perf_counter()
    held = len(target) // FILMS
    train = [x[held:] for x in features]
    means = [x.mean(0) for x in train]
    spreads = [x.std(0).clamp_min(1e-12) for x in train]
    features = [(x - m) / s for x, m, s in zip(features, means, spreads)]
    train, truth = [x[held:] for x in features], target[held:]
    model = Aan([x.shape[1] for x in features])
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    set_up = time.perf_counter() - began
    seconds = []
    for _ in range(int(epochs)):
        began = time.perf_counter()
        model.train()
        for rows in torch.randperm(len(truth)).split(BATCH):
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(model(*(x[rows] for x in train)), truth[rows])
            loss.backward()
            optimiser.step()
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    model.eval()
    with torch.no_grad():
        model(*(x[:held] for x in features))
    predict = time.perf_counter() - began
    print(json.dumps({"epochs": seconds, "set_up": set_up, "predict": predict,
                      "steps": math.ceil(len(truth) / BATCH), "loss": loss.item()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
