# SPDX-License-Identifier: MIT
"""image-va as a Python user would run it: the same backbone, weights, picture size and layers,
read from the model's contract; a plain linear read-out, cheaper than mien's, stands for the
last step, whose values do not matter to the time."""
import json
import struct

import torch
import torchvision


def contract(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    return json.loads(header["__metadata__"]["mien"])


def load(model, weights, threads):
    """The transforms of one Pillow picture, and the function of a batch to its values."""
    wanted = contract(model)
    torch.set_num_threads(threads)
    network = torchvision.models.mobilenet_v2(weights=None).eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    p = wanted["preprocess"]
    if p["fit"] != "squash" or wanted["backbone"]["name"] != "mobilenet_v2":
        raise SystemExit("readout.py: the shipped model changed: teach this file its contract")
    transforms = torchvision.transforms.Compose([
        torchvision.transforms.Resize((p["crop_height"], p["crop_width"])),
        torchvision.transforms.ToTensor(),
        torchvision.transforms.Normalize(p["mean"], p["deviation"])])
    kept = {}
    modules, layers = dict(network.named_modules()), wanted["layers"].split(",")
    for layer in set(layers) - {"pool", "classifier.1"}:
        modules[layer].register_forward_hook(
            lambda module, inputs, output, layer=layer: kept.update({layer: output.mean((2, 3))}))
    network.features.register_forward_hook(
        lambda module, inputs, output: kept.update(pool=output.mean((2, 3))))
    readout = torch.nn.Linear(wanted["features"], len(wanted["targets"]))

    def run(batch):
        kept["classifier.1"] = network(batch)
        return readout(torch.cat([kept[layer] for layer in layers], 1)).tolist()

    return transforms, run
