# SPDX-License-Identifier: MIT
"""Fails unless what README.md says about embedding holds after `./run build` and nothing more:
its `cmake --install` line, its `pkg-config` line, and the program it shows.

The targets are those that `./run build` names; the man pages, which a build of other targets
does not make, are put away first, so that an install without them is tried too.

usage: check_readme.py CHECKOUT BUILD CMAKE CC
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout


def one(pattern, text, what):
    found = re.findall(pattern, text, re.S)
    if len(found) != 1:
        sys.exit(f"{what} stands {len(found)} times, not once")
    return found[0]


def install(readme, cmake, build, prefix):
    """README's own line, with the build folder and the place filled in."""
    line = one(r"`(cmake --install build/release --prefix DIR)`", readme, "the install line")
    words = shlex.split(line.replace("build/release", str(build)).replace("DIR", shlex.quote(str(prefix))))
    run(cmake, *words[1:])


def main(checkout, build, cmake, cc):
    checkout, build = pathlib.Path(checkout), pathlib.Path(build)
    readme, script = (checkout / "README.md").read_text(), (checkout / "run").read_text()
    targets = one(r"--parallel \"\$jobs\" --target (libmien.so [\w. ]+) >&2", script, "the build of ./run").split()
    temp = pathlib.Path(tempfile.mkdtemp(prefix="mien-readme-"))
    try:
        manual, away = build / "man", build / "man-put-away"
        if manual.exists():
            shutil.rmtree(away, ignore_errors=True)
            manual.rename(away)
        install(readme, cmake, build, temp / "without pages")
        print("good: installs without man pages")
        run(cmake, "--build", build, "--target", *targets)
        shutil.rmtree(away, ignore_errors=True)
        prefix = temp / "prefix"
        install(readme, cmake, build, prefix)
        if not (prefix / "share/man/man1/mien.1").exists():
            sys.exit("./run build makes no man pages, or they are not installed")
        print("good: ./run build makes all that is installed")
        run(sys.executable, "-I", checkout / "tests/repo/check_binaries.py", prefix)
        print("good: no installed run path leads to the current folder")

        flags = one(r"`(pkg-config --cflags --libs mien)`", readme, "the pkg-config line")
        library = next(prefix.glob("lib/**/libmien.so")).parent
        env = {**os.environ, "PKG_CONFIG_PATH": str(library / "pkgconfig"),
               "LD_LIBRARY_PATH": str(library), "MIEN_CACHE": str(temp / "cache")}
        program = one(r"```c\n(.*?)```", readme, "the program")
        (temp / "program.c").write_text(program)
        run(cc, temp / "program.c", "-o", temp / "program",
            *run(*shlex.split(flags), env=env).split())
        done = subprocess.run([temp / "program"], text=True, capture_output=True, env=env)
        # without weights it says how to fetch them: the library runs and found its model
        if done.returncode != 1 or "mien models pull mobilenet_v2" not in done.stderr:
            sys.exit(f"README's program: exit {done.returncode}\n{done.stdout}{done.stderr}")
        print("good: README's program is built and runs")
    finally:
        shutil.rmtree(temp)


if __name__ == "__main__":
    main(*sys.argv[1:])
