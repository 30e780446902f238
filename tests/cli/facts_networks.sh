# SPDX-License-Identifier: MIT
# Models that hold a whole network: a value, a target with classes, and ordered classes.

_network() { # STATUS INPUT…
    _want=$1
    shift
    _exits "$_want" predict "$FILES/network.safetensors" --threads 2 "$@"
}

a_network_is_verified_without_a_cache() {
    MIEN_CACHE=$T/none
    _exits 0 verify "$FILES/network.safetensors"
    _says "network.safetensors: good; 1 golden vectors"
    _is_quiet
    _exits 0 verify "$FILES/network.safetensors" --exact
}

rows_have_the_label_and_a_probability_a_class() {
    _network 0 "$FILES/pictures/1.png" "$FILES/pictures/2.png"
    _says 'input,start_s,end_s,valence,emotion,arousal,valence_low,valence_high,valence_norm,emotion_p_happy,"emotion_p_sad, or so",emotion_p_neutral,arousal_p_low,arousal_p_middle,arousal_p_high'
    _lines 3 out
    _network 0 "$FILES/pictures/1.png" -f tsv
    awk -F'\t' 'NR == 2 {
        best = $10 > $11 ? ($10 > $12 ? "happy" : "neutral") : ($11 > $12 ? "sad, or so" : "neutral")
        sum = $10 + $11 + $12; other = $13 + $14 + $15
        if ($5 != best || sum < 0.999 || sum > 1.001 || other < 0.999 || other > 1.001) exit 1
    }' out || _fail "the label or the probabilities are wrong"
}

json_lines_quote_the_label_alone() {
    _network 0 "$FILES/pictures/1.png" -f jsonl
    grep -qE '"emotion": ?"(happy|sad, or so|neutral)"' out || _fail "no label"
    grep -qE '"emotion_p_sad, or so": ?[0-9.]+[,}]' out || _fail "no probability"
}

timelines_say_the_label() {
    for _format in srt vtt eaf textgrid; do
        _network 0 "$SOURCE/tests/golden/films/small.mp4" -f "$_format"
        grep -qE "happy|sad, or so|neutral" out || _fail "$_format has no label"
        grep -qi "nan" out && _fail "$_format has no number somewhere"
    done
    _network 0 "$SOURCE/tests/golden/films/small.mp4" -f srt
    grep -qE "^valence [0-9.]+, emotion (happy|sad, or so|neutral), arousal (low|middle|high)$" out ||
        _fail "not a line for all targets"
}

smoothing_keeps_probabilities_whole() {
    _network 0 "$SOURCE/tests/golden/films/small.mp4" --smooth 1s -f tsv
    awk -F'\t' 'NR > 1 && ($10 + $11 + $12 < 0.999 || $10 + $11 + $12 > 1.001) { exit 1 }' out ||
        _fail "probabilities do not add up"
}

a_report_stacks_the_probabilities() {
    _network 0 "$SOURCE/tests/golden/films/small.mp4" "$FILES/pictures/1.png" \
        "$FILES/pictures/2.png" -o rows.csv --report page.html
    for _text in 'class="band stack"' 'emotion most often' 'Predicted valence, emotion and arousal' \
        'a network trained on rated pictures' 'class="line"' '<br>emotion <strong>'; do
        grep -qF "$_text" page.html || _fail "$_text is not on the page"
    done
    grep -qi ">[^<]*nan[ ,<]" page.html && _fail "no number somewhere"
    return 0
}

a_network_is_shown_and_listed() {
    _exits 0 models show "$FILES/network.safetensors"
    _says '"architecture": "network"' '"layer": "features.1"' '"link": "softmax"'
    mkdir -p "$MIEN_CACHE/models"
    cp "$FILES/network.safetensors" "$MIEN_CACHE/models/tiny-net.safetensors"
    _exits 0 models list
    _says "valence, emotion (3 classes), arousal (3 classes); a network from mobilenet_v2"
    _exits 0 predict tiny-net "$FILES/pictures/1.png"
}

other_weights_for_a_network_are_refused() {
    _network 1 --weights "$FILES/good.safetensors" "$FILES/pictures/1.png"
    _complains "network.safetensors" "whole network"
}

a_network_with_one_byte_changed_is_refused() {
    _size=$(wc -c <"$FILES/network.safetensors")
    for _at in 0 9 300 $((_size / 2)) $((_size - 1)); do
        cp "$FILES/network.safetensors" m.safetensors
        _flip m.safetensors "$_at"
        _exits 1 predict m.safetensors "$FILES/pictures/1.png"
        _complains m.safetensors
        _no_crash
        [ ! -s out ] || _fail "it predicted all the same"
    done
}

exact_is_taken_by_every_command_that_computes() {
    _network 0 --exact "$FILES/pictures/1.png"
    _predict 0 --exact "$FILES/pictures/1.png"
    _exits 0 extract --exact --backbone mobilenet_v2 --size 32 --weights \
        "$FILES/good.safetensors" "$FILES/pictures/1.png" -o x.npy
    _exits 0 train "$FILES/study.yaml" --exact --check
}
