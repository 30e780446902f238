# SPDX-License-Identifier: MIT
# What is said when something was probably meant otherwise, and what must never be said.

a_picture_before_the_model_is_told() {
    _exits 2 predict "$FILES/pictures/1.png" image-va
    _complains "1.png: is a picture or film; the model comes first" "mien predict image-va"
}

a_slip_in_the_name_of_a_model_is_told() {
    _exits 1 predict image_va "$FILES/pictures/1.png"
    _complains 'did you mean "image-va"?'
    _exits 1 predict something-else "$FILES/pictures/1.png"
    ! grep -q "did you mean" err || _fail "nothing is like it"
}

weights_given_as_a_model_are_told() {
    _exits 1 predict "$FILES/good.safetensors" "$FILES/pictures/1.png"
    _complains "good.safetensors" "these are weights, not a model"
    _exits 1 predict "$SOURCE/tests/golden/torch/checkpoint_legacy.pth" "$FILES/pictures/1.png"
    _complains "checkpoint_legacy.pth: these are weights of a network, no model" "--weights" \
        "mien models import"
}

a_table_given_as_a_study_is_told() {
    _exits 2 train "$FILES/trials.tsv" -o run
    _complains "trials.tsv: is a table; train takes a study" "trials: trials.tsv"
}

a_key_that_is_a_map_is_told() {
    printf 'trials: t.tsv\nbackbone: mobilenet_v2\n' >s.yaml
    _exits 1 train s.yaml --check
    _complains "s.yaml:2: backbone: is a map: write {name: mobilenet_v2}"
    printf 'trials: t.tsv\nfolds: 5\n' >s.yaml
    _exits 1 train s.yaml --check
    _complains "s.yaml:2: folds: is a map of keys"
}

a_slip_in_the_name_of_a_target_is_told() {
    _exits 1 train "$FILES/study.yaml" -o run --weights "$FILES/good.safetensors" \
        --set targets=valance
    _complains 'has no target "valance"; did you mean "valence"?; it has: valence'
}

a_layer_of_another_backbone_is_told_with_all_there_are() {
    _exits 1 extract --backbone mobilenet_v2 --weights "$FILES/good.safetensors" --layer layer3 \
        "$FILES/pictures/1.png" -o f.npy
    _complains 'mobilenet_v2 has no layer "layer3"' "features.13" "features.18" "pool" \
        "mien models show mobilenet_v2"
    _exits 1 extract --backbone mobilenet_v2 --weights "$FILES/good.safetensors" --layer feature.13 \
        "$FILES/pictures/1.png" -o f.npy
    _complains "the nearest is features.13"
    _exits 0 models show resnet18
    _says '"layers"' "layer3, layer3.0"
}

semicolons_in_a_tsv_are_told() {
    printf 'trial;valence\na;1\n' >t.tsv
    _exits 1 doctor t.tsv
    cat out err >both
    grep -q "separated by tabs; here are semicolons" both || _fail "not told"
}

the_version_is_told_either_way() {
    for _how in version --version; do
        _exits 0 $_how
        grep -Eqx 'mien [0-9]+\.[0-9]+\.[0-9]+' out || _fail "no version: $(cat out)"
    done
}

a_training_closes_with_its_figures_beside_the_baseline_s() {
    _exits 0 train "$FILES/study.yaml" -o run --weights "$FILES/good.safetensors"
    grep -Eq '^  valence: .*RMSE [0-9.]+ \[[0-9., ]+\], of always the mean [0-9.]+' err ||
        _fail "no main figure"
    ! grep -qi "nan" err || _fail "nan"
}

names_cannot_speak_to_the_terminal() {
    _name=$(printf 'a\033]0;owned\007\033[31m.jpg')
    : >"$_name"
    _predict 1 "$_name"
    ! grep -q "$(printf '\033')" err || _fail "an escape sequence reached the terminal"
    _complains 'a\x1b]0;owned\x07\x1b[31m.jpg'
}
