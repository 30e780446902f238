# SPDX-License-Identifier: MIT
"""Features by torchvision, and the weights they come from.

usage: features.py weights NETWORK SEED OUT.pth
       features.py ready NETWORK WEIGHTS.pth OUT.npy PICTURE...   pictures are 224 x 224 already
       features.py whole NETWORK WEIGHTS.pth OUT.npy PICTURE...   with the network's transforms

One row a picture: the average of the last feature map, then the network's output.
"""
import sys

import numpy as np
import torch
import torchvision
from PIL import Image

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def random_weights(name, seed, path):
    """Random parameters, and batch-norm statistics as training would have left them: those of
    the values that pass, so that nothing fades out or blows up on the way."""
    torch.manual_seed(int(seed))
    model = getattr(torchvision.models, name)(weights=None).train()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # a plain average
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    with torch.no_grad():
        for _ in range(2):
            model(torch.randn(4, 3, 224, 224))
    torch.save(model.state_dict(), path)


def last_map(model, image):
    for name, module in model.named_children():
        if name in {"avgpool", "classifier", "fc"}:
            break
        image = module(image)
    return image


def features(kind, name, weights, out, *paths):
    model = getattr(torchvision.models, name)(weights=None).eval()
    model.load_state_dict(torch.load(weights, weights_only=True))
    rows = []
    whole = torchvision.models.get_model_weights(name).IMAGENET1K_V1.transforms()
    ready = torchvision.transforms.Compose([
        torchvision.transforms.ToTensor(), torchvision.transforms.Normalize(MEAN, DEVIATION)])
    for path in paths:
        image = Image.open(path).convert("RGB")
        batch = (whole if kind == "whole" else ready)(image)[None]
        with torch.inference_mode():
            row = [last_map(model, batch).mean((2, 3)), model(batch)]
        rows.append(torch.cat(row, 1)[0].numpy())
    np.save(out, np.stack(rows))


if __name__ == "__main__":
    if sys.argv[1] == "weights":
        random_weights(*sys.argv[2:])
    else:
        features(*sys.argv[1:])
