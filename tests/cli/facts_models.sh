# SPDX-License-Identifier: MIT
# Weights and models that must be refused, and those that must not.

_extract() { # STATUS WEIGHTS
    _exits "$1" extract --backbone mobilenet_v2 --size 32 --weights "$2" \
        "$FILES/pictures/1.png" -o x.npy
    _no_crash
}

a_pickle_that_calls_is_refused_and_not_called() {
    cp "$SOURCE/tests/fuzz/seeds/pickle/os_system_legacy.pth" .
    _extract 1 os_system_legacy.pth
    _complains "os_system_legacy.pth" system
    [ "$(ls)" = "err
os_system_legacy.pth
out" ] || _fail "something was made: $(ls)"
}

weights_that_lack_tensors_are_refused_by_name() {
    _extract 1 "$FILES/missing.safetensors"
    _complains "missing.safetensors" "features.2.conv.1.0.weight"
}

every_missing_tensor_is_named() {
    _extract 1 "$FILES/missing.safetensors"
    _complains "features.9.conv.0.0.weight" "features.18.1.running_var" "classifier.1.bias"
}

weights_with_nan_are_refused_by_name() {
    _extract 1 "$FILES/nan.safetensors"
    _complains "nan.safetensors"
    grep -qi "nan\|finite" err || _fail "not a word of NaN"
}

weights_of_another_network_are_refused() {
    _exits 1 extract --backbone resnet18 --size 32 --weights "$FILES/good.safetensors" \
        "$FILES/pictures/1.png" -o x.npy
    _complains "good.safetensors"
}

weights_cut_short_are_refused() {
    head -c 100000 "$FILES/good.safetensors" >cut.safetensors
    _extract 1 cut.safetensors
    _complains cut.safetensors
    : >empty.pth
    _extract 1 empty.pth
    _complains empty.pth
    _extract 1 none.pth
    _complains none.pth
}

weights_not_fetched_name_the_command_that_fetches_them() {
    _exits 1 extract --backbone resnet50 "$FILES/pictures/1.png" -o x.npy
    _complains "mien models pull resnet50"
}

pull_refuses_a_file_that_is_not_the_published_one() {
    _exits 1 models pull mobilenet_v2 --from "$FILES/good.safetensors"
    _complains "good.safetensors"
    [ -z "$(find "$MIEN_CACHE" -name '*.pth' 2>/dev/null)" ] || _fail "it was kept"
}

a_model_that_holds_is_verified() {
    _exits 0 verify "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors"
    _says "model.safetensors: good; 1 golden vectors"
    _is_quiet
}

a_model_with_one_byte_changed_is_refused() {
    _size=$(wc -c <"$FILES/run/model.safetensors")
    for _at in 0 9 300 $((_size / 2)) $((_size - 1)); do
        cp "$FILES/run/model.safetensors" m.safetensors
        _flip m.safetensors "$_at"
        _exits 1 verify m.safetensors --weights "$FILES/good.safetensors"
        _complains m.safetensors
        _exits 1 predict m.safetensors --weights "$FILES/good.safetensors" \
            "$FILES/pictures/1.png"
        _complains m.safetensors
        _no_crash
        [ ! -s out ] || _fail "it predicted all the same"
    done
}

a_model_cut_short_is_refused() {
    for _bytes in 0 5 200 5000; do
        head -c "$_bytes" "$FILES/run/model.safetensors" >m.safetensors
        _exits 1 verify m.safetensors --weights "$FILES/good.safetensors"
        _complains m.safetensors
        _no_crash
    done
}

a_file_without_a_contract_is_refused() {
    _exits 1 predict "$FILES/good.safetensors" "$FILES/pictures/1.png"
    _complains "good.safetensors" contract
    echo words >words.safetensors
    _exits 1 predict words.safetensors "$FILES/pictures/1.png"
    _complains words.safetensors
}

a_model_with_other_weights_is_refused() {
    cp "$FILES/good.safetensors" other.safetensors
    _flip other.safetensors $(($(wc -c <other.safetensors) - 3))
    _exits 1 predict "$FILES/run/model.safetensors" --weights other.safetensors \
        "$FILES/pictures/1.png"
    _complains "other.safetensors"
}

verify_goes_on_past_a_bad_model() {
    _exits 1 verify none.safetensors "$FILES/run/model.safetensors" \
        --weights "$FILES/good.safetensors"
    _complains none.safetensors
    _says "good; 1 golden"
}

an_unknown_model_names_the_places_looked_in() {
    _exits 1 predict no-such-model "$FILES/pictures/1.png"
    _complains no-such-model "$MIEN_CACHE/models"
}

a_model_in_the_cache_is_found_by_name() {
    mkdir -p "$MIEN_CACHE/models"
    cp "$FILES/run/model.safetensors" "$MIEN_CACHE/models/mine.safetensors"
    _exits 0 predict mine --weights "$FILES/good.safetensors" "$FILES/pictures/1.png"
    _exits 0 models list
    _says mine "valence, arousal; on mobilenet_v2" "resnet50" "not fetched"
}

a_backbone_can_be_shown() {
    _exits 0 models show keras_mobilenet
    _says '"features": 1024' '"picture_resize": "nearest"' '"channels": "RGB"' \
        'mobilenet_1_0_224_tf_no_top.h5'
    _needs python3
    python3 -I -c 'import json; json.load(open("out"))' || _fail "not JSON"
    _exits 0 models list
    _says keras_inception_v3 keras_xception keras_vgg19
}

weights_of_another_keras_network_say_what_does_not_fit() {
    cp "$SOURCE/tests/golden/keras/whole.h5" other.h5
    _exits 1 extract --backbone keras_mobilenet --weights other.h5 \
        "$FILES/pictures/1.png" -o x.npy
    _complains other.h5 "missing" "not of this network" stem.weight
    _exits 1 models pull keras_mobilenet --from other.h5
    _complains "other.h5 is no weights file of keras_mobilenet"
}

a_contract_can_be_read() {
    _exits 0 models show "$FILES/run/model.safetensors"
    _says '"backbone"' '"preprocess"' '"targets"' '"training"'
    _needs python3
    python3 -I -c 'import json; json.load(open("out"))' || _fail "not JSON"
}

random_weights_give_the_same_features_twice() {
    for _i in 1 2; do
        _exits 0 extract --backbone resnet18 --size 32 --weights random:7 --threads 1 \
            "$FILES/pictures/1.png" -o "$_i.npy"
    done
    cmp -s 1.npy 2.npy || _fail "they differ"
    _exits 0 extract --backbone resnet18 --size 32 --weights random:8 \
        "$FILES/pictures/1.png" -o 3.npy
    ! cmp -s 1.npy 3.npy || _fail "the seed has no say"
}

a_backbone_is_timed() {
    _exits 0 bench --backbone mobilenet_v2 --size 64 --batch 2 --repeat 2 --threads 1
    _lines 1 out
    for _key in backbone batch threads min_ms median_ms gflops peak_share rss_mb; do
        _says "\"$_key\": "
    done
}

# Python puts the current folder before all others when it is asked for a module.
pull_runs_nothing_of_the_current_folder() {
    _needs python3
    mkdir here
    cd here || exit 1
    for _module in pip json os ssl sitecustomize; do
        printf 'open("%s/executed", "a").write("%s\\n")\nraise SystemExit(1)\n' "$T" \
            "$_module" >"$_module.py"
    done
    # the network is out of reach: what is asked for is who is run
    PIP_NO_INDEX=1 https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 \
        no_proxy='' _mien models pull mobilenet_v2
    [ "$rc" -eq 1 ] || _fail "exit status $rc, want 1"
    [ ! -e "$T/executed" ] || _fail "run: $(cat "$T/executed")"
}
