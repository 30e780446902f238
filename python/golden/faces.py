# SPDX-License-Identifier: MIT
"""Golden values of faces: YuNet's maps, faces in pictures and in a film, alignments and crops.

usage: faces.py YUNET.onnx PICTURES/ CARPHONE.mp4 OUT/

Writes OUT/yunet_net.npz (committed as tests/golden/faces/yunet_net.npz), detections.csv, alignment.csv,
alignment_crops.npz and film_carphone.csv. The tests that need real pictures read the last four from the
shared folder and are skipped where it is missing; the rows of alignment.csv that tests/signal/test_faces.c
holds are copied from it. Made with onnxruntime 1.32, numpy 2, Pillow 12, opencv-python-headless 5.0."""
import csv
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from PIL import Image

STRIDES = (8, 16, 32)
NAMES = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]
ARCFACE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
                    [70.7299, 92.2041]])
POINTS = [f"{point}_{axis}" for point in ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")
          for axis in "xy"]


def open_network(path):
    """The declared size of the input binds nothing: height and width become free."""
    model = onnx.load(path)
    for axis, name in (2, "h"), (3, "w"):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = "places_" + output.name
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def maps_of(network, bgr):
    planes = np.ascontiguousarray(bgr.transpose(2, 0, 1)[None].astype(np.float32))
    return dict(zip(NAMES, network.run(NAMES, {"input": planes})))


def overlap(box, boxes):
    left, top = np.maximum(box[0], boxes[:, 0]), np.maximum(box[1], boxes[:, 1])
    right = np.minimum(box[0] + box[2], boxes[:, 0] + boxes[:, 2])
    bottom = np.minimum(box[1] + box[3], boxes[:, 1] + boxes[:, 3])
    both = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    return both / (box[2] * box[3] + boxes[:, 2] * boxes[:, 3] - both)


def find(network, bgr, least=0.6, most=0.3):
    """Rows x, y, w, h, ten coordinates of points, score, stride, by falling score."""
    height, width = (-(-side // 32) * 32 for side in bgr.shape[:2])
    canvas = np.zeros((height, width, 3), bgr.dtype)
    canvas[:bgr.shape[0], :bgr.shape[1]] = bgr
    maps, found = maps_of(network, canvas), []
    for s in STRIDES:
        row, column = (a.ravel().astype(float) for a in np.mgrid[0:height // s, 0:width // s])
        cls, obj = (np.clip(maps[f"{k}_{s}"][0, :, 0].astype(float), 0, 1) for k in ("cls", "obj"))
        box, kps = (maps[f"{k}_{s}"][0].astype(float) for k in ("bbox", "kps"))
        w, h = np.exp(box[:, 2]) * s, np.exp(box[:, 3]) * s
        x, y = (column + box[:, 0]) * s - w / 2, (row + box[:, 1]) * s - h / 2
        points = np.stack([(kps[:, i] + (row if i % 2 else column)) * s for i in range(10)], 1)
        score = np.sqrt(cls * obj)
        rows = np.concatenate([np.stack([x, y, w, h], 1), points, score[:, None],
                               np.full((len(score), 1), s)], 1)
        found.append(rows[score >= least])
    rows = np.concatenate(found)
    rows, kept = rows[np.argsort(-rows[:, 14], kind="stable")], []
    while len(rows):
        kept.append(rows[0])
        rows = rows[1:][overlap(rows[0], rows[1:]) <= most]
    return np.array(kept).reshape(-1, 16)


def similarity(points, target):
    """Umeyama 1991, with the reflection left out."""
    p, q = points - points.mean(0), target - target.mean(0)
    u, d, v = np.linalg.svd(q.T @ p / len(p))
    sign = np.array([1, np.sign(np.linalg.det(u) * np.linalg.det(v))])
    turn = (d * sign).sum() / ((p ** 2).sum() / len(p)) * (u * sign) @ v
    return np.hstack([turn, (target.mean(0) - turn @ points.mean(0))[:, None]])


def warp(image, matrix, size):
    """Bilinear, pixel centres at whole numbers, zeros around."""
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    y, x = np.mgrid[0:size, 0:size].astype(float)
    u, v = (back[k, 0] * x + back[k, 1] * y + back[k, 2] for k in (0, 1))
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)

    def at(row, column):
        inside = (row >= 0) & (row < image.shape[0]) & (column >= 0) & (column < image.shape[1])
        out = np.zeros((size, size, 3))
        out[inside] = image[row[inside], column[inside]]
        return out

    a, b = (u - left)[..., None], (v - top)[..., None]
    return (at(top, left) * (1 - a) * (1 - b) + at(top, left + 1) * a * (1 - b)
            + at(top + 1, left) * (1 - a) * b + at(top + 1, left + 1) * a * b)


def read(path, size=None):
    image = Image.open(path).convert("RGB")
    image = image.resize(size, Image.BILINEAR) if size else image
    return np.asarray(image)[:, :, ::-1]


def write_pictures(network, folder, out):
    table = csv.writer(open(out / "detections.csv", "w", newline=""))
    table.writerow(["picture", "canvas_long_side", "face", "x", "y", "w", "h", "score", "stride"] + POINTS)
    aligned = csv.writer(open(out / "alignment.csv", "w", newline=""))
    aligned.writerow("picture,face,template,size,a,b,tx,ty,rms_px".split(","))
    crops = {}
    for path in sorted(folder.iterdir()):
        width, height = Image.open(path).size
        for side in 0, 320, 640:
            if side >= max(width, height):
                continue
            factor = side / max(width, height) if side else 1
            w, h = (max(1, int(edge * factor + 0.5)) for edge in (width, height))
            faces = find(network, read(path, (w, h) if side else None))
            faces[:, [0, 2, 4, 6, 8, 10, 12]] *= width / w
            faces[:, [1, 3, 5, 7, 9, 11, 13]] *= height / h
            for i, face in enumerate(faces):
                table.writerow([f"pictures/{path.name}", side, i] + ["%.4f" % v for v in face[:4]]
                               + ["%.6f" % face[14], int(face[15])] + ["%.4f" % v for v in face[4:14]])
                for size in (112, 224) if side == 0 else ():
                    points, target = face[4:14].reshape(5, 2), ARCFACE * size / 112
                    m = similarity(points, target)
                    rest = points @ m[:, :2].T + m[:, 2] - target
                    aligned.writerow([f"pictures/{path.name}", i, "arcface", size]
                                     + ["%.9f" % v for v in (m[0, 0], m[1, 0], m[0, 2], m[1, 2])]
                                     + ["%.4f" % np.sqrt((rest ** 2).sum(1).mean())])
                    if size == 112 and i == 0:
                        crops[path.stem] = warp(read(path)[:, :, ::-1].astype(float), m, 112).astype(np.float32)
    np.savez_compressed(out / "alignment_crops.npz", **crops)


def write_film(network, path, out):
    import cv2
    film, frame = cv2.VideoCapture(str(path)), 0
    table = csv.writer(open(out / "film_carphone.csv", "w", newline=""))
    table.writerow(["frame", "time_s", "face", "x", "y", "w", "h", "score"] + POINTS)
    while True:
        good, bgr = film.read()
        if not good:
            break
        time_s = film.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        for i, face in enumerate(find(network, bgr)):
            table.writerow([frame, "%.6f" % time_s, i] + ["%.3f" % v for v in face[:4]]
                           + ["%.4f" % face[14]] + ["%.3f" % v for v in face[4:14]])
        frame += 1


def main():
    weights, pictures, film, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    network = open_network(weights)
    small = np.ascontiguousarray(read(pictures / "grace_hopper.bmp", (96, 112))[:64])
    np.savez_compressed(out / "yunet_net.npz", input=small.transpose(2, 0, 1)[None].astype(np.float32),
                        **maps_of(network, small))
    write_pictures(network, pictures, out)
    write_film(network, film, out)


if __name__ == "__main__":
    main()
