# SPDX-License-Identifier: MIT
"""Prints the scalars of a folder of event files as TensorBoard reads them: tag step wall value.

usage: read_events.py FOLDER     exits 77 where the package tensorboard is not there
"""
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    sys.exit(77)

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
for tag in sorted(events.Tags()["scalars"]):
    for scalar in events.Scalars(tag):
        print(tag, scalar.step, repr(scalar.wall_time), repr(scalar.value))
