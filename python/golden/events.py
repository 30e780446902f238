# SPDX-License-Identifier: MIT
"""Golden event file, written by TensorBoard's own classes: tests/golden/events.tfevents.

    python python/golden/events.py tests/golden/events.tfevents     (tensorboard 2.21.0)
"""
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

# the same rows stand in tests/io/test_tensorboard.c
ROWS = [("loss/train", 0, 1700000000.25, 1.5), ("loss/train", 1, 1700000001.0, -0.1),
        ("ccc", 300, 1700000002.5, float("inf")), ("Grün/größe", 2**40, 1700000003.0, 1e-30),
        ("back", -1, 1700000004.0, 0.0)]


def main(path):
    events = [Event(wall_time=1699999999.5, file_version="brain.Event:2")]
    for tag, step, wall, value in ROWS:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        events.append(Event(wall_time=wall, step=step, summary=summary))
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main(sys.argv[1])
