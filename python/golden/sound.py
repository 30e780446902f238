# SPDX-License-Identifier: MIT
"""Sounds and values for tests of features of sound: python sound.py SHARED FOLDER

pulses.wav: 2 s at 16 kHz of pulses of 125 Hz with 3 % jitter that excite a resonance, a little
noise, silence in the middle. emobase2010_pulses.npy and _silence.npy: its 1,582 values and those
of a second of silence, taken from SHARED/golden/film/emobase/own, which a NumPy implementation of
the set's description wrote in double precision (no values of openSMILE's are among them).
vggish_pulses.npy: log-mel examples by the NumPy implementation below. egemaps_formants_pulses.npy:
F1, its bandwidth, F2, … of each frame of 20 ms as eGeMAPS counts them, by the one below.
"""
import pathlib
import sys
import wave

import numpy as np

RATE = 16000


def pulses():
    random = np.random.RandomState(7)
    n = 2 * RATE
    x = np.zeros(n)
    place = 0.0
    ring = np.exp(-np.arange(400) / 60) * np.sin(2 * np.pi * 700 * np.arange(400) / RATE)
    while place < n - 401:
        i = int(place)
        if not 0.8 * RATE <= i < 1.2 * RATE:
            x[i:i + 400] += ring * (1 + 0.1 * (random.random_sample() - .5))
        place += RATE / 125 * (1 + 0.06 * (random.random_sample() - .5))
    x += 0.003 * (2 * random.random_sample(n) - 1)
    return 0.6 * x / np.abs(x).max()


def quantised(x):
    return np.clip(np.floor(x * 32767 + 0.5), -32768, 32767).astype("<i2")


def examples(x):
    """VGGish's log-mel spectrogram in examples of 96 frames, from its definition."""
    size, hop, fft = 400, 160, 512
    frames = 1 + (len(x) - size) // hop
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    cut = np.stack([x[t * hop:t * hop + size] * window for t in range(frames)])
    magnitude = np.abs(np.fft.rfft(cut, fft, axis=1))
    mel = lambda hz: 1127.0 * np.log(1 + hz / 700.0)
    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    bins = mel(np.arange(fft // 2 + 1) * RATE / fft)
    bank = np.stack([np.maximum(0, np.minimum(
        (bins - edges[b]) / (edges[b + 1] - edges[b]),
        (edges[b + 2] - bins) / (edges[b + 2] - edges[b + 1]))) for b in range(64)], axis=1)
    bank[0] = 0
    log = np.log(magnitude @ bank + 0.01)
    return np.stack([log[i:i + 96] for i in range(0, frames - 95, 96)])


def formants(x):
    """[rows, 6]: the lowest three roots of 1 plus what linear prediction of order 11 expects, of
    the middle-padded frame's spectrum laid out at 11 kHz (docs/films.md), smoothed over three rows."""
    size, hop, fft, order, rate = 320, 160, 512, 11, 11000
    samples = size * rate // RATE
    i = np.arange(size)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * i / (size - 1))
    k = np.arange(samples // 2)
    waves = np.exp(2j * np.pi * np.outer(np.arange(samples), k) / (fft * samples / size))
    rows = []
    for t in range(1 + (len(x) - size) // hop):
        padded = np.zeros(fft)
        padded[(fft - size) // 2:(fft + size) // 2] = x[t * hop:t * hop + size] * window
        y = (waves * np.fft.rfft(padded)[k]).real.sum(1)
        r = np.array([y[:samples - j] @ y[j:] for j in range(order + 1)])
        a = np.linalg.solve(r[np.abs(np.subtract.outer(np.arange(order), np.arange(order)))], r[1:])
        z = np.roots(np.r_[1, a])
        z = sorted(z[z.imag > 1e-9], key=np.angle)[:3]
        rows.append(np.ravel([(np.angle(v) * rate / (2 * np.pi), -np.log(np.abs(v)) * rate / np.pi) for v in z]))
    raw = np.pad(np.array(rows), ((1, 1), (0, 0)), mode="edge")
    return (raw[:-2] + raw[1:-1] + raw[2:]) / 3


if __name__ == "__main__":
    shared, folder = map(pathlib.Path, sys.argv[1:])
    own = shared / "golden/film/emobase"
    order = (own / "signals.txt").read_text().split()
    values = np.load(own / "own/functionals.npy")
    sound = quantised(pulses())
    with wave.open(str(folder / "pulses.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    for name in "pulses", "silence":
        np.save(folder / f"emobase2010_{name}.npy", values[order.index(name)])
    np.save(folder / "vggish_pulses.npy", examples(sound / 32768).astype("<f4"))
    np.save(folder / "egemaps_formants_pulses.npy", formants(sound / 32767).astype("<f4"))
    print("numpy", np.__version__)
