# SPDX-License-Identifier: MIT
"""Makes tests/golden/torch/nested_module_*.pth: a whole pickled module, both formats.

Run: python python/golden/modules.py (made with torch 2.15.0)
The class stands in a module called "studies", which nobody who reads the files has.
"""
import pathlib
import sys
import types

import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/torch"
studies = types.ModuleType("studies")
sys.modules["studies"] = studies


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor([2.0]))
        self.register_buffer("running", torch.arange(3, dtype=torch.float32))
        self.register_buffer("scratch", torch.zeros(4), persistent=False)
        self.register_parameter("absent", None)
        self.layers = torch.nn.ModuleList([torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)])
        self.head = torch.nn.Linear(2, 2, bias=False)
        self.head.weight = self.layers[0].weight
        self.attn = torch.ones(2, 2)
        self.eps = 1e-6
        self.h = 2
        self.note = "seen"


Net.__module__ = "studies"
Net.__qualname__ = "Net"
studies.Net = Net

net = Net()
with torch.no_grad():
    for i, p in enumerate(net.layers.parameters()):
        p.copy_(torch.arange(p.numel(), dtype=torch.float32).reshape(p.shape) + 5 * i)
torch.save(net, OUT / "nested_module_zip.pth")
legacy = OUT / "nested_module_legacy.pth"
torch.save(net, legacy, _use_new_zipfile_serialization=False)
# the legacy format stores paths of sources: replaced, by ones of the same length
bytes_ = legacy.read_bytes()
for module in ("linear", "container"):
    path = str(pathlib.Path(getattr(torch.nn.modules, module).__file__)).encode()
    bytes_ = bytes_.replace(path, f"{module}.py".encode().rjust(len(path), b"_"))
here = str(pathlib.Path(__file__).resolve()).encode()
bytes_ = bytes_.replace(here, b"modules.py".rjust(len(here), b"_"))
legacy.write_bytes(bytes_)
