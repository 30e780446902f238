# SPDX-License-Identifier: MIT
"""Fails unless an installed mien works after its folder was moved: the command, its pages, a C
and a C++ program through pkg-config, a C program through find_package.

usage: check_install.py BUILD CMAKE CC [CXX]
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def run(*command, env=None, **options):
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True,
                          env={**os.environ, **(env or {})}, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout


def expect(what, good):
    if not good:
        sys.exit(f"not so: {what}")
    print("good:", what)


def install_and_move(build, cmake, temp):
    run(cmake, "--install", build, "--prefix", temp / "first")
    moved = temp / "second place"
    moved.parent.mkdir(exist_ok=True)
    (temp / "first").rename(moved)
    return moved


def one(folder, pattern):
    found = sorted(folder.glob(pattern))
    expect(f"one {pattern}", len(found) == 1)
    return found[0]


def check_places(prefix, build, temp):
    for name in ("mien.1", "mien-predict.1"):
        page = prefix / "share/man/man1" / name
        expect(f"man page {name}", page.exists() and page.read_text().startswith((".TH", "'\\\"", ".\\\"")))
    completion = prefix / "share/bash-completion/completions/mien"
    expect("completion parses", run("bash", "-n", completion) == "")
    expect("completion knows predict", "predict" in completion.read_text())
    expect("licence", any(prefix.glob("share/doc/**/LICENSE")))
    if any(prefix.glob("lib/**/libdnnl.so*")):
        expect("licence of the bundled oneDNN or none known here",
               any(prefix.glob("share/doc/**/LICENSE.oneDNN"))
               or not (build.parent.parent / ".deps/onednn/LICENSE.txt").exists())
    for path in [*prefix.rglob("*.pc"), *prefix.rglob("*.cmake")]:
        text = path.read_text()
        expect(f"{path.name} names no place of the build",
               str(temp) not in text and str(build) not in text)


def check_program(what, program, prefix, env):
    out = run(program, env=env)
    expect(f"{what} runs", out.startswith("mien ") and " 0 backbones" not in out)
    for model in ("image-va", "image-va-large"):
        if (prefix / f"share/mien/models/{model}.safetensors").exists():
            expect(f"{what} finds the installed {model}", f"model {model}" in out.splitlines())


def main(build, cmake, cc, cxx=None):
    build, temp = pathlib.Path(build), pathlib.Path(tempfile.mkdtemp(prefix="mien-install-"))
    try:
        prefix = install_and_move(build, cmake, temp)
        library = one(prefix, "lib/**/libmien.so").parent
        clean = {"MIEN_CACHE": str(temp / "cache"), "LD_LIBRARY_PATH": "",
                 "PKG_CONFIG_PATH": str(library / "pkgconfig")}
        version = run(prefix / "bin/mien", "--version", env=clean)
        expect("the moved command runs", version.startswith("mien "))
        check_places(prefix, build, temp)
        print(run(sys.executable, "-I", HERE.parent / "repo/check_binaries.py", prefix).strip())

        # the path has a space, which pkg-config escapes and a shell would undo
        link = temp / "moved"
        link.symlink_to(prefix)
        clean["PKG_CONFIG_PATH"] = str(link / library.relative_to(prefix) / "pkgconfig")
        flags = run("pkg-config", "--cflags", "--libs", "mien", env=clean).split()
        here = {**clean, "LD_LIBRARY_PATH": str(library)}
        run(cc, "-std=c17", HERE / "use/use.c", "-o", temp / "use-c", *flags)
        check_program("C through pkg-config", temp / "use-c", prefix, here)
        if cxx:
            run(cxx, "-std=c++17", "-x", "c++", HERE / "use/use.c", "-x", "none", "-o", temp / "use-cpp", *flags)
            check_program("C++ through pkg-config", temp / "use-cpp", prefix, here)

        run(cmake, "-G", "Ninja", "-S", HERE / "use", "-B", temp / "use", f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_C_COMPILER={cc}")
        run(cmake, "--build", temp / "use")
        check_program("C through find_package", temp / "use/use", prefix, clean)

        examples = HERE.parent.parent / "examples"
        run(cmake, "-G", "Ninja", "-S", examples, "-B", temp / "examples", f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_C_COMPILER={cc}")
        run(cmake, "--build", temp / "examples")
        expect("the examples build by themselves", (temp / "examples/predict").exists())
    finally:
        shutil.rmtree(temp)
    if not cxx:
        print("SKIPPED: installed library from C++: no C++ compiler")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main(*[a for a in sys.argv[1:] if a and not a.endswith("NOTFOUND")]))
