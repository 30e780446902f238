# SPDX-License-Identifier: MIT
"""Writes tests/golden/blocks.txt: blocks of several layers in training mode, by PyTorch.

For each block: inputs, parameters, outputs, and the gradients of sum(c * y) for everything.
Lines: BLOCK/NAME, the number of values, the values; the factors c of an output y are called
BLOCK/c:y, the gradient of anything z BLOCK/d:z. Run: python python/golden/blocks.py
"""
import pathlib

import torch
from torch import nn


class Encoder(nn.Module):
    """Pre-norm transformer encoder block."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm2 = nn.LayerNorm(8)
        self.up = nn.Linear(8, 12)
        self.down = nn.Linear(12, 8)

    def forward(self, x, mask):
        y = self.norm1(x)
        y, weights = self.attention(y, y, y, attn_mask=mask, average_attn_weights=False)
        x = x + y
        y = self.down(nn.functional.gelu(self.up(self.norm2(x))))
        return {"y": x + y, "weights": weights}


class Cross(nn.Module):
    """Attention to another sequence, padded keys hidden."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 3, batch_first=True)

    def forward(self, x, memory, hidden):
        y, _ = self.attention(x, memory, memory, key_padding_mask=hidden > 0)
        return {"y": y}


class ConvLSTM(nn.Module):
    """S3.5's shape, small: channels are the steps of the LSTM."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(3, 6, 3)
        self.conv2 = nn.Conv1d(6, 6, 3)
        self.lstm = nn.LSTM(9, 5, batch_first=True)
        self.fc = nn.Linear(5, 4)
        nn.init.normal_(self.fc.weight, 0, 3)
        self.bn = nn.BatchNorm1d(4)

    def forward(self, x):
        x = torch.relu(self.conv2(torch.relu(self.conv1(x))))
        x, _ = self.lstm(nn.functional.max_pool1d(x, 2))
        return {"y": self.bn(torch.relu(self.fc(x[:, -1])))}


class Both(nn.Module):
    """Two layers, both directions, over embedded words."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(6, 3)
        self.lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)

    def forward(self, words):
        y, _ = self.lstm(self.table(words.long()))
        return {"y": y.mean(1)}


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4)

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return {"y": torch.relu(x + y)}


class Volume(nn.Module):
    """Three dimensions, means over them, upsampling, a channel picked."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(2, 4, (3, 2, 3), stride=(1, 2, 1), padding=(1, 0, 1))

    def forward(self, x):
        x = nn.functional.max_pool3d(self.conv(x), (1, 2, 2), padding=(0, 1, 1))
        x = x.amax(2)
        near = nn.functional.interpolate(x, size=(5, 7), mode="nearest")
        between = nn.functional.interpolate(x, size=(5, 7), mode="bilinear")
        corners = nn.functional.interpolate(x, size=(5, 7), mode="bilinear", align_corners=True)
        return {"y": torch.cat([near, between, corners], 1)[:, [11, 0, 6, 0]].permute(0, 3, 1, 2)}


def inputs_of():
    mask = torch.zeros(5, 5).masked_fill(torch.ones(5, 5).triu(2) > 0, float("-inf"))
    mask[1, 0] = 0.7
    hidden = torch.zeros(2, 4)
    hidden[0, 3] = hidden[1, 1] = 1
    return {
        "encoder": (Encoder(), {"x": torch.randn(3, 5, 8), "mask": mask}, {"x"}),
        "cross": (Cross(), {"x": torch.randn(2, 3, 6), "memory": torch.randn(2, 4, 6),
                            "hidden": hidden}, {"x", "memory"}),
        "convlstm": (ConvLSTM(), {"x": 3 * torch.randn(8, 3, 22)}, {"x"}),
        "both": (Both(), {"words": torch.randint(0, 6, (3, 5)).float()}, set()),
        "residual": (Residual(), {"x": torch.randn(3, 4, 6, 5)}, {"x"}),
        "volume": (Volume(), {"x": torch.randn(2, 2, 3, 6, 5)}, {"x"}),
    }


def write(file, name, value):
    numbers = " ".join(f"{v:.9g}" for v in value.detach().flatten().tolist())
    print(name, value.numel(), numbers, file=file)


torch.manual_seed(5)
path = pathlib.Path(__file__).parents[2] / "tests/golden/blocks.txt"
with path.open("w") as file:
    print(f"# python/golden/blocks.py, PyTorch {torch.__version__}", file=file)
    for block, (module, inputs, learned) in inputs_of().items():
        for name, value in module.named_parameters():
            if value.dim() == 1:
                nn.init.uniform_(value, 0.5, 1.5) if "weight" in name else nn.init.normal_(value, 0, 0.3)
            write(file, f"{block}/{name}", value)
        for name, value in inputs.items():
            write(file, f"{block}/{name}", value)
        module = module.double()
        inputs = {k: v.double().requires_grad_(k in learned) for k, v in inputs.items()}
        outputs = module(**inputs)
        loss = 0
        for name, value in outputs.items():
            c = torch.randn(value.shape)
            loss = loss + (c.double() * value).sum()
            write(file, f"{block}/{name}", value)
            write(file, f"{block}/c:{name}", c)
        loss.backward()
        for name, value in module.named_parameters():
            assert value.grad.abs().max() > 1e-3, f"{block} {name} learns nothing"
            write(file, f"{block}/d:{name}", value.grad)
        for name in sorted(learned):
            write(file, f"{block}/d:{name}", inputs[name].grad)
