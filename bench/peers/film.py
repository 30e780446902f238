# SPDX-License-Identifier: MIT
"""What a Python user writes to follow a film: PyAV, torchvision, PyTorch; and the film itself.

usage: film.py make SAMPLE SECONDS OUT.mp4 [HEIGHT]
       film.py predict MODEL WEIGHTS.pth FILM EVERY_S THREADS OUT.csv
"""
import csv
import sys

import av


def make(sample, seconds, out, lines=0):
    """The sample over and over, each time from another frame on, with other light and colours,
    now and then mirrored, as 720p H.264 at 25 pictures a second with libx264's usual groups
    and B-frames."""
    import numpy as np

    with av.open(sample) as source:
        shape = (lambda f: (f.width * int(lines) // f.height, int(lines))) if int(lines) else (
            lambda f: (f.width, f.height))
        frames = [f.reformat(*shape(f), "yuv420p").to_ndarray() for f in source.decode(video=0)]
    height, width = frames[0].shape[0] * 2 // 3, frames[0].shape[1]
    frames = [(f[:height], f[height:].reshape(height, width // 2)) for f in frames]
    total, random = int(float(seconds) * 25), np.random.RandomState(7)
    with av.open(out, "w") as target:
        stream = target.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23"}
        stream.thread_type = "AUTO"
        n = 0
        while n < total:
            first = random.randint(0, len(frames) - 25)
            last = random.randint(first + 25, len(frames) + 1)
            light, colour = (np.clip(np.arange(256) + random.randint(-24, 25), 16, 235)
                             .astype(np.uint8) for _ in range(2))
            step = -1 if random.randint(2) else 1
            for luma, chroma in frames[first:last]:
                if n == total:
                    break
                image = np.concatenate([light[luma[:, ::step]],
                                        colour[chroma[:, ::step]].reshape(height // 2, width)])
                for packet in stream.encode(av.VideoFrame.from_ndarray(image, "yuv420p")):
                    target.mux(packet)
                n += 1
        for packet in stream.encode():
            target.mux(packet)


def samples(film, every):
    """(time, picture): the frame shown at 0, every, 2 every, …"""
    with av.open(film) as source:
        stream = source.streams.video[0]
        stream.thread_type = "AUTO"
        due, shown = 0.0, None
        for frame in source.decode(stream):
            while shown is not None and frame.time > due + 1e-6:
                yield due, shown.to_image()
                due += every
            shown = frame
        while shown is not None and due <= shown.time + 1e-6:
            yield due, shown.to_image()
            due += every


def predict(model, weights, film, every, threads, out):
    import torch

    from readout import load

    transforms, run = load(model, weights, int(threads))
    with open(out, "w", newline="") as file, torch.inference_mode():
        writer = csv.writer(file)
        writer.writerow(["start_s", "valence", "arousal"])
        times, batch = [], []

        def flush():
            writer.writerows([t, *v] for t, v in zip(times, run(torch.stack(batch))))
            times.clear()
            batch.clear()

        for time_s, image in samples(film, float(every)):
            times.append(time_s)
            batch.append(transforms(image))
            if len(batch) == 8:
                flush()
        if batch:
            flush()


if __name__ == "__main__":
    {"make": make, "predict": predict}[sys.argv[1]](*sys.argv[2:])
