# SPDX-License-Identifier: MIT
"""Writes the node cases of the onnx wheel as the folder that MIEN_ONNX_CASES names: newer ones than
Debian's libonnx-testdata, for tests/models/test_import_cases.c.

usage: onnx_cases.py FOLDER     (onnx 1.23.2, numpy 2)

Cases of sequences, maps and missing values, which mien has not, are left out.
"""
import pathlib
import sys

import numpy as np
import onnx.backend.test.case.node as node
from onnx import numpy_helper


def main():
    folder, written = pathlib.Path(sys.argv[1]) / "node", 0
    for case in node.collect_testcases(None):
        ports = []
        for stem, values, names in zip(("input", "output"), case.data_sets[0],
                                       (case.model.graph.input, case.model.graph.output)):
            ports += [(f"{stem}_{i}.pb", v, n.name) for i, (v, n) in enumerate(zip(values, names))]
        if not all(isinstance(v, (np.ndarray, np.generic)) for _, v, _ in ports):
            continue
        data = folder / case.name / "test_data_set_0"
        data.mkdir(parents=True, exist_ok=True)
        (data.parent / "model.onnx").write_bytes(case.model.SerializeToString())
        for file, value, name in ports:
            tensor = numpy_helper.from_array(np.asarray(value), name)
            (data / file).write_bytes(tensor.SerializeToString())
        written += 1
    print(f"{written} cases")


if __name__ == "__main__":
    main()
