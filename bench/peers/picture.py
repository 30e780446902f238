# SPDX-License-Identifier: MIT
"""What a Python user writes for one picture: Pillow, torchvision, PyTorch.

usage: picture.py MODEL WEIGHTS.pth THREADS PICTURE
"""
import sys

import torch
from PIL import Image

from readout import load

transforms, run = load(sys.argv[1], sys.argv[2], int(sys.argv[3]))
with torch.inference_mode():
    valence, arousal = run(transforms(Image.open(sys.argv[4]).convert("RGB"))[None])[0]
print(f"{sys.argv[4]},{valence},{arousal}")
