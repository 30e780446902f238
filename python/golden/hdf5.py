# SPDX-License-Identifier: MIT
"""Makes tests/golden/hdf5/: small HDF5 files, good and hostile (h5py 3.14, HDF5 1.14).

default.h5    one data set "default" [3, 4] f32, as feature files are published
data.h5       "data" and another one; gzip
many.h5       every type, layout and filter that is read, and what is not; attributes
outside.h5    what would leave the file: external and symbolic links, external storage, a
              virtual data set
huge.h5       shapes that claim gigabytes
loop.h5       a group that holds itself
kinds.h5      bool, enumerations, a bit field (PyTables' bool), LZF with and without shuffle
              (h5py 3.16, HDF5 2.0)

Run: python python/golden/hdf5.py tests/golden/hdf5
"""
import pathlib
import sys

import h5py
import numpy as np


def default(path):
    with h5py.File(path, "w") as f:
        f["default"] = np.arange(12, dtype="<f4").reshape(3, 4) / 8


def data(path):
    with h5py.File(path, "w") as f:
        f.create_dataset("data", data=np.arange(6, dtype="<f8").reshape(2, 3), compression="gzip")
        f["rows"] = np.arange(2, dtype="<i4")


def many(path):
    with h5py.File(path, "w") as f:
        for name in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8".split():
            f["types/" + name] = np.array([0, 1, 100], dtype="<" + name)
        f["types/big"] = np.array([1.5, -2], dtype=">f4")
        f["types/large"] = np.array([2**63 + 5], dtype="<u8")
        x = np.arange(2 * 3 * 4 * 5, dtype="<f4").reshape(2, 3, 4, 5)
        f.create_dataset("layouts/chunked", data=x, chunks=(1, 2, 3, 5))
        f.create_dataset("layouts/packed", data=x, chunks=(2, 3, 2, 2), compression="gzip",
                         shuffle=True, fletcher32=True)
        f.create_dataset("layouts/contiguous", data=x)
        f["scalar"] = np.float32(2.5)
        f["none"] = np.zeros((0, 3), "<f4")
        f["never"] = h5py.Empty("<f4")
        f["texts"] = ["a", "b"]
        f["records"] = np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")])
        f["nine"] = np.zeros((1,) * 9, "<f4")
        f.attrs["title"] = "ä title"
        f.attrs["fixed"] = np.array([b"one", b"three"])
        f.attrs["variable"] = ["x", "", "yy"]
        f.attrs["version"] = np.array([1, 2], "<i4")
        f["layouts"].attrs["half"] = 0.5


def outside(path):
    with h5py.File(path, "w") as f:
        f["inside"] = np.float32(1)
        f["link"] = h5py.ExternalLink("default.h5", "default")
        f["soft"] = h5py.SoftLink("/inside")
        f.create_dataset("external", (4,), "<u1", external=[("/etc/passwd", 0, 4)])
        layout = h5py.VirtualLayout((3, 4), "<f4")
        layout[...] = h5py.VirtualSource("default.h5", "default", (3, 4))
        f.create_virtual_dataset("virtual", layout)


def huge(path):
    with h5py.File(path, "w") as f:
        f.create_dataset("never", (1 << 14, 1 << 15), "<f4")
        f.create_dataset("small", (8, 8), "<f4")  # small enough, but no values
        x = f.create_dataset("one_chunk", (1 << 14, 1 << 15), "<f4", chunks=(4, 4),
                             compression="gzip")
        x[0, 0] = 1
        f.create_dataset("over", (1 << 20, 1 << 20), "<f4", chunks=(4, 4))
        f.create_dataset("chunk", (8, 8), "<f4", chunks=(1 << 15, 1 << 14),
                         maxshape=(None, None))


def loop(path):
    with h5py.File(path, "w") as f:
        group = f.create_group("a")
        group["a"] = group


def kinds(path):
    with h5py.File(path, "w", libver=("earliest", "v110")) as f:
        f["bool"] = np.array([[True, False], [False, True]])
        f.create_dataset("enum", data=np.array([300, -1, 300], "<i2"),
                         dtype=h5py.enum_dtype({"calm": 300, "none": -1}, basetype="<i2"))
        f.create_dataset("yes_no", data=np.array([0, 1, 1], "<i1"),
                         dtype=h5py.enum_dtype({"NO": 0, "YES": 1}, basetype="i1"))
        space = h5py.h5s.create_simple((3,))
        bits = h5py.h5d.create(f.id, b"bits", h5py.h5t.STD_B8LE, space)
        bits.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([0, 1, 255], "u1"), h5py.h5t.NATIVE_B8)
        x = (np.arange(40 * 30) // 7 % 11).astype("<f4").reshape(40, 30)
        f.create_dataset("lzf", data=x, chunks=(16, 30), compression="lzf")
        f.create_dataset("lzf_shuffle", data=x, chunks=(7, 13), compression="lzf", shuffle=True,
                         fletcher32=True)
        noise = np.random.default_rng(1).integers(0, 256, 256).astype("u1")
        f.create_dataset("lzf_noise", data=noise, chunks=(256,), compression="lzf")
        f.attrs["flags"] = np.array([True, False])


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for make in (default, data, many, outside, huge, loop, kinds):
        make(folder / f"{make.__name__}.h5")


main()
