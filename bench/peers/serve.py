# SPDX-License-Identifier: MIT
"""What every peer does once its step is made: it warms up, says that it is ready, and answers each count on
its standard input with that many times in milliseconds, a line of JSON (bench/rival.py asks)."""
import json
import sys
import time


def serve(step, warm, clock=time.perf_counter):
    for _ in range(warm):
        step()
    print("ready", flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            began = clock()
            step()
            times.append((clock() - began) * 1e3)
        print(json.dumps(times), flush=True)
