# SPDX-License-Identifier: MIT
"""Writes tests/golden/nn_block.txt: a small network of every kind of layer, by PyTorch.

Lines: a name, the number of values, the values. Run: python python/golden/nn_block.py
"""
import pathlib

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.depth = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8)
        self.point = nn.Conv2d(8, 8, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(8, eps=1e-3)
        self.side = nn.Conv2d(8, 4, (1, 3), padding=(0, 1), groups=2)
        self.fc = nn.Linear(48, 5)
        self.bn3 = nn.BatchNorm1d(5)

    def forward(self, x):
        x = nn.functional.relu6(self.bn(self.stem(x)))
        y = nn.functional.leaky_relu(self.depth(x), 0.1)
        x = torch.relu(self.bn2(self.point(y)) + x)
        x = nn.functional.max_pool2d(x, 3, 2, 1, ceil_mode=True)
        y = nn.functional.elu(self.side(x))
        x = torch.cat([x, torch.sigmoid(y)], 1)
        x = nn.functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        x = nn.functional.adaptive_avg_pool2d(x, 2) * torch.tanh(
            nn.functional.adaptive_max_pool2d(x, 1))
        x = self.bn3(self.fc(torch.flatten(x, 1)))
        return torch.softmax(x, -1)


torch.manual_seed(3)
block = Block().eval()
for name, value in block.state_dict().items():
    if name.endswith("running_mean"):
        value.normal_(0, 0.3)
    elif name.endswith("running_var"):
        value.uniform_(0.5, 2)
    elif "bn" in name and value.dtype == torch.float32:
        value.normal_(1 if name.endswith("weight") else 0, 0.3)
x = torch.randn(2, 3, 13, 11)
with torch.no_grad():
    values = {"x": x, "y": block.double()(x.double())}
values |= {k: v for k, v in block.state_dict().items() if not k.endswith("tracked")}
path = pathlib.Path(__file__).parents[2] / "tests/golden/nn_block.txt"
with path.open("w") as file:
    print(f"# python/golden/nn_block.py, PyTorch {torch.__version__}", file=file)
    for name, value in values.items():
        numbers = " ".join(f"{v:.9g}" for v in value.flatten().tolist())
        print(name, value.numel(), numbers, file=file)
