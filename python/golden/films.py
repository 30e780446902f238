# SPDX-License-Identifier: MIT
"""Small films for tests/predict and tests/cli: python films.py FOLDER (PyAV).

small.mp4, small.mkv: 2 s of H.264, 25 pictures a second, 96 x 64, key frames every 12, with
sound, the index of the MP4 at its start. sound.mp4: the same sound without pictures.
"""
import sys
from fractions import Fraction

import av
import numpy as np

RATE, SECONDS, SOUND_HZ = 25, 2, 8000


def sound_stream(container):
    stream = container.add_stream("aac", rate=SOUND_HZ)
    stream.layout = "mono"
    stream.time_base = Fraction(1, SOUND_HZ)
    return stream


def write_sound(container, stream):
    for block in range(SECONDS * SOUND_HZ // 1000):
        t = (np.arange(1000) + block * 1000) / SOUND_HZ
        frame = av.AudioFrame.from_ndarray(
            np.sin(2 * np.pi * 300 * t).astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SOUND_HZ, block * 1000
        frame.time_base = Fraction(1, SOUND_HZ)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def picture(i):
    y, x = np.mgrid[:64, :96]
    rgb = np.stack([(x * 2 + 5 * i) % 256, (y * 3 + 2 * i) % 256, (x + y + 9 * i) % 256], 2)
    rgb[(y // 16 + x // 16 + i // 6) % 4 == 0] = (240, 200, 40)
    return rgb.astype(np.uint8)


folder = sys.argv[1]
for name in ["small.mp4", "small.mkv"]:
    with av.open(folder + "/" + name, "w", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=RATE, options={"crf": "28", "g": "12"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        sound = sound_stream(container)
        for i in range(RATE * SECONDS):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture(i), format="rgb24")))
        container.mux(video.encode())
        write_sound(container, sound)
with av.open(folder + "/sound.mp4", "w") as container:
    write_sound(container, sound_stream(container))
print("PyAV", av.__version__)
