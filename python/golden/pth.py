# SPDX-License-Identifier: MIT
"""Makes tests/golden/torch/: small weight files of torch.save(), both formats, and malicious ones.

Run: python python/golden/pth.py (made with torch 2.15.0, safetensors 0.8.0, numpy 2.4.6)
"""
import collections
import datetime
import os
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/torch"
OUT.mkdir(parents=True, exist_ok=True)


def weights():
    base = torch.arange(10, dtype=torch.float32)
    d = collections.OrderedDict()
    d["layer.weight"] = torch.nn.Parameter(torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4)
    d["layer.transposed"] = torch.arange(6, dtype=torch.float32).reshape(2, 3).t()
    d["half"] = torch.tensor([0.5, -2.0], dtype=torch.float16)
    d["bfloat"] = torch.tensor([0.5, -2.0], dtype=torch.bfloat16)
    d["double"] = torch.tensor([1e-300], dtype=torch.float64)
    d["count"] = torch.tensor(1431430)
    d["flags"] = torch.tensor([True, False, True])
    d["bytes"] = torch.tensor([0, 255], dtype=torch.uint8)
    d["shared.head"] = base[2:4]
    d["shared.third"] = base[::3]
    d["expanded"] = torch.tensor([7.0]).expand(2, 3)
    d["empty"] = torch.zeros(0, 3)
    return d


def save(value, name, legacy=False):
    torch.save(value, OUT / name, _use_new_zipfile_serialization=not legacy)


d = weights()
checkpoint = {"epoch": 3, "best": 0.5, "name": "x", "state_dict": d, "optimizer": {"lr": [0.1]}}
nested = {"encoder": {"w": torch.ones(1)}, "heads": [torch.zeros(1), {"b": torch.ones(2)}], 0: torch.ones(1)}
save(d, "plain_zip.pth")
save(checkpoint, "checkpoint_legacy.pth", legacy=True)
save(nested, "nested_zip.pth")
save(torch.nn.Linear(1, 1), "module_zip.pth")
save(torch.nn.Linear(1, 1), "module_legacy.pth", legacy=True)
# the legacy format stores the path of the class's source: replaced, by one of the same length
path = str(pathlib.Path(torch.nn.modules.linear.__file__)).encode()
legacy = OUT / "module_legacy.pth"
legacy.write_bytes(legacy.read_bytes().replace(path, b"linear.py".rjust(len(path), b"_")))
save_file({k: v.detach().contiguous().clone() for k, v in d.items()}, OUT / "plain.safetensors",
          metadata={"format": "pt", "note": "ä \"quoted\""})


# plain values beside the weights, in every protocol (numpy 2.4)
beside = {
    "state_dict": {"fc.weight": torch.arange(6.0).reshape(2, 3), "u": torch.tensor([1, 65535], dtype=torch.uint16)},
    "best": np.float64(0.7), "epochs": np.int32(3), "curve": np.arange(3.0), "names": np.array(["a", "b"]),
    "history": collections.defaultdict(list, {"loss": [1.0]}), "counts": collections.Counter("aab"),
    "path": pathlib.PurePosixPath("a/b"), "raw": b"\0\xff", "buffer": bytearray(b"x"), "set": {1, 2},
    "fixed": frozenset([3]), "when": datetime.datetime(2020, 1, 2), "z": 1j, "last": collections.deque([1, 2], 3),
    "part": slice(1, 2), "type": np.dtype("f8"), "range": range(3), "dtype": torch.float16}
for protocol in (2, 4, 5):
    torch.save(beside, OUT / f"beside_{protocol}_zip.pth", pickle_protocol=protocol)
for protocol in (2, 3, 4, 5):
    torch.save(beside, OUT / f"beside_{protocol}_legacy.pth", pickle_protocol=protocol,
               _use_new_zipfile_serialization=False)
shared = torch.tensor([1, 2, 3, 4], dtype=torch.uint16)
save({"a": shared[1:], "b": shared[::2]}, "uint16_shared_zip.pth")
save({"w": torch.tensor([1 + 2j])}, "complex_zip.pth")
save({"w": torch.tensor([1 + 2j]).conj().imag}, "negative_zip.pth")
save({"w": torch.tensor([1 + 2j]).conj().imag}, "negative_legacy.pth", legacy=True)
save({"w": torch.tensor([1], dtype=torch.uint32)}, "uint32_zip.pth")
save({"w": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, "quantised_zip.pth")


class Evil:
    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


save({"w": torch.ones(1), "x": Evil(os.system, "touch /tmp/mien-owned")}, "os_system_zip.pth")
save({"w": torch.ones(1), "x": Evil(os.system, "touch /tmp/mien-owned")}, "os_system_legacy.pth", legacy=True)
save({"x": Evil(eval, "1")}, "eval_zip.pth")

(OUT / "plain.safetensors").chmod(0o644)

# what each tensor of weights() must read as
with open(OUT / "plain.txt", "w") as f:
    for name, t in d.items():
        shape = ",".join(map(str, t.shape))
        values = " ".join(repr(float(v)) for v in t.detach().flatten())
        f.write(f"{name}|{str(t.dtype)[6:]}|{shape}|{values}\n")
