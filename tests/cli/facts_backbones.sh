# SPDX-License-Identifier: MIT
# Files as backbones of studies: imported networks, frozen, fine-tuned, read out.

_graphs() {
    G=$SOURCE/../shared/golden/faces/onnx
    [ -f "$G/mbconv_silu_17.onnx" ] || _skip "no shared graphs"
}

_of_file() { # FILE YAML…: a study of pictures over the backbone
    sed "s|^trials:.*|trials: $FILES/trials.tsv|" >s.yaml <<END
trials: x
folds: {k: 2}
bootstrap: {repeats: 20}
backbone: {name: $1}
END
    shift
    for _line; do
        echo "$_line" >>s.yaml
    done
}

an_imported_network_is_a_backbone() {
    _graphs
    _exits 0 models import "$G/mbconv_silu_17.onnx" --classes a,b,c,d,e,f,g,h \
        --picture 'mean=0,0,0; deviation=1,1,1' -o net.safetensors
    _of_file net.safetensors "method: network" "batch: 4" "epochs: 2" "train: {what: head}" \
        "model: {golden: 1}"
    _exits 0 train s.yaml --threads 1 -o run
    _exits 0 verify run/model.safetensors
    _exits 0 models show run/model.safetensors
    _says '"kind": "graph"' 'mean=0,0,0' 'of=net; output='
    rm net.safetensors # the model keeps its graph and weights
    _exits 0 predict run/model.safetensors "$FILES/pictures/1.png"
    _lines 2 out
    _exits 0 models export run/model.safetensors -o back.onnx
    _exits 0 models import back.onnx -o again.safetensors
    _exits 0 predict again.safetensors "$FILES/pictures/1.png"
}

a_file_of_onnx_is_fine_tuned_by_layers() {
    _graphs
    cp "$G/mbconv_silu_new20.onnx" net.onnx
    _of_file net.onnx "method: network" "batch: 4" "epochs: 1" "train: {what: [last-block, head]}" \
        "head: {layer: e.7}"
    _exits 0 train s.yaml --threads 1 -o run
    _exits 0 predict run/model.safetensors "$FILES/pictures/1.png"
    sed -i 's/layer: e.7/layer: e.9/' s.yaml
    _exits 1 train s.yaml --threads 1 -o other
    _complains "has no layer \"e.9\"; the nearest is"
    sed -i 's/layer: e.9/layer: pool/; s/net.onnx/none.onnx/' s.yaml
    _exits 1 train s.yaml --threads 1 -o other
    _complains "there is no file" "none.onnx"
    sed -i 's/none.onnx/net.onnx/' s.yaml
    echo "picture: {fit: squash, height: 64, width: 64}" >>s.yaml
    _exits 1 train s.yaml --threads 1 -o other
    _complains "reads pictures of 32 × 32"
}

layers_of_a_file_are_read_out() {
    _graphs
    _exits 0 extract --backbone "$G/vit_17.onnx" "$FILES/pictures/1.png" -o v.npy
    _exits 0 models show "$G/mbconv_silu_new20.onnx"
    _says '"features": 16' 'e.7'
    _exits 0 extract --backbone "$G/mbconv_silu_new20.onnx" --layer e.7,pool \
        "$FILES/pictures/1.png" -o f.npy
    cp "$G/mbconv_silu_17.onnx" net.onnx
    _of_file net.onnx "method: readout"
    _exits 0 train s.yaml --threads 1 -o run
    _exits 0 predict run/model.safetensors "$FILES/pictures/1.png"
    _lines 2 out
    printf 'x' >>net.onnx
    _exits 1 predict run/model.safetensors "$FILES/pictures/1.png"
}

an_imported_network_reads_faces_when_told() {
    _graphs
    _exits 0 models import "$G/mini_xception_13.onnx" --like mini-xception --faces like \
        -o fer.safetensors
    _exits 0 models show fer.safetensors
    _says '"kind": "face"' 'crop=square' 'margin=1.2' 'scale=0.00784313725490196'
    _exits 0 verify fer.safetensors
    _exits 0 predict fer.safetensors "$FILES/pictures/1.png"
    _says "input,start_s,end_s,face,x,y,w,h,score,emotion"
    _exits 0 predict fer.safetensors "$FILES/pictures/1.png" --faces whole
    _exits 2 models import "$G/mini_xception_13.onnx" --classes a,b,c,d,e,f,g \
        --faces like -o x.safetensors
    _complains "--like NETWORK is missing"
}
