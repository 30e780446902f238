# SPDX-License-Identifier: MIT
"""Features of a film as a user of PyAV, Pillow and PyTorch takes them, with given weights.

usage: film_from_file.py FILM FOLDER THREADS

FOLDER has rule_NAME.safetensors; the values go to FOLDER/theirs.npz, whose path is printed. Frames of
a segment of 5 s are the 64 nearest its middle; a segment without enough is NaN. Families "NAME, by
the batch" have batch-norms by the mean and variance of the segment's frames.
"""
import json
import pathlib
import struct
import sys

import av
import numpy as np
import torch
import torchvision

import film_features as ff
from film_networks import Unit, network

MIXED = ("b0", "b1a", "b1b", "b2a", "b2b", "b3b")
FRAMES, SEGMENT_S, LEAST_S = 64, 5.0, 1.0


def tensors_of(path):
    raw = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    made = {}
    for name, what in json.loads(raw[8:8 + length]).items():
        if name != "__metadata__" and what["dtype"] == "F32":
            first, end = what["data_offsets"]
            values = np.frombuffer(raw[8 + length + first:8 + length + end], "<f4")
            made[name] = torch.from_numpy(values.reshape(what["shape"]).copy())
    return made


def take(module, tensors, prefix):
    """A convolution's, a linear layer's or a batch-norm's own."""
    for leaf in ("weight", "bias", "running_mean", "running_var"):
        if getattr(module, leaf, None) is not None:
            getattr(module, leaf).data.copy_(tensors[f"{prefix}.{leaf}"])


def loaded(name, folder):
    tensors = tensors_of(f"{folder}/rule_{name}.safetensors")
    if name == "resnet50":
        net = torchvision.models.resnet50()
        net.load_state_dict(tensors, strict=False)
        net.fc = torch.nn.Identity()
        return net.eval()
    net = network(name)
    if name == "i3d":
        names = ["Conv3d_1a_7x7", "Conv3d_2b_1x1", "Conv3d_2c_3x3"]
        names += [f"Mixed_{m}.{b}" for m in ("3b", "3c", "4b", "4c", "4d", "4e", "4f", "5b", "5c") for b in MIXED]
        units = [m for m in net.modules() if isinstance(m, Unit)]
        for unit, prefix in zip(units, names, strict=True):
            take(unit.conv, tensors, f"{prefix}.conv3d")
            take(unit.norm, tensors, f"{prefix}.bn")
        return net
    layers = [m for m in net.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    names = (["conv1.0", "conv2.0", "conv3.0", "conv3_1.0", "conv4.0", "conv4_1.0", "conv5.0", "conv5_1.0", "conv6.0"]
             if name == "flownets" else
             [f"features.{k}" for k in (0, 3, 6, 8, 11, 13)] + [f"embeddings.{k}" for k in (0, 2, 4)])
    for layer, prefix in zip(layers, names, strict=True):
        take(layer, tensors, prefix)
    return net


def sound_of(film):
    """The mean of all channels, 16 kHz."""
    parts, resampler = [], None
    with av.open(film) as source:
        for frame in source.decode(audio=0):
            resampler = resampler or av.AudioResampler(format="fltp", layout=frame.layout, rate=ff.RATE)
            parts += [r.to_ndarray().mean(0) for r in resampler.resample(frame)]
    return np.concatenate(parts).astype("float32")


class by_batch:
    """Within it, a network's batch-norms use the batch's statistics and keep their own."""

    def __init__(self, net):
        self.norms = [m for m in net.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]

    def __enter__(self):
        for norm in self.norms:
            norm.train().momentum = 0.0

    def __exit__(self, *_):
        for norm in self.norms:
            norm.eval()


def middle(times, start, end):
    """The 64 nearest the middle: where the run of them begins."""
    inside = [i for i, t in enumerate(times) if start <= t < end]
    if len(inside) <= FRAMES:
        return inside
    centre = (start + end) / 2
    first = min(range(len(inside) - FRAMES + 1),
                key=lambda k: (max(abs(times[inside[k]] - centre), abs(times[inside[k + FRAMES - 1]] - centre)), -k))
    return inside[first:first + FRAMES]


def main(film, folder, threads):
    torch.set_num_threads(int(threads))
    nets = {name: loaded(name, folder) for name in ("resnet50", "i3d", "flownets", "vggish")}
    with av.open(film) as source:
        rate = float(source.streams.video[0].average_rate)
        frames = list(source.decode(video=0))
        has_sound = bool(source.streams.audio)
    times = [f.time for f in frames]
    sound = sound_of(film) if has_sound else None
    length = max(times[-1] + 1 / rate, len(sound) / ff.RATE if has_sound else 0)
    mean, deviation = (np.array(v, "float32")[:, None, None] for v in ((.485, .456, .406), (.229, .224, .225)))
    flow_mean = np.array((.411, .432, .45), "float32")[:, None, None]
    out = {name: [] for name in ("resnet50", "i3d", "i3d-s5", "flownet-s5", "vggish")}
    out.update({f"{name}, by the batch": [] for name in ("resnet50", "i3d", "i3d-s5")})
    start = 0.0
    with torch.inference_mode():
        while start == 0 or length - start >= LEAST_S:
            end = min(start + SEGMENT_S, length)
            images = [frames[i].to_image() for i in middle(times, start, end)]
            stills = np.stack([(ff.short(i, 224, 224) - mean) / deviation for i in images])
            out["resnet50"].append(torch.cat(
                [nets["resnet50"](part) for part in torch.from_numpy(stills).split(16)]).mean(0).numpy())
            with by_batch(nets["resnet50"]):
                out["resnet50, by the batch"].append(nets["resnet50"](torch.from_numpy(stills)).mean(0).numpy())
            clips = {"i3d": [ff.short(i, 256, 224) * 2 - 1 for i in images],
                     "i3d-s5": [(ff.short(i, 224, 0) - mean) / deviation for i in images]}
            for name, frames_of in clips.items():
                clip = torch.from_numpy(np.stack(frames_of, 1))[None]
                out[name].append(nets["i3d"](clip).mean((2, 3, 4))[0].numpy())
                with by_batch(nets["i3d"]):
                    out[f"{name}, by the batch"].append(nets["i3d"](clip).mean((2, 3, 4))[0].numpy())
            flat = [ff.short(i, 256, 0) - flow_mean for i in images]
            pairs = torch.from_numpy(np.stack([np.concatenate(p) for p in zip(flat, flat[1:])]))
            rows = torch.cat([nets["flownets"](part).mean((2, 3)) for part in pairs.split(4)])
            out["flownet-s5"].append(torch.cat([rows, rows[-1:]]).mean(0).numpy())
            part = sound[int(start * ff.RATE):int(end * ff.RATE)] if has_sound else ()
            out["vggish"].append(nets["vggish"](torch.from_numpy(ff.log_mel(part))).mean(0).numpy()
                                 if len(part) >= ff.RATE else np.full(128, np.nan, "float32"))
            start += SEGMENT_S
    np.savez(f"{folder}/theirs.npz", **{name: np.stack(rows) for name, rows in out.items()})
    print(f"{folder}/theirs.npz")


if __name__ == "__main__":
    main(*sys.argv[1:])
