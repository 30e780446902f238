# SPDX-License-Identifier: MIT
"""A peer kept loaded in a process of its own, which sleeps while others run: it answers a count on
its standard input with a line of JSON."""
import json
import os
import subprocess
import sys


class Rival:
    def __init__(self, program, log, arguments, threads):
        env = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONWARNINGS": "ignore"}
        self.log = log
        self.child = subprocess.Popen(
            [sys.executable, program, *map(str, arguments)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=env, stderr=open(log, "w"))

    def answer(self):
        line = self.child.stdout.readline()
        while line and not line.startswith(("ready", "[")):
            line = self.child.stdout.readline()
        if not line:
            raise EOFError(f"{self.child.args[2:5]} ended early; see {self.log}")
        return line

    def run(self, count):
        self.child.stdin.write(f"{count}\n")
        self.child.stdin.flush()
        return json.loads(self.answer())

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def loaded(program, log, arguments, threads):
    """A peer that is ready."""
    made = Rival(program, log, arguments, threads)
    made.answer()
    return made
