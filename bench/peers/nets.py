# SPDX-License-Identifier: MIT
"""Networks that torchvision lacks, as `mien bench` has them: same layers, same names.

usage: nets.py weights NETWORK SEED OUT.pth

make(NAME) gives any of these or of torchvision's; an AttendAffectNet takes five inputs,
EmoEye three, the others one.
"""
import copy
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

DROPOUT = 0.1


class Norm(nn.Module):
    """Of the Annotated Transformer: divides by the unbiased deviation + epsilon."""

    def __init__(self, width, epsilon=1e-6):
        super().__init__()
        self.a_2, self.b_2 = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.epsilon = epsilon

    def forward(self, x):
        mean, deviation = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
        return self.a_2 * (x - mean) / (deviation + self.epsilon) + self.b_2


class Attention(nn.Module):
    def __init__(self, heads, width):
        super().__init__()
        self.heads, self.each = heads, width // heads
        self.linears = nn.ModuleList(copy.deepcopy(nn.Linear(width, width)) for _ in range(4))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x):
        query, key, value = (linear(x).view(len(x), -1, self.heads, self.each).transpose(1, 2)
                             for linear in self.linears[:3])
        scores = torch.matmul(query, key.transpose(-2, -1)) / math.sqrt(self.each)
        shares = self.dropout(F.softmax(scores, dim=-1))
        mixed = torch.matmul(shares, value).transpose(1, 2).contiguous()
        return self.linears[3](mixed.view(len(x), -1, self.heads * self.each))


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.w, self.dropout = nn.Linear(width, width), nn.Dropout(DROPOUT)

    def forward(self, x):
        return self.dropout(torch.relu(self.w(x)))


class Sublayer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.dropout = Norm(width), nn.Dropout(DROPOUT)

    def forward(self, x, inner):
        return x + self.dropout(inner(self.norm(x)))


class EncoderLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.self_attn, self.feed_forward = Attention(heads, width), FeedForward(width)
        self.sublayer = nn.ModuleList(Sublayer(width) for _ in range(2))

    def forward(self, x):
        return self.sublayer[1](self.sublayer[0](x, self.self_attn), self.feed_forward)


class Encoder(nn.Module):
    def __init__(self, width, heads, layers):
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(width, heads) for _ in range(layers))
        self.norm = Norm(width)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


class AttendAffectNet(nn.Module):
    """Video and audio: five features of a segment are the tokens."""

    FEATURES = 2048, 1024, 1024, 128, 1582

    def __init__(self, width=8):
        super().__init__()
        for i, features in enumerate(self.FEATURES):
            setattr(self, f"linear{i + 1}", nn.Linear(features, width))
        self.encoder = Encoder(width, 2, 6)
        self.dropout, self.linear = nn.Dropout(DROPOUT), nn.Linear(width, 1)

    def forward(self, *features):
        tokens = [getattr(self, f"linear{i + 1}")(x.unsqueeze(1)) for i, x in enumerate(features)]
        x = self.encoder(torch.cat(tokens, 1))
        return self.linear(self.dropout(x.mean(1)))


class CnnLstm(nn.Module):
    """The 64 channels are the time of the LSTM."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(5, 64, 3), nn.Conv1d(64, 64, 3)
        self.pool, self.lstm = nn.MaxPool1d(2), nn.LSTM(148, 64, batch_first=True)
        self.drop1, self.drop2 = nn.Dropout(DROPOUT), nn.Dropout(DROPOUT)
        self.fc, self.bn, self.head = nn.Linear(64, 20), nn.BatchNorm1d(20), nn.Linear(20, 7)

    def forward(self, x):
        x = self.pool(self.drop1(torch.relu(self.conv2(torch.relu(self.conv1(x))))))
        x = self.drop2(self.lstm(x)[0][:, -1])
        return self.head(self.bn(torch.relu(self.fc(x))))


class EmoEye(CnnLstm):
    """The whole network behind a frozen VGG16, whose features come in; two heads of seven as one."""

    def __init__(self):
        super().__init__()
        channels = 1, 32, 64, 128, 256
        for i in range(1, 5):
            setattr(self, f"path{i}", nn.Conv2d(channels[i - 1], channels[i], 5))
        self.path_bn, self.path_fc = nn.BatchNorm2d(128), nn.Linear(12544, 128)
        self.path_fc_bn, self.path_drop = nn.BatchNorm1d(128), nn.Dropout(DROPOUT)
        self.scene1, self.scene2 = nn.Linear(512, 512), nn.Linear(512, 64)
        self.scene_bn, self.scene_drop = nn.BatchNorm1d(64), nn.Dropout(0.5)
        self.all1, self.all_drop, self.all2 = nn.Linear(212, 64), nn.Dropout(0.3), nn.Linear(64, 16)
        self.head = nn.Linear(16, 14)

    def read_path(self, x):
        for i in range(1, 5):
            x = F.max_pool2d(torch.relu(getattr(self, f"path{i}")(x)), 2)
            x = self.path_bn(x) if i == 3 else x
            x = self.path_drop(x) if i > 1 else x
        return self.path_drop(self.path_fc_bn(torch.relu(self.path_fc(x.flatten(1)))))

    def read_series(self, x):
        x = self.pool(self.drop1(torch.relu(self.conv2(torch.relu(self.conv1(x))))))
        return self.bn(torch.relu(self.fc(self.drop2(self.lstm(x)[0][:, -1]))))

    def read_scene(self, x):
        return self.scene_bn(self.scene2(self.scene_drop(self.scene1(self.scene_drop(x)))))

    def forward(self, path, series, scene):
        x = torch.cat([self.read_path(path), self.read_series(series), self.read_scene(scene)], 1)
        return self.head(torch.relu(self.all2(self.all_drop(torch.relu(self.all1(x))))))


class Transformer(nn.TransformerEncoderLayer):
    def __init__(self):
        super().__init__(64, 4, 128, DROPOUT, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(super().forward(x).mean(1))


class Separable(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


def same_pool(x):
    """3 x 3 of stride 2 as TensorFlow pads it: the odd one after."""
    pads = []
    for side in (x.shape[3], x.shape[2]):
        total = max((-(-side // 2) - 1) * 2 + 3 - side, 0)
        pads += [total // 2, total - total // 2]
    return F.max_pool2d(F.pad(x, pads, value=-math.inf), 3, 2)


class Xception(nn.Module):
    """Keras' without its top, ended by the global average."""

    def __init__(self):
        super().__init__()
        self.halvings = 0
        self.conv("block1_conv1", 3, 32, 3, 2)
        self.conv("block1_conv2", 32, 64, 3, 1)
        inputs = 64
        for block, middle, outputs in (2, 128, 128), (3, 256, 256), (4, 728, 728):
            self.down(block, inputs, middle, outputs)
            inputs = outputs
        for block in range(5, 13):
            for number in 1, 2, 3:
                self.separable(block, number, 728, 728)
        self.down(13, 728, 728, 1024)
        self.separable(14, 1, 1024, 1536)
        self.separable(14, 2, 1536, 2048)

    def conv(self, name, inputs, outputs, kernel, stride, norm="{}_bn"):
        self.add_module(name, nn.Conv2d(inputs, outputs, kernel, stride, bias=False))
        self.add_module(norm.format(name), nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))

    def separable(self, block, number, inputs, outputs):
        self.add_module(f"block{block}_sepconv{number}", Separable(inputs, outputs))
        self.add_module(f"block{block}_sepconv{number}_bn",
                        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))

    def down(self, block, inputs, middle, outputs):
        after = f"_{self.halvings}" if self.halvings else ""
        self.conv(f"conv2d{after}", inputs, outputs, 1, 2, f"batch_normalization{after}")
        self.halvings += 1
        self.separable(block, 1, inputs, middle)
        self.separable(block, 2, middle, outputs)

    def run(self, name, x, norm="{}_bn"):
        return getattr(self, norm.format(name))(getattr(self, name)(x))

    def run_down(self, x, block, index):
        after = f"_{index}" if index else ""
        shortcut = self.run(f"conv2d{after}", x, f"batch_normalization{after}")
        x = self.run(f"block{block}_sepconv1", x if block == 2 else torch.relu(x))
        x = self.run(f"block{block}_sepconv2", torch.relu(x))
        return same_pool(x) + shortcut

    def forward(self, x):
        for name in "block1_conv1", "block1_conv2":
            x = torch.relu(self.run(name, x))
        for index, block in enumerate((2, 3, 4)):
            x = self.run_down(x, block, index)
        for block in range(5, 13):
            shortcut = x
            for number in 1, 2, 3:
                x = self.run(f"block{block}_sepconv{number}", torch.relu(x))
            x = x + shortcut
        x = self.run_down(x, 13, 3)
        for number in 1, 2:
            x = torch.relu(self.run(f"block14_sepconv{number}", x))
        return x.mean((2, 3))


OWN = {"aan": AttendAffectNet, "aan_512": lambda: AttendAffectNet(512), "cnn_lstm": CnnLstm,
       "emoeye": EmoEye,
       "transformer": Transformer, "keras_xception": Xception}


def make(name):
    if name in OWN:
        return OWN[name]()
    import torchvision
    return getattr(torchvision.models, name)(weights=None)


def inputs(name, batch):
    shapes = {"cnn_lstm": [(5, 301)], "transformer": [(16, 64)], "keras_xception": [(3, 224, 224)]}
    if name.startswith("aan"):
        return [torch.randn(batch, n) for n in AttendAffectNet.FEATURES]
    if name == "emoeye":
        return [torch.randn(batch, *shape) for shape in ((1, 180, 180), (5, 301), (512,))]
    return [torch.randn(batch, *shape) for shape in shapes.get(name, [(3, 224, 224)])]


def main(name, seed, path):
    """As PyTorch draws them, and batch-norms as after some training."""
    torch.manual_seed(int(seed))
    model = make(name).train()
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = None  # a plain average
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    with torch.no_grad():
        for _ in range(2):
            model(*inputs(name, 4))
    torch.save(model.state_dict(), path)


if __name__ == "__main__":
    main(*sys.argv[2:])
