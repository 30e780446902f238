# SPDX-License-Identifier: MIT
# Help, exit statuses, wrong usage.

_commands="import doctor synth extract train predict verify evaluate compare report models bench help"

help_names_every_command() {
    _exits 0 --help
    for _c in $_commands; do
        grep -q "^  $_c " out || _fail "$_c is not in the help"
    done
    _is_quiet
}

every_command_explains_itself() {
    for _c in $_commands completion; do
        _exits 0 "$_c" --help
        _says "usage: mien $_c" "--threads" "--json" "Examples:"
        _is_quiet
        cp out help
        _exits 0 help "$_c"
        cmp -s out help || _fail "mien help $_c differs from mien $_c --help"
    done
}

help_fits_the_window() {
    for _c in $_commands; do
        _exits 0 "$_c" --help
        # the prose, not the option lines
        sed -n '1,/^Options:\|^Common options:/p' out | awk 'length > 100 { exit 1 }' ||
            _fail "mien $_c --help has lines of more than 100 characters"
    done
}

the_version_is_printed() {
    _exits 0 --version
    grep -qE '^mien [0-9]+\.[0-9]+\.[0-9]+$' out || _fail "no version"
}

no_command_is_wrong_usage() {
    _exits 2
    _says "usage: mien COMMAND"
}

an_unknown_command_names_the_nearest() {
    _exits 2 predcit
    _complains 'there is no command "predcit"' 'did you mean "predict"' "See: mien --help"
    _exits 2 nothing_like_it
    _complains "there is no command"
    ! grep -q "did you mean" err || _fail "a suggestion out of nothing"
    _exits 2 help predcit
}

an_unknown_option_names_the_nearest() {
    _exits 2 predict m p.jpg --ever 1
    _complains '"--ever"' 'did you mean "--every"?' "See: mien predict --help"
}

a_missing_value_is_told() {
    _exits 2 predict m p.jpg --every
    _complains "--every: its value is missing"
}

values_that_are_not_allowed_are_told_with_what_is() {
    _exits 2 predict m p.jpg --every soon
    _complains '--every: "soon" is not a time'
    _exits 2 predict m p.jpg --threads 0
    _complains "1 to 256"
    _exits 2 predict m p.jpg --format xml
    _complains "csv, tsv, jsonl, srt, vtt, eaf, textgrid"
    _exits 2 doctor t.tsv --folds 1
    _complains "2 to 1000"
    _exits 2 extract --backbone resnet18 --size 3by4 -o x.npy p.jpg
    _complains '"3by4" is neither N nor HxW'
    _exits 2 extract --backbone resnet18 --weights random:x -o x.npy p.jpg
    _complains '"x" is no seed'
}

too_few_and_too_many_arguments_are_told() {
    _exits 2 predict m
    _complains "usage: mien predict MODEL INPUT"
    _exits 2 doctor a b
    _complains "at most 1 argument, got 2"
    _exits 2 train study.yaml extra
    _exits 2 verify
    _exits 2 models
    _exits 2 models fetch resnet18
    _complains "list | pull BACKBONE… | show MODEL"
}

what_a_command_needs_is_told() {
    _exits 2 extract p.jpg -o x.npy
    _complains "--backbone NAME or --features NAME or --signals SENSORS is missing"
    _exits 2 extract --backbone resnet18 p.jpg
    _complains "-o FILE.npy is missing"
    _exits 2 train "$FILES/study.yaml"
    _complains "-o RUN is missing"
    _exits 2 report "$FILES/run"
    _complains "-o FILE.html is missing"
    _exits 2 bench
    _complains "--backbone NAME is missing"
    _exits 2 import oasis somewhere
    _complains "-o TRIALS.tsv"
}

an_unknown_backbone_or_data_set_names_the_nearest() {
    _exits 2 extract --backbone resnet81 p.jpg -o x.npy
    _complains "resnet18"
    _exits 2 models pull mobilenetv2
    _complains "mobilenet_v2"
    _exits 2 models pull mobilenet_v2 efficientnet_lite1
    _complains "efficientnet_lite0"
    _exits 2 models pull mobilenet_v2 efficientnet_lite0 --from here.pth
    _complains "--from and --url are of one backbone"
    _exits 2 import oassis DIR -o t.tsv
    _complains "oasis"
}

two_dashes_end_the_options() {
    cp "$FILES/pictures/1.png" ./-x.png
    _predict 0 -- -x.png
    _says "-x.png"
}

errors_are_json_lines_if_asked_for() {
    _exits 1 predict --json none.safetensors none.jpg
    _lines 1 err
    grep -qE '^\{"error": ".*none.safetensors.*", "status": "[a-z /]+"\}$' err ||
        _fail "not the JSON that was promised"
    _exits 2 predict --bogus --json m p
    grep -q '^{"error": "unknown option' err || _fail "wrong usage is not JSON"
    _lines 1 err
    _exits 2 predcit --json
    grep -q '^{"error": "there is no command' err || _fail "wrong usage is not JSON"
    _lines 1 err
}

problems_of_single_inputs_are_json_lines_too() {
    _predict 1 --json none.jpg "$FILES/pictures/1.png"
    _lines 1 err
    grep -qE '^\{"error": ".*", "input": "none.jpg"\}$' err || _fail "not the JSON"
    _lines 2 out
}

names_that_are_not_utf_8_stay_valid_json() {
    _needs python3
    _predict 1 --json "$(printf 'a\377b.jpg')"
    python3 -I -c 'import json, sys; json.loads(open("err", encoding="utf-8").read())' ||
        _fail "not JSON"
}

remarks_can_be_silenced() {
    _exits 0 train "$FILES/study.yaml" --check
    _complains "study.yaml is fine"
    _exits 0 train "$FILES/study.yaml" --check --quiet
    _is_quiet
    _exits 0 train "$FILES/study.yaml" --check --json
    _is_quiet
}

results_do_not_mix_with_remarks() {
    _predict 0 "$FILES/pictures/1.png"
    _is_quiet
    _lines 2 out
    head -n 1 out | grep -q '^input,start_s,end_s,valence,arousal,valence_low' ||
        _fail "not the header"
}

a_size_is_one_or_two_whole_numbers() {
    for _size in 0 -5 99999999999 32x 32x32x32 32.5 x; do
        _exits 2 extract --backbone mobilenet_v2 --weights random:1 --size "$_size" \
            "$FILES/pictures/1.png" -o x.npy
        _complains "--size: \"$_size\""
    done
    _exits 0 extract --backbone mobilenet_v2 --weights random:1 --size 33x40 \
        "$FILES/pictures/1.png" -o x.npy
}

a_part_that_ends_before_it_starts_is_wrong_usage() {
    _predict 2 "$SOURCE/tests/golden/films/small.mp4" --start 2s --end 1s
    _complains "--end: 1 s is not after --start, 2 s"
    _predict 1 "$SOURCE/tests/golden/films/small.mp4" --start 100s
    _complains "small.mp4: no picture from 100 s on"
}

no_override_of_a_study_is_dropped() {
    set --
    while [ $# -lt 514 ]; do set -- "$@" --set folds.k=3; done
    _exits 2 train "$FILES/study.yaml" --check "$@"
    _complains "--set: given more than 256 times"
}
