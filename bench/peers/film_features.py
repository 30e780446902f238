# SPDX-License-Identifier: MIT
"""What a Python user writes to take five features of a film: PyAV, PyTorch, torchvision, openSMILE;
and the film itself.

usage: film_features.py make SAMPLE SECONDS WIDTHxHEIGHT OUT.mp4
       film_features.py extract FILM THREADS

One decoding serves all networks, each of which runs on the 64 frames of a segment nearest its middle;
weights are random, of the published shapes. Prints {"segments": N}.
"""
import json
import pathlib
import sys

import av
import numpy as np

SEGMENT_S, FRAMES, RATE = 5.0, 64, 16000


def make(sample, seconds, size, out):
    """The sample's pictures over and over, in this size, and its sound likewise."""
    width, height = map(int, size.split("x"))
    with av.open(sample) as source:
        pictures = [f.reformat(width, height, "yuv420p").to_ndarray() for f in source.decode(video=0)]
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48000)
    with av.open(sample) as source:
        parts = [r.to_ndarray() for f in source.decode(audio=0) for r in resampler.resample(f)]
    sound = np.concatenate(parts, 1)
    with av.open(out, "w") as target:
        video = target.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.options = {"preset": "veryfast", "crf": "23"}
        audio = target.add_stream("aac", rate=48000, layout="stereo")
        for n in range(int(float(seconds) * 25)):
            image = pictures[n % len(pictures)]
            target.mux(video.encode(av.VideoFrame.from_ndarray(image, "yuv420p")))
            at = (n * 1920) % (sound.shape[1] - 1920)
            block = np.ascontiguousarray(sound[:, at:at + 1920])
            frame = av.AudioFrame.from_ndarray(block, "fltp", "stereo")
            frame.sample_rate, frame.pts = 48000, n * 1920
            target.mux(audio.encode(frame))
        target.mux(video.encode())
        target.mux(audio.encode())


def sound_of(film):
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(film) as source:
        parts = [r.to_ndarray()[0] for f in source.decode(audio=0) for r in resampler.resample(f)]
    return np.concatenate(parts).astype("float32") / 32768


def log_mel(sound):
    """VGGish's examples [n, 1, 96, 64]."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 400)[::160]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    power = np.abs(np.fft.rfft(frames * window, 512))
    mel = 1127 * np.log1p(np.arange(257) * RATE / 512 / 700)
    low, high = 1127 * np.log1p(125 / 700), 1127 * np.log1p(7500 / 700)
    edges = np.linspace(low, high, 66)
    up = (mel[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    down = (edges[2:] - mel[:, None]) / np.diff(edges)[1:]
    weights = np.maximum(0, np.minimum(up, down))
    values = np.log(power @ weights + 0.01).astype("float32")
    count = len(values) // 96
    return values[:count * 96].reshape(count, 1, 96, 64)


def short(image, side, crop):
    from PIL import Image

    width, height = image.size
    if width < height:
        width, height = side, side * height // width
    else:
        width, height = side * width // height, side
    image = image.resize((width, height), Image.BILINEAR)
    if crop:
        left, top = round((width - crop) / 2), round((height - crop) / 2)
        image = image.crop((left, top, left + crop, top + crop))
    return np.asarray(image, "float32").transpose(2, 0, 1) / 255


def segments(film):
    """The pictures of each segment nearest its middle."""
    with av.open(film) as source:
        stream = source.streams.video[0]
        stream.thread_type = "AUTO"
        kept, index = [], 0
        for frame in source.decode(stream):
            if frame.time >= (index + 1) * SEGMENT_S:
                yield kept
                kept, index = [], index + 1
            kept.append(frame)
        if len(kept) >= 25:
            yield kept


def extract(film, threads):
    import opensmile
    import torch
    import torchvision

    from film_networks import network

    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    resnet = torchvision.models.resnet50()
    resnet.fc = torch.nn.Identity()
    nets = {name: network(name) for name in ("i3d", "flownets", "vggish")}
    resnet.eval()
    config = pathlib.Path(opensmile.__file__).parent / "core/config/is09-13/IS10_paraling_compat.conf"
    smile = opensmile.Smile(feature_set=str(config), feature_level="func", num_workers=1)
    sound = sound_of(film)
    mean, deviation = (np.array(v, "float32")[:, None, None]
                       for v in ((.485, .456, .406), (.229, .224, .225)))
    flow_mean = np.array((.411, .432, .45), "float32")[:, None, None]
    count = 0
    with torch.inference_mode():
        for frames in segments(film):
            first = max(0, len(frames) // 2 - FRAMES // 2)
            images = [f.to_image() for f in frames[first:first + FRAMES]]
            stills = torch.from_numpy(np.stack([(short(i, 224, 224) - mean) / deviation
                                                for i in images]))
            torch.cat([resnet(part) for part in stills.split(16)]).mean(0)
            clip = np.stack([short(i, 256, 224) * 2 - 1 for i in images], 1)
            nets["i3d"](torch.from_numpy(clip)[None]).mean((2, 3, 4))
            flat = [short(i, 256, 0) - flow_mean for i in images]
            pairs = torch.from_numpy(np.stack([np.concatenate(p) for p in zip(flat, flat[1:])]))
            torch.cat([nets["flownets"](part).mean((2, 3)) for part in pairs.split(4)]).mean(0)
            at = int(count * SEGMENT_S * RATE)
            part = sound[at:at + int(SEGMENT_S * RATE)]
            if len(part) >= RATE:
                nets["vggish"](torch.from_numpy(log_mel(part))).mean(0)
                smile.process_signal(part, RATE)
            count += 1
    print(json.dumps({"segments": count}))


if __name__ == "__main__":
    {"make": make, "extract": extract}[sys.argv[1]](*sys.argv[2:])
