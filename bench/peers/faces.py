# SPDX-License-Identifier: MIT
"""What Python users run on faces, for the part faces of bench/run.py.

usage: faces.py look onnxruntime|opencv COUNT YUNET.onnx     least processor ms of a look at 640 x 384
       faces.py film FROM TO                                 a film of 1280 x 720 out of a small one: its frames
       faces.py long FROM TO MINUTES                         its frames over and over, at 5 a second
       faces.py run haar|yunet FILM YUNET.onnx NET.onnx      processor seconds of a film, every frame"""
import json
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
import cv2  # noqa: E402
import numpy as np  # noqa: E402


def session(model):
    import onnxruntime

    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    o.log_severity_level = 3
    return onnxruntime.InferenceSession(model, o, providers=["CPUExecutionProvider"])


def yunet_session(path, height, width):
    import onnx

    m = onnx.load(path)
    shape = m.graph.input[0].type.tensor_type.shape.dim
    shape[2].dim_value, shape[3].dim_value = height, width
    for output in m.graph.output:
        output.type.tensor_type.ClearField("shape")
    del m.graph.value_info[:]
    return session(m.SerializeToString())


def detector(path, width, height):
    return cv2.FaceDetectorYN.create(path, "", (width, height), 0.7, 0.3, 5000)


def look(peer, count, path):
    picture = np.random.default_rng(1).integers(0, 256, (384, 640, 3), dtype=np.uint8)
    if peer == "opencv":
        found = detector(path, 640, 384)
        run = lambda: found.detect(picture)  # noqa: E731
    else:
        net = yunet_session(path, 384, 640)
        planes = np.ascontiguousarray(picture.transpose(2, 0, 1)[None]).astype(np.float32)
        run = lambda: net.run(None, {"input": planes})  # noqa: E731
    least = 1e9
    for turn in range(-3, count):
        began = time.process_time()
        run()
        least = min(least, time.process_time() - began) if turn >= 0 else least
    print(json.dumps({"ms": least * 1e3}))


def film(small, large):
    """Its frames in the middle of 1280 x 720."""
    source, frames = cv2.VideoCapture(small), []
    while True:
        good, frame = source.read()
        if not good:
            break
        frames.append(cv2.resize(frame, (880, 720), interpolation=cv2.INTER_CUBIC))
    to = cv2.VideoWriter(large, cv2.VideoWriter_fourcc(*"mp4v"), 30, (1280, 720))
    for frame in frames:
        to.write(cv2.copyMakeBorder(frame, 0, 0, 200, 200, cv2.BORDER_CONSTANT))
    to.release()
    print(len(frames))


def long(small, large, minutes):
    source, frames = cv2.VideoCapture(small), []
    while True:
        good, frame = source.read()
        if not good:
            break
        frames.append(frame)
    height, width = frames[0].shape[:2]
    to = cv2.VideoWriter(large, cv2.VideoWriter_fourcc(*"mp4v"), 5, (width, height))
    for i in range(int(minutes) * 300):
        to.write(frames[i % len(frames)])
    to.release()


def run(how, path, yunet, net):
    model = session(net)
    name = model.get_inputs()[0].name
    haar = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    found, source = detector(yunet, 640, 360), cv2.VideoCapture(path)
    began, count, boxes, said = time.process_time(), 0, [], 0
    while True:
        good, frame = source.read()
        if not good:
            break
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        if how == "haar":
            boxes = haar.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=5, minSize=(50, 50))
        elif count % 5 == 0:
            faces = found.detect(cv2.resize(frame, (640, 360)))[1]
            boxes = [] if faces is None else [(f[:4] * 2).astype(int) for f in faces]
        for x, y, w, h in boxes:
            crop = grey[max(0, y):y + h, max(0, x):x + w]
            if crop.size:
                face = cv2.resize(crop, (64, 64)).astype(np.float32) / 127.5 - 1
                model.run(None, {name: face[None, :, :, None]})
                said += 1
        count += 1
    print(json.dumps({"s": time.process_time() - began, "frames": count, "faces": said}))


if __name__ == "__main__":
    cv2.setNumThreads(1)
    what, *words = sys.argv[1:]
    if what == "look":
        look(words[0], int(words[1]), words[2])
    elif what in ("film", "long"):
        globals()[what](*words)
    else:
        run(*words)
