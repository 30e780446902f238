# SPDX-License-Identifier: MIT
"""eGeMAPS by openSMILE's Python package.

usage: smile_egemaps.py values SOUND.wav...   {"names": [...], "values": [[...], ...]}
       smile_egemaps.py time SOUND.wav        {"s": [...]}: processor time of 3 turns

The set is taken by its name; none of its values is kept.
"""
import json
import sys
import time
import wave

import numpy
import opensmile


def sound_of(path):
    with wave.open(path) as file:
        rate = file.getframerate()
        raw = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
    return raw.astype("float32") / 32768, rate


def main(what, *paths):
    smile = opensmile.Smile(feature_set=opensmile.FeatureSet.eGeMAPSv02,
                            feature_level=opensmile.FeatureLevel.Functionals, num_workers=1)
    if what == "values":
        rows = [smile.process_signal(*sound_of(p)).values[0].tolist() for p in paths]
        print(json.dumps({"names": list(smile.feature_names), "values": rows}))
        return
    sound, rate = sound_of(paths[0])
    seconds = []
    for _ in range(3):
        began = time.process_time()
        smile.process_signal(sound, rate)
        seconds.append(time.process_time() - began)
    print(json.dumps({"s": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
