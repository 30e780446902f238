# SPDX-License-Identifier: MIT
"""The network resnet_small learning faces of 48 x 48 in PyTorch, timed on request: the other side of
bench/face_training.py.

usage: face_training.py WAY BATCH THREADS

WAY is eager or last (channels last). Loads, warms up, prints "ready"; then for each line "N" takes N
steps and prints the processor time of each in milliseconds as a JSON list. A step draws a batch out of
faces that lie decoded in memory, augments them all at once on the processor's vectors (mirroring, one
grid for rotation, shift and zoom, a rectangle erased), then forward, cross-entropy with soft labels,
backward, SGD with momentum (fused) and a decaying average of all parameters: what the study
face-expression asks for.
"""
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F
from serve import serve

WIDTHS, CLASSES, FACES = (32, 64, 128, 192), 8, 4096


class Block(nn.Module):
    def __init__(self, width_in, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.down = None if stride == 1 and width == width_in else nn.Sequential(
            nn.Conv2d(width_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        return F.relu(y + (self.down(x) if self.down else x), inplace=True)


def network():
    """As src/models/backbones/model_resnet_small.c."""
    layers = [nn.Conv2d(1, WIDTHS[0], 3, 1, 1, bias=False), nn.BatchNorm2d(WIDTHS[0]),
              nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    before = WIDTHS[0]
    for stage, width in enumerate(WIDTHS):
        for block in range(2):
            layers.append(Block(before, width, 2 if stage and not block else 1))
            before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
                         nn.Linear(before, CLASSES))





def augment(x):
    n = len(x)
    angle = (torch.rand(n) * 2 - 1) * math.radians(10)
    zoom = 1 + (torch.rand(n) * 2 - 1) * 0.1
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    theta = torch.empty(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = mirror * angle.cos() / zoom, -angle.sin() / zoom
    theta[:, 1, 0], theta[:, 1, 1] = mirror * angle.sin() / zoom, angle.cos() / zoom
    theta[:, :, 2] = (torch.rand(n, 2) * 2 - 1) * 0.16
    x = F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), mode="nearest",
                      padding_mode="border", align_corners=False)
    at, size = torch.rand(2, n, 1) * 48, 5 + torch.rand(2, n, 1) * 15
    line = torch.arange(48.0)
    rows, columns = ((line >= a) & (line < a + s) for a, s in zip(at, size))
    hit = (torch.rand(n, 1, 1) < 0.5) & rows[:, :, None] & columns[:, None, :]
    return x.masked_fill_(hit[:, None], 0)


def step_of(way, batch, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = network().train()
    faces = torch.randn(FACES, 1, 48, 48)
    labels = torch.softmax(torch.randn(FACES, CLASSES) * 2, 1)
    if way == "last":
        model = model.to(memory_format=torch.channels_last)
    parameters = list(model.parameters())
    optimiser = torch.optim.SGD(parameters, lr=1e-3, momentum=0.9, nesterov=True, weight_decay=5e-4,
                                fused=True)
    average = [p.detach().clone() for p in parameters]

    def step():
        chosen = torch.randint(FACES, (batch,))
        x = augment(faces[chosen])
        if way == "last":
            x = x.contiguous(memory_format=torch.channels_last)
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), labels[chosen]).backward()
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, parameters, 0.002)
    return step


def main(way, batch, threads):
    step = step_of(way, int(batch), int(threads))
    serve(step, 2, time.process_time)


if __name__ == "__main__":
    main(*sys.argv[1:])
