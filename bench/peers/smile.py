# SPDX-License-Identifier: MIT
"""A set of 1,582 values by openSMILE's Python package, timed: smile.py SOUND.wav TURNS prints
seconds of processor time of each turn, without start and reading, and the number of values.

The package has no emobase2010; its IS10 set has the same number of values of the same kinds. Its
files are used by their name alone, and none of its values is kept.
"""
import json
import pathlib
import sys
import time
import wave

import numpy
import opensmile

CONFIG = "core/config/is09-13/IS10_paraling_compat.conf"


def main(path, turns):
    with wave.open(path) as file:
        rate = file.getframerate()
        sound = numpy.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    smile = opensmile.Smile(feature_set=str(pathlib.Path(opensmile.__file__).parent / CONFIG),
                            feature_level="func", num_workers=1)
    seconds = []
    for _ in range(int(turns)):
        began = time.process_time()
        values = smile.process_signal(sound.astype("float32"), rate)
        seconds.append(time.process_time() - began)
    print(json.dumps({"s": seconds, "values": values.shape[1]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
