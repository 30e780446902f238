# SPDX-License-Identifier: MIT
# Recipes of docs/recipes: look-alikes, one model a person, second steps, copies.

_check() { # STUDY TABLE [OPTION…]: the study file of this repository fits the table
    _study=$1 _table=$2
    shift 2
    _exits 0 train "$SOURCE/studies/$_study.yaml" --check --set trials="$PWD/$_table" "$@"
    _complains "is fine"
}

every_study_of_s1_fits_its_look_alike() {
    _exits 0 synth bboe --set persons=24 --set videos=110 --set rated=104 --set missing=0 -o bboe
    grep -q "one model a person" out || _fail "what can be reached is not told"
    for _s in published last-layer three repaired wish; do
        _check "s1-$_s" bboe/trials.tsv --weights random
    done
    _check s1-readout bboe/trials.tsv
    _check s1-person bboe/trials.tsv
}

every_study_of_s2_fits_its_look_alike() {
    _exits 0 synth gaped --set share=0.1 --set width=64 -o gaped
    _check s2-published gaped/trials.tsv --weights random
    _check s2-backbones gaped/trials.tsv --weights random
    _check s2-readout gaped/trials.tsv
    _check s2-kinds gaped/trials.tsv
}

every_study_of_s4_fits_its_look_alike() {
    _exits 0 synth affectnet --set train=160 --set validation=80 --set size=48 -o faces
    # heads of as many layers, each narrow: a hundred million random weights take their time
    for _s in published w1 cap sgd joint; do
        _check "s4-$_s" faces/trials.tsv --weights random --set head.layers=16
    done
    _check s4-values faces/trials.tsv --weights random --set 'head.layers=16;8'
    _check s4-frozen faces/trials.tsv --weights random --set sampler.count=100
    _check s4-deep faces/trials.tsv --weights random --set sampler.count=100 --set 'head.layers=16;8;8;8'
    _check s4-block faces/trials.tsv --weights random --set sampler.count=100 --set 'head.layers=16;8;8'
}

options_of_a_synthetic_set_are_checked() {
    _exits 2 synth bboe --set persons=none -o bboe
    _exits 2 synth bboe --films 3 -o bboe
    _complains "--set has its own"
    _exits 2 synth cognimuse --set persons=3 -o films
    _exits 1 synth bboe --set own=0.9 -o bboe
    _complains "at most 1"
}

_bboe_on_features() {
    _exits 0 synth bboe --set persons=4 --set videos=90 --set rated=80 -o bboe
    cat >each.yaml <<END
trials: bboe/trials.tsv
method: ridge
targets: [valence]
each: person
inputs: [film, skin, heart]
folds: {rule: rows, by: none, k: 5, seed: 5}
END
}

one_model_a_person_has_one_report_over_all() {
    _bboe_on_features
    _exits 0 train each.yaml -o run
    _no_crash
    head -1 run/each.csv | grep -qx "person,target,rows,figure,value,baseline" ||
        _fail "each.csv has other columns"
    for _p in 001 002 003 005; do
        grep -q "^$_p,valence," run/each.csv || _fail "$_p has no figure"
        [ -s "run/each/$_p.safetensors" ] || _fail "$_p has no model"
        [ -d "run/$_p-fold-4" ] || _fail "$_p has no fifth fold"
    done
    # folds are those of each person's own rows: five of 80 or fewer
    [ "$(cut -f1-2 run/trials.tsv | wc -l)" -gt 300 ] || _fail "rows are missing"
    (cd run && sha256sum -c --quiet SHA256SUMS) || _fail "sums do not fit"
    _exits 0 verify run/each/001.safetensors
    grep -q '"models": 4' run/results.json || _fail "four models are not told"
    # a model tells of its own fits alone: written into each, those of all grow with the square
    for _p in 001 005; do
        _fits=$(grep -ao '[0-9]*-\(fold-[0-9]\|final\)' "run/each/$_p.safetensors" | sort -u | tr '\n' ' ')
        [ "$_fits" = "$_p-final $_p-fold-0 $_p-fold-1 $_p-fold-2 $_p-fold-3 $_p-fold-4 " ] ||
            _fail "the model of $_p tells of the fits $_fits"
    done
    _r=$(grep '^005,valence,[0-9]*,rmse,' run/each.csv | cut -d, -f5)
    grep -aqF "$_r" run/each/005.safetensors || _fail "the model of 005 lacks its RMSE, $_r"
    ! grep -aqF "$_r" run/each/001.safetensors || _fail "the model of 001 has the RMSE of 005"
    [ ! -e run/001-final/events.out.tfevents.mien ] || _fail "a fit without epochs has an event file"
    # checkpoints of small fits reach the disk together: what a power cut leaves is made again
    mv run/SHA256SUMS sums
    : >run/001-fold-0/checkpoint.safetensors
    head -c 4096 /dev/zero >run/002-final/checkpoint.safetensors
    rm run/each/003.safetensors run/005-fold-1/checkpoint.safetensors
    _exits 0 resume run
    _complains "001-fold-0/checkpoint.safetensors: is empty, as after a power cut" 002-final
    cmp -s sums run/SHA256SUMS || _fail "the run has other bits"
}

models_of_each_can_be_left_out() {
    _bboe_on_features
    _exits 0 train each.yaml -o run --set each-models=false
    [ ! -e run/each ] || _fail "models were written"
    [ ! -e run/001-final ] || _fail "models were fitted"
}

what_each_cannot_be_dealt_by_is_told() {
    _bboe_on_features
    _exits 1 train each.yaml -o run --set each=nobody
    _complains 'no column "nobody"'
    _exits 1 train each.yaml -o run --set folds.k=200
    _complains "person 001"
}

epochs_are_watched_and_the_best_are_told_as_what_they_are() {
    _bboe_on_features
    cat >watch.yaml <<END
trials: bboe/trials.tsv
method: network
targets: [valence]
classes: [valence]
each: person
inputs: [film, skin, heart]
model: {name: linear}
epochs: 4
folds: {rule: rows, by: none, k: 3, seed: 5}
watch: [training, test]
END
    _exits 0 train watch.yaml -o run
    head -1 run/metrics.csv | grep -q "accuracy_train,metric_test" || _fail "epochs are not watched"
    awk -F, '$1 == "001-fold-0" && ($8 <= 0 || $8 > 1 || $9 < 0 || $9 > 1) { exit 1 }' run/metrics.csv ||
        _fail "a figure is no share"
    grep -q best_epochs run/results.json || _fail "the best epochs are not told"
    grep -q "chooses by" run/results.json || _fail "nor what they are"
    _exits 1 train watch.yaml -o other --set watch=tests
    _complains "neither training nor test"
}

predictions_are_the_input_of_a_second_step() {
    _bboe_on_features
    _exits 0 train each.yaml -o run --set each-models=false
    _exits 0 import predictions run -o second.tsv
    cat >second.yaml <<END
trials: second.tsv
method: logistic
targets: [valence3]
inputs: {predicted_valence: {kind: number}}
folds: {rule: rows, by: none, k: 3}
# People and stimuli are on both sides of rows dealt at random: here only the input is looked at.
audit: {allow: [person, stimulus]}
END
    _exits 0 train second.yaml -o two
    _no_crash
}

copies_made_beforehand_have_rows() {
    _exits 0 augment "$FILES/trials.tsv" --pass flip --pass plain -o copies
    [ "$(wc -l <copies/trials.tsv)" -eq "$((($(wc -l <"$FILES/trials.tsv") - 1) * 3 + 1))" ] ||
        _fail "rows are missing"
    _exits 0 doctor copies/trials.tsv
    _exits 1 augment "$FILES/trials.tsv" --pass 'fold 3' -o other
    _exits 2 augment "$FILES/trials.tsv" -o other
}
