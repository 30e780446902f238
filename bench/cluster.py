# SPDX-License-Identifier: MIT
"""Jobs dealt over processes: what two ranks gain over one, one thread each.

usage: ./run bench cluster [pairs=3] [seeds=4] [epochs=60]
       cluster.py MIEN FOLDER [pairs=3] [seeds=4] [epochs=60]

Makes a look-alike film set, trains the same study (a fit for each film left out, and one on all
rows, with each seed) by one process and by `mpirun -np 2`, in alternating pairs, and prints a row
of the table in docs/cluster.md for each pair: seconds by the clock and of the processor. On a
machine that others use the clock says little: the processor's time of one process over that of
the busier of two ranks is what two free cores would give. Exits 1 where files differ, and where
neither is 1.8 times.
"""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

STUDY = """trials: films/trials.tsv
method: network
inputs: [vggish, flownet]
targets: [arousal]
model: {name: aan, width: 32, layers: 2, heads: 4}
folds: {rule: leave-one-group-out}
batch: 32
bootstrap: {repeats: 200}
"""
WANTED = 1.8


def as_rank(folder, words):
    """Runs the command as one rank and leaves its processor's seconds in FOLDER."""
    status = subprocess.run(words, check=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    rank = os.environ.get("OMPI_COMM_WORLD_RANK", "0")
    pathlib.Path(folder, f"rank-{rank}.json").write_text(
        json.dumps(used.ru_utime + used.ru_stime))
    return status


def run(mien, folder, ranks, name):
    """Trains into FOLDER/NAME; gives seconds by the clock and of each rank's processor."""
    shutil.rmtree(folder / name, ignore_errors=True)
    for old in folder.glob("rank-*.json"):
        old.unlink()
    words = [sys.executable, __file__, "--rank", str(folder), mien, "train", "study.yaml", "-o",
             name, "--threads", "1", "--quiet"]
    if ranks > 1:
        root = ["--allow-run-as-root"] if os.getuid() == 0 else []
        words = ["mpirun", *root, "--oversubscribe", "-np", str(ranks), *words]
    begun = time.monotonic()
    subprocess.run(words, cwd=folder, check=True,
                   env=dict(os.environ, OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive"))
    seconds = time.monotonic() - begun
    used = [json.loads(p.read_text()) for p in sorted(folder.glob("rank-*.json"))]
    return seconds, used


def main():
    if sys.argv[1:2] == ["--rank"]:
        return as_rank(sys.argv[2], sys.argv[3:])
    options = {"pairs": 3, "seeds": 4, "epochs": 60}
    options.update((k, int(v)) for k, v in (word.split("=") for word in sys.argv[3:]))
    mien, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not shutil.which("mpirun"):
        sys.exit("there is no mpirun here: ./run setup --mpi")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([mien, "synth", "cognimuse", "-o", "films", "--films", "7", "--segments", "60",
                    "--quiet"], cwd=folder, check=True)
    (folder / "study.yaml").write_text(
        STUDY + f"seeds: {options['seeds']}\nepochs: {options['epochs']}\n")
    jobs = 8 * options["seeds"]
    print(f"{jobs} jobs")
    print("| one process, s | its processor, s | two ranks, s | their processors, s | gain by the "
          "clock | by processors |\n| --- | --- | --- | --- | --- | --- |")
    clock, processor = [], []
    for _ in range(options["pairs"]):
        one, [alone] = run(mien, folder, 1, "one")
        two, each = run(mien, folder, 2, "two")
        if len(each) != 2:
            sys.exit("this build has no MPI: ./run setup --mpi, ./run build")
        for name in (line[66:] for line in (folder / "one/SHA256SUMS").read_text().splitlines()):
            if (folder / "one" / name).read_bytes() != (folder / "two" / name).read_bytes():
                sys.exit(f"{name} differs")
        clock.append(one / two)
        processor.append(alone / max(each))
        print(f"| {one:.1f} | {alone:.1f} | {two:.1f} | {each[0]:.1f}, {each[1]:.1f} | "
              f"{clock[-1]:.2f} | {processor[-1]:.2f} |", flush=True)
    best = max(sorted(x)[len(x) // 2] for x in (clock, processor))
    print(f"median: {best:.2f} times, wanted {WANTED}; all files the same")
    return best < WANTED


if __name__ == "__main__":
    sys.exit(main())
