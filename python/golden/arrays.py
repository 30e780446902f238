# SPDX-License-Identifier: MIT
"""Makes tests/golden/arrays/: the same rows in every format (numpy 2.4, h5py 3.16, and the
form in which pandas 2 writes a frame).

[3, 2, 2] with value i / 4 in f4.npy, f8.npy, one.npz, packed.npz (data, f8; deflated),
many.h5 (default, group/other); as [3, 4] in pandas.csv (with its index), header.tsv,
plain.csv. vector.npy [3]; single.npy one value; two.npz two arrays of other names;
bomb.npz claims 64 MiB in a few bytes.

Run: python python/golden/arrays.py tests/golden/arrays
"""
import io
import pathlib
import struct
import sys
import zipfile

import h5py
import numpy as np

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
quarters = (np.arange(12) / 4).reshape(3, 2, 2)
f4 = quarters.astype("<f4")


def npz(name, arrays, method=zipfile.ZIP_DEFLATED):
    """As numpy.savez does, but with a fixed date, so that the bytes repeat."""
    with zipfile.ZipFile(folder / name, "w", method) as z:
        for key, array in arrays.items():
            out = io.BytesIO()
            np.save(out, array)
            z.writestr(zipfile.ZipInfo(key + ".npy"), out.getvalue(), method)


np.save(folder / "f4.npy", f4)
np.save(folder / "f8.npy", quarters)
np.save(folder / "vector.npy", np.arange(3, dtype="<i8"))
np.save(folder / "single.npy", np.float32(1))
npz("one.npz", {"whatever": f4}, zipfile.ZIP_STORED)
npz("packed.npz", {"data": f4, "f8": quarters})
npz("two.npz", {"a": f4, "b": f4})
npz("bomb.npz", {"data": np.zeros(4, "<f4")})
raw = bytearray((folder / "bomb.npz").read_bytes())
for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
    struct.pack_into("<I", raw, raw.index(signature) + offset, 1 << 26)
(folder / "bomb.npz").write_bytes(raw)
with h5py.File(folder / "many.h5", "w") as f:
    f["default"] = f4
    f["group/other"] = quarters
rows = [",".join("%g" % v for v in row) for row in quarters.reshape(3, 4)]
(folder / "plain.csv").write_text("\n".join(rows) + "\n")
(folder / "pandas.csv").write_text(
    ",0,1,2,3\n" + "".join("%d,%s\n" % pair for pair in enumerate(rows)))
(folder / "header.tsv").write_text(
    "a\tb\tc\td\n" + "".join(row.replace(",", "\t") + "\n" for row in rows))
