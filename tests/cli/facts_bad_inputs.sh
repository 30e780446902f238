# SPDX-License-Identifier: MIT
# Studies and models with several inputs: what is wrong with one of them is told with file, key
# or trial, and with what is allowed.

_table() { # NAME MOOD SKIN: 24 rows; in a cell # stands for the row, and @ for n/a in all but group 0
    {
        printf 'trial\tgroup\tvalence\tfeatures.mood\tfeatures.skin\n'
        awk -v mood="$2" -v skin="$3" 'BEGIN {
            for (i = 0; i < 24; i++) {
                m = mood; s = i % 6 && skin ~ /@/ ? "n/a" : skin
                sub(/@/, "", s); sub(/#/, "#" i, m); sub(/#/, "#" i, s)
                printf "t%d\tg%d\t%.3f\t%s\t%s\n", i, i % 6, sin(i) / 2, m, s
            }
        }'
    } >"$1.tsv"
    echo '{"version": 1, "name": "own", "targets": {"valence": {"range": [-1, 1],
        "unit": "rating", "construct": "evoked", "perspective": "normative"}}}' >"$1.json"
}

_columns() { # FILE N: 24 rows of N numbers
    awk -v n="$2" 'BEGIN {
        for (i = 0; i < 24; i++) for (k = 0; k < n; k++)
            printf "%.4f%s", sin(n * i + k), k < n - 1 ? "," : "\n"
    }' >"$1"
}

_study() { # a good study of two inputs
    _columns mood.csv 3
    _columns skin.csv 2
    _columns wide.csv 4
    _table good mood.csv# skin.csv#
    cat >s.yaml <<'END'
method: network
trials: good.tsv
targets: [valence]
inputs: {mood: {kind: features}, skin: {kind: features}}
branches: {mood: [{project: {width: 4}}], skin: [{project: {width: 4}}]}
fusion: {name: concat}
head: {layers: [4]}
epochs: 2
batch: 4
bootstrap: {repeats: 100}
folds: {k: 6, by: group}
END
    _exits 0 train s.yaml --check
}

_refused() { # SED-SCRIPT WORD…: the study, changed, is refused before a folder is made
    sed "$1" s.yaml >changed.yaml
    shift
    _exits 1 train changed.yaml --check
    _complains "$@"
    _exits 1 train changed.yaml -o refused
    _complains "$@"
    [ ! -e refused ] || _fail "a folder was made"
}

an_input_without_a_column_is_told() {
    _study
    cut -f1-4 good.tsv >bare.tsv
    cp good.json bare.json
    _refused 's/good.tsv/bare.tsv/' "bare.tsv: there is no column \"features.skin\""
    _refused '/^inputs/s/skin/skni/;/^branches/s/skin/skni/' \
        "good.tsv: there is no column \"features.skni\"" "input skni" \
        'did you mean "features.skin"'
    _refused '/^inputs/s/skin: {kind: features}/skin: {kind: features, column: skin}/' \
        'there is no column "skin"' 'did you mean "features.skin"'
}

a_column_that_its_kind_cannot_read_is_told() {
    _study
    _table pictures mood.csv# face.png
    : >face.png
    _refused 's/good.tsv/pictures.tsv/' "pictures.tsv:2:" 'trial "t0"' "face.png" \
        "numbers are read from .npy"
    _refused '/^inputs/s/skin: {kind: features}/skin: {kind: fetures}/' "changed.yaml:4: skin" \
        "nearest is features"
    _refused '/^inputs/s/skin: {kind: features}/skin: {kind: picture}/' "input skin" \
        "put a stage before it that gives rows"
}

rows_of_different_shapes_are_told() {
    _study
    sed 's/mood.csv#17/wide.csv#17/' good.tsv >shapes.tsv
    cp good.json shapes.json
    _refused 's/good.tsv/shapes.tsv/' "shapes.tsv:19:" 'trial "t17"' "wide.csv" \
        "4 values where input mood has 3"
}

an_input_that_no_row_of_a_fold_has_is_told() {
    _study
    _table rare mood.csv# @skin.csv#
    _refused 's/good.tsv/rare.tsv/' "fold" "rare.tsv: features.skin: it is missing in all 20 training rows"
    _table never mood.csv# n/a
    _refused 's/good.tsv/never.tsv/' "never.tsv: no trial has features.skin"
}

inputs_of_one_name_are_told() {
    _study
    _refused '/^inputs/s/skin/mood/' 'changed.yaml:4: key "mood" appears twice'
    _refused '/^branches/d;/^fusion/d;s/^inputs.*/inputs: [mood, mood]/' \
        'changed.yaml:4: inputs: "mood" stands there twice'
    _refused '/^inputs/s/skin/row/;/^branches/s/skin/row/' "no name of an input" "not mask, golden, input or row"
    _refused '/^inputs/s/skin/head/;/^branches/s/skin/head/' "give the input another name"
    _refused '/^branches/s/skin/skni/' "changed.yaml:5: skni: no input is called so"
}

inputs_that_a_fusion_cannot_join_are_told() {
    _study
    for fusion in mean attention mixed; do
        _refused "s/concat/$fusion/;/^branches/s/4}}\]}/5}}]}/" \
            "fusion $fusion joins inputs of one width: mood has 4 values and skin 5" \
            "{project: {width: N}}"
    done
    _refused 's/concat/single/' "single joins nothing: 2 inputs need another fusion"
    _refused 's/concat/sum/' 'no fusion is called "sum"'
    _refused '/^branches/d;s/^inputs.*/inputs: [mood, skin]/' \
        "fusion.name: only where inputs is a map"
}

_trained() {
    _study
    _exits 0 train s.yaml -o run
}

an_input_that_the_model_needs_is_told() {
    _trained
    cut -f1-4 good.tsv >bare.tsv
    _exits 1 predict run/model.safetensors bare.tsv
    _complains 'bare.tsv: the model needs skin (column "features.skin")' "--input NAME=COLUMN"
    cut -f1-2 good.tsv >barer.tsv
    _exits 1 predict run/model.safetensors barer.tsv
    _complains 'mood (column "features.mood"), skin (column "features.skin")'
    _exits 1 predict run/model.safetensors --features mood=mood.csv
    _complains "features of skin are missing" "give NAME=FILE of each"
    _exits 2 predict run/model.safetensors mood.csv.png
    _complains "mood=FILE skin=FILE"
    _exits 1 predict run/model.safetensors good.tsv --input moood=features.mood
    _complains 'no input called "moood"; the nearest is mood'
    _exits 1 predict run/model.safetensors good.tsv --input mood=features.none
    _complains 'good.tsv: there is no column "features.none" for input mood'
}

a_row_of_another_shape_is_told_with_its_trial() {
    _trained
    sed 's/mood.csv#17/wide.csv#17/' good.tsv >shapes.tsv
    _exits 1 predict run/model.safetensors shapes.tsv -o out.csv
    _complains "trial t17: " "wide.csv: 4 values where input mood has 3"
    _lines 24 out.csv
}

# Of a model's contract see models/file and models/contract_v4: the seal over it is looked at first.
versions_newer_than_this_program_are_told() {
    _trained
    sed 's/"version": 1/"version": 9/' good.json >newer.json
    cp good.tsv newer.tsv
    _refused 's/good.tsv/newer.tsv/' "newer.json: version 9; this mien reads up to"
    sed -i 's/"version": *[0-9]*/"version": 99/' run/run.json
    _exits 1 resume run
    _complains "run.json: version 99; this mien takes up runs of version"
}
