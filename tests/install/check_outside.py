# SPDX-License-Identifier: MIT
"""Fails unless a command finds the models of its checkout from a build folder that lies outside
of it. Such a folder is configured; the command itself is the one that was built already.

usage: check_outside.py CHECKOUT BUILD CMAKE CC
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def main(checkout, build, cmake, cc):
    temp = pathlib.Path(tempfile.mkdtemp(prefix="mien-outside-"))
    try:
        subprocess.run([cmake, "-G", "Ninja", "-S", checkout, "-B", temp, "-DBUILD_TESTING=OFF",
                        "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_C_COMPILER={cc}"],
                       check=True, capture_output=True)
        shutil.copy(pathlib.Path(build) / "mien", temp / "mien")
        done = subprocess.run([temp / "mien", "models", "show", "image-va"], text=True,
                              capture_output=True,
                              env={**os.environ, "MIEN_CACHE": str(temp / "cache")})
        if done.returncode:
            sys.exit(f"exit {done.returncode}: {done.stderr}")
        print("good: image-va is found from a build folder outside of the checkout")
    finally:
        shutil.rmtree(temp)


if __name__ == "__main__":
    main(*sys.argv[1:])
