# SPDX-License-Identifier: MIT
"""What a Python user writes for one picture: Pillow, torchvision, PyTorch.

usage: picture.py WEIGHTS.pth THREADS PICTURE
"""
import sys

import torch
import torchvision
from PIL import Image

torch.set_num_threads(int(sys.argv[2]))
model = torchvision.models.mobilenet_v2(weights=None).eval()
model.load_state_dict(torch.load(sys.argv[1], weights_only=True))
transforms = torchvision.models.MobileNet_V2_Weights.IMAGENET1K_V1.transforms()
readout = torch.nn.Linear(1280, 2)  # the time does not depend on its values
with torch.inference_mode():
    image = transforms(Image.open(sys.argv[3]).convert("RGB"))[None]
    valence, arousal = readout(model.features(image).mean((2, 3)))[0].tolist()
print(f"{sys.argv[3]},{valence},{arousal}")
