# SPDX-License-Identifier: MIT
"""Writes tests/golden/emoeye: EmoEye's series, scanpaths and network, by NumPy, OpenCV and PyTorch.

synthetic_epoch_K.csv are given: two made-up epochs in the columns of EmoEye's files (1: long
invalid stretches, all of heart and skin invalid). Series: NumPy; scanpaths: OpenCV's line() and
circle(); the network in double: PyTorch. Weights come from their names (splitmix64 seeded by
FNV-1a), so that no file of them is needed. Run: python python/golden/emoeye.py (numpy,
opencv-python-headless, torch)
"""
import csv
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

FOLDER = pathlib.Path(__file__).parent.parent.parent / "tests/golden/emoeye"
WORD = (1 << 64) - 1
WEIGHTS = {"arousal": [.9557, .8687, .8383, .9036, 1.0094, 1.3458, 1.3004],
           "valence": [1.3408, 1.4787, 1.1820, .6924, .7187, 1.0769, 1.0336]}


# ---- series and scanpaths


def read_epoch(k):
    with open(FOLDER / f"synthetic_epoch_{k}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    epoch = {}
    for name in rows[0]:
        try:
            epoch[name] = np.array([float(r[name] or "nan") for r in rows])
        except ValueError:
            pass
    flags = {"FPOGX": "FPOGV", "FPOGY": "FPOGV", "LPMM": "LPMMV", "RPMM": "RPMMV", "GSR": "GSRV",
             "HR": "HRV"}
    for flag in set(flags.values()):
        epoch[flag][[0, -1]] = 1
    for name, flag in flags.items():
        good = np.flatnonzero(epoch[flag] == 1)
        epoch[name] = np.interp(np.arange(301), good, epoch[name][good])
    return epoch


def moving(x, width):
    return np.array([x[max(0, i - width // 2):i + width // 2].mean() for i in range(len(x))])


def series_of(epoch, fixed):
    pupil = (epoch["LPMM"] + epoch["RPMM"]) / 2 if fixed else (epoch["LPMMV"] + epoch["RPMMV"]) / 2
    skin = moving(epoch["GSR"], 60)
    deviation = skin.std()
    skin = 0 * skin if round(deviation, 3) == 0 else (skin - skin.mean()) / deviation
    return np.stack([(epoch["FPOGX"] - .5) / .5, (epoch["FPOGY"] - .5) / .5,
                     (moving(pupil, 10) - 3) / .4, skin, (epoch["HR"] - 80) / 15])


def scanpath_of(epoch, side):
    import cv2
    image = np.zeros((side, side), np.uint8)
    x, y, fixation = epoch["FPOGX"], epoch["FPOGY"], epoch["FPOGID"]
    last = (int(x[0] * side), int(y[0] * side))
    for i in range(300):
        if fixation[i] != fixation[i + 1]:
            here = (int(x[i] * side), int(y[i] * side))
            cv2.line(image, last, here, 255, 1)
            copy = image.copy()
            radius = int(np.hypot(here[0] - last[0], here[1] - last[1]) / 5)
            cv2.circle(copy, here, radius, 255, -1)
            image = cv2.addWeighted(copy, .5, image, .5, 0)
            last = here
    cv2.line(image, last, (int(x[299] * side), int(y[299] * side)), 255, 1)
    return image


def write_inputs():
    for k in range(2):
        epoch = read_epoch(k)
        for name, fixed in (("", False), ("fixedpupil_", True)):
            np.savetxt(FOLDER / f"expected_xtime_{name}{k}.csv", series_of(epoch, fixed),
                       delimiter=",", fmt="%.9g")
        (FOLDER / f"expected_scanpath_{k}.pgm").write_bytes(
            b"P5\n180 180\n255\n" + scanpath_of(epoch, 180).tobytes())


# ---- weights by name


def uniform(name, count):
    seed = 0xcbf29ce484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001b3) & WORD
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9e3779b97f4a7c15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def draw(model):
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u = uniform(name, tensor.numel())
        module = model.get_submodule(name.rsplit(".", 1)[0])
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            kind = name.rsplit(".", 1)[1]
            value = {"bias": .2 * (2 * u - 1), "running_mean": .1 * (2 * u - 1)}.get(kind, .5 + u)
        elif isinstance(module, nn.LSTM):
            value = (2 * u - 1) / 8
        else:
            fan = module.weight[0].numel()
            he = "base_model" in name and name.endswith("weight")
            value = (2 * u - 1) * (np.sqrt(6 / fan) if he else 1 / np.sqrt(fan))
        tensor.copy_(torch.from_numpy(value.astype(np.float32).reshape(tensor.shape)))


# ---- the network; dropout is 0 wherever it is trained here


class Scanpath(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 5), nn.Conv2d(32, 64, 5)
        self.conv3, self.conv4 = nn.Conv2d(64, 128, 5), nn.Conv2d(128, 256, 5)
        self.batchnorm1 = nn.BatchNorm2d(128)
        self.dense1, self.batchnorm2 = nn.Linear(12544, 128), nn.BatchNorm1d(128)

    def forward(self, x):
        def block(convolution, x):
            return functional.max_pool2d(functional.relu(convolution(x)), 2)
        x = block(self.conv2, block(self.conv1, x))
        x = block(self.conv4, self.batchnorm1(block(self.conv3, x)))
        return self.batchnorm2(functional.relu(self.dense1(x.flatten(1))))


class Series(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layers = nn.Sequential(nn.Conv1d(5, 64, 3), nn.ReLU(), nn.Conv1d(64, 64, 3),
                                         nn.ReLU(), nn.Identity(), nn.MaxPool1d(2))
        self.lstm = nn.LSTM(148, 64, batch_first=True)
        self.dense1, self.batchnorm1 = nn.Linear(64, 20), nn.BatchNorm1d(20)

    def forward(self, x):
        states, _ = self.lstm(self.conv_layers(x))
        return self.batchnorm1(functional.relu(self.dense1(states[:, -1])))


class Picture(nn.Module):
    def __init__(self):
        super().__init__()
        layers, width = [], 3
        for v in [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]:
            layers += [nn.Conv2d(width, v, 3, padding=1), nn.ReLU()] if v else [nn.MaxPool2d(2)]
            width = v or width
        self.base_model = nn.Sequential(*layers)
        self.dense1, self.dense2 = nn.Linear(512, 512), nn.Linear(512, 64)
        self.batch_norm = nn.BatchNorm1d(64)

    def forward(self, features):
        return self.batch_norm(self.dense2(self.dense1(features)))


class EmoEye(nn.Module):
    def __init__(self):
        super().__init__()
        self.CNN, self.CNN_LSTM, self.VGG16 = Scanpath(), Series(), Picture()
        self.concat = nn.Sequential(nn.Linear(212, 64), nn.ReLU(), nn.Identity(),
                                    nn.Linear(64, 16), nn.ReLU())
        self.dense1, self.dense2 = nn.Linear(16, 7), nn.Linear(16, 7)

    def forward(self, features, path, series):
        parts = self.CNN(path[:, None]), self.CNN_LSTM(series), self.VGG16(features)
        x = self.concat(torch.cat(parts, 1))
        return self.dense1(x), self.dense2(x)


def focal(logits, label, weight, gamma=3):
    entropy = functional.cross_entropy(logits, label, torch.tensor(weight, dtype=logits.dtype),
                                       reduction="none")
    return ((1 - torch.exp(-entropy))**gamma * entropy).mean()


def inputs():
    series, path = [], []
    c, t = np.mgrid[0:5, 0:301]
    for b in range(8):
        x = np.loadtxt(FOLDER / f"expected_xtime_fixedpupil_{b % 2}.csv", delimiter=",")
        wave = .1 * np.sin(.01 * b * (c * 301 + t)) if b >= 2 else 0
        series.append((x + wave).astype(np.float32))
        pixels = np.frombuffer((FOLDER / f"expected_scanpath_{b % 2}.pgm").read_bytes()[-180 * 180:],
                               np.uint8).reshape(180, 180)
        path.append(((np.roll(pixels, 7 * (b // 2), 1) / 255 - .5) / .5).astype(np.float32))
    y, x = np.mgrid[0:256, 0:256]
    pictures = np.stack([np.stack([((x * 7 + y * 13 + 31 * k + 17 * b + x * y % 251) % 256 / 255
                                    - .5) / .5 for k in range(3)]) for b in range(8)])
    label = torch.tensor([[b % 7, (3 * b + 2) % 7] for b in range(8)])
    return [torch.from_numpy(np.asarray(v, np.float32)).double() for v in
            (pictures, np.stack(path), np.stack(series))] + [label]


# ---- tables


def table(name, header, rows):
    lines = [",".join([r[0]] + [v if isinstance(v, str) else f"{v:.12g}" for v in r[1:]])
             for r in rows]
    (FOLDER / name).write_text("\n".join([header] + lines) + "\n")


def summary(name, tensor):
    x = tensor.detach().double().numpy()
    flat = x.ravel()
    return [name, "x".join(map(str, x.shape)), flat.sum(), np.sqrt((flat * flat).sum()),
            *flat[:4], flat[-1]]


HEADER = "tensor,shape,sum,norm,first0,first1,first2,first3,last"


def write_forward(model, features, path, series, label):
    model.eval()
    with torch.no_grad():
        logits = model(features, path, series)
        parts = (("cnn128", model.CNN(path[:, None])), ("series20", model.CNN_LSTM(series)),
                 ("image64", model.VGG16(features)), ("gap512", features))
    rows = []
    for b in range(8):
        rows += [[f"arousal_logits_{b}", *logits[0][b]], [f"valence_logits_{b}", *logits[1][b]]]
    for b in range(2):
        rows += [[f"{name}_{b}", *x[b]] for name, x in parts]
    table("forward_eval.csv", "what,values (eval mode, float64, rows are the 8 samples)", rows)
    rows = []
    for k, (name, weight) in enumerate(WEIGHTS.items()):
        z = logits[k].clone().requires_grad_(True)
        loss = focal(z, label[:, k], weight)
        loss.backward()
        rows += [[f"loss_{name}", loss.item()]]
        rows += [[f"grad_{name}_{b}", *z.grad[b]] for b in range(8)]
    table("focal.csv", "what,values", rows)


def write_training(rate, features, path, series, label):
    model = EmoEye()
    with torch.no_grad():
        draw(model)
    model = model.double().train()
    model.VGG16.base_model.requires_grad_(False)
    learnt = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([p for _, p in learnt], lr=rate, weight_decay=1e-3)
    losses = []
    for step in range(6):
        optimiser.zero_grad()
        logits = model(features, path, series)
        each = [focal(z, label[:, k], w) for k, (z, w) in enumerate(zip(logits, WEIGHTS.values()))]
        sum(each).backward()
        losses.append([str(step), each[0].item(), each[1].item()])
        first = step == 0 and rate == 1e-4
        if first:
            table("train_step_gradients.csv", HEADER, [summary(n, p.grad) for n, p in learnt])
            rows = []
            for b in range(8):
                rows += [[f"arousal_{b}", *logits[0][b]], [f"valence_{b}", *logits[1][b]]]
            table("train_logits.csv", "what,values (train mode: batch statistics; dropout 0)", rows)
        optimiser.step()
        if first:
            table("train_step_after.csv", HEADER,
                  [summary(n, x) for n, x in model.state_dict().items()
                   if "num_batches" not in n and "base_model" not in n])
    table(f"train_losses_lr{rate:g}.csv", "step,arousal,valence", losses)


def main():
    write_inputs()
    pictures, path, series, label = inputs()
    model = EmoEye()
    with torch.no_grad():
        draw(model)
        model = model.double().eval()
        features = torch.cat([model.VGG16.base_model(pictures[b:b + 1]).mean((2, 3))
                              for b in range(8)])
    write_forward(model, features, path, series, label)
    for rate in (1e-4, 1e-2):
        write_training(rate, features, path, series, label)


if __name__ == "__main__":
    main()
