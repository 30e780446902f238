# SPDX-License-Identifier: MIT
"""One network in one peer, timed on request: the other side of bench/run.py's inference part.

usage: networks.py PEER NETWORK BATCH THREADS FOLDER
       networks.py export NETWORK BATCH 1 FOLDER       only writes FOLDER/NETWORK-bBATCH.onnx

FOLDER holds NETWORK.pth, its weights. Loads, warms up, prints "ready"; then for each line "N" runs N times and prints the times in
milliseconds as a JSON list; ends with standard input. Input and output are NumPy arrays or
tensors of PyTorch's plain layout, made before the clock starts, the same for every peer.
"""
import os
import sys
import time

from serve import serve

# bench/imported.py asks for processor time, which a busy machine lengthens least
CLOCK = time.process_time if os.environ.get("PEER_CLOCK") == "processor" else time.perf_counter


def network(name, folder):
    import torch
    import torchvision

    model = getattr(torchvision.models, name)(weights=None)
    model.load_state_dict(torch.load(os.path.join(folder, f"{name}.pth"), weights_only=True))
    return model.eval()


def pictures(batch):
    import torch

    return torch.rand(batch, 3, 224, 224, generator=torch.Generator().manual_seed(1)) * 4 - 2


def set_threads(threads):
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    return torch


def pytorch_eager(name, batch, threads, folder):
    torch = set_threads(threads)
    model, image = network(name, folder), pictures(batch)

    def run():
        with torch.inference_mode():
            return model(image)
    return run


def pytorch_channels_last(name, batch, threads, folder):
    torch = set_threads(threads)
    model = network(name, folder).to(memory_format=torch.channels_last)
    image = pictures(batch).contiguous(memory_format=torch.channels_last)

    def run():
        with torch.inference_mode():
            return model(image)
    return run


def pytorch_compile(name, batch, threads, folder):
    torch = set_threads(threads)
    # frozen parameters let it fold batch-norm and pack weights, as the others do
    import torch._inductor.config
    torch._inductor.config.freezing = True
    model = torch.compile(network(name, folder))
    image = pictures(batch)

    def run():
        with torch.no_grad():
            return model(image)
    return run


def onnx_file(name, batch, folder):
    import torch

    path = os.path.join(folder, f"{name}-b{batch}.onnx")
    if not os.path.exists(path):
        new = f"{path}.{os.getpid()}"
        torch.onnx.export(network(name, folder), pictures(batch), new, dynamo=False,
                          input_names=["image"], output_names=["logits"])
        os.replace(new, path)
    return path


def onnxruntime(name, batch, threads, folder):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(onnx_file(name, batch, folder), options,
                                   providers=["CPUExecutionProvider"])
    image = pictures(batch).numpy()
    return lambda: session.run(None, {"image": image})


def openvino(name, batch, threads, folder):
    import openvino as ov

    model = ov.Core().compile_model(onnx_file(name, batch, folder), "CPU", {
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32"})
    request, image = model.create_infer_request(), pictures(batch).numpy()
    return lambda: request.infer({0: image}, share_inputs=True)


PEERS = {f.__name__: f for f in (pytorch_eager, pytorch_channels_last, pytorch_compile,
                                 onnxruntime, openvino)}


def main(peer, name, batch, threads, folder):
    os.environ["OMP_NUM_THREADS"] = threads
    if peer == "export":
        onnx_file(name, int(batch), folder)
        return
    run = PEERS[peer](name, int(batch), int(threads), folder)
    serve(run, 3, CLOCK)


if __name__ == "__main__":
    main(*sys.argv[1:])
