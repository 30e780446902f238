# SPDX-License-Identifier: MIT
# Networks: trained, stopped, taken up again.

_study() { # YAML…: lines after those that every study here has
    sed "s|^trials:.*|trials: $FILES/trials.tsv|" >s.yaml <<END
trials: x
method: network
picture: {fit: squash, height: 32, width: 32}
batch: 4
epochs: 3
folds: {k: 2}
bootstrap: {repeats: 20}
model: {golden: 1}
END
    for _line; do
        echo "$_line" >>s.yaml
    done
}

_train() { # STATUS RUN…
    _want=$1
    shift
    _exits "$_want" train s.yaml --weights "$FILES/good.safetensors" --threads 1 -o "$@"
}

a_network_is_trained_and_predicts() {
    _study "train: {what: last-block}"
    _train 0 run
    _complains "run is done"
    (cd run && sha256sum -c --quiet SHA256SUMS) || _fail "SHA256SUMS"
    grep -q '<svg' run/report.html || _fail "no figure"
    _exits 0 verify run/model.safetensors
    _exits 0 predict run/model.safetensors "$FILES/pictures/1.png"
    _lines 2 out
    _exits 0 evaluate run --repeats 20
    _lines 11 out
}

a_run_that_was_interrupted_is_taken_up() {
    _study "train: {what: last-block}" "checkpoint: {pause: 0}"
    sed -i 's/^epochs:.*/epochs: 12/' s.yaml
    _train 0 whole
    "$MIEN" train s.yaml --weights "$FILES/good.safetensors" --threads 1 -o run \
        >out 2>err </dev/null &
    _pid=$!
    _i=0
    while [ $_i -lt 200 ] && ! grep -q step run/log.jsonl 2>/dev/null; do
        sleep 0.05
        _i=$((_i + 1))
    done
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130"
    _complains "mien resume run"
    [ ! -e run/model.safetensors ] || _fail "it was not interrupted at all"
    _exits 0 resume run
    _complains "run is done"
    for _file in model.safetensors predictions.csv metrics.csv results.json; do
        cmp -s "whole/$_file" "run/$_file" || _fail "$_file differs"
    done
    _exits 0 resume run
}

# Value and interval of the first metric in results.json.
_first_figure() {
    awk '/"value":/ { v = $2 + 0 } /"low":/ { l = $2 + 0 }
        /"high":/ { printf "%.4f\t%.4f\t%.4f\n", v, l, $2 + 0; exit }' "$1"
}

several_seeds_are_trained_judged_and_shown() {
    _study "seeds: 3" "seed: 5"
    _train 0 run
    [ -e run/final-seed-7/checkpoint.safetensors ] || _fail "no final-seed-7"
    [ "$(head -1 run/predictions.csv | cut -d, -f7)" = seed ] || _fail "no column seed"
    grep -q "trained 3 times" run/report.html || _fail "the report is silent on seeds"
    grep -q "SD over seeds" run/report.html || _fail "no spread in the report"
    _exits 0 evaluate run --repeats 20
    _first_figure run/results.json >want
    sed -n 2p out | cut -f 5-7 >got
    cmp -s want got || _fail "results.json: $(cat want), evaluate: $(cat got)"
    sed -n 2p out | cut -f 3 | grep -qx "$(($(wc -l <run/trials.tsv) - 1))" ||
        _fail "evaluate counts every seed"
    _exits 0 verify run/model.safetensors
    sed -i '$d' run/predictions.csv
    _exits 1 evaluate run
    _complains "the last seed has"
}

rows_that_lack_a_target_are_learnt_from_by_the_others() {
    _study "missing-targets: mask"
    awk -F '\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "valence") v = i }
        NR == 3 || NR == 5 { $v = "n/a" } { print }' "$FILES/trials.tsv" |
        sed "s|pictures/|$FILES/pictures/|g" >gaps.tsv
    cp "$FILES/trials.json" gaps.json
    _train 0 run --set trials="$PWD/gaps.tsv"
    _rows=$(($(wc -l <gaps.tsv) - 1))
    _exits 0 evaluate run --repeats 20
    [ "$(grep -P '^valence\tr\t' out | cut -f 3)" -eq $((_rows - 2)) ] || _fail "valence"
    [ "$(grep -P '^arousal\tr\t' out | cut -f 3)" -eq "$_rows" ] || _fail "arousal"
    _first_figure run/results.json >want
    sed -n 2p out | cut -f 5-7 >got
    cmp -s want got || _fail "results.json: $(cat want), evaluate: $(cat got)"
}

a_class_that_is_missing_is_not_judged() {
    cat >p.csv <<END
trial,group,emotion_truth,emotion_prediction,emotion_p_x,emotion_p_y
a,1,x,x,0.8,0.2
b,1,n/a,x,0.9,0.1
c,2,y,x,0.6,0.4
END
    _exits 0 evaluate p.csv --repeats 20
    grep -qP '^emotion\taccuracy\t2\t2\t0.5000' out || _fail "not half of two"
}

two_commands_do_not_share_a_run() {
    _study "train: {what: last-block}" "checkpoint: {pause: 0}"
    sed -i 's/^epochs:.*/epochs: 100000/' s.yaml
    "$MIEN" train s.yaml --weights "$FILES/good.safetensors" --threads 1 -o run \
        >first 2>&1 </dev/null &
    _pid=$!
    _i=0
    while [ $_i -lt 200 ] && ! grep -q step run/log.jsonl 2>/dev/null; do
        sleep 0.05
        _i=$((_i + 1))
    done
    _train 1 run
    _complains "process $_pid is training into this folder"
    _exits 1 resume run
    _complains "process $_pid is training into this folder"
    kill -KILL "$_pid"
    wait "$_pid"
    [ -e run/run.lock ] || _fail "no lock file of the killed process"
    "$MIEN" resume run >out 2>err </dev/null &
    _pid=$!
    sleep 0.5
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130: the stale lock blocks"
    [ ! -e run/run.lock ] || _fail "the lock file stays"
}

# A limit on the size of files, in blocks of 512 bytes, stands for it.
a_full_disk_loses_nothing() {
    _study "train: {what: last-block}" "checkpoint: {pause: 0, every: 0.001}"
    _train 0 whole
    (ulimit -f 64 && "$MIEN" train s.yaml --weights "$FILES/good.safetensors" \
        --threads 1 -o run >out 2>err </dev/null)
    rc=$?
    [ "$rc" -eq 1 ] || _fail "exit status $rc, want 1"
    _complains "run/fold-0/checkpoint.safetensors" "File too large" "mien resume run"
    _exits 0 resume run
    for _file in model.safetensors predictions.csv metrics.csv results.json; do
        cmp -s "whole/$_file" "run/$_file" || _fail "$_file differs"
    done
}

a_second_interrupt_stops_at_once_and_leaves_the_last_checkpoint() {
    _study "train: {what: all}" "checkpoint: {pause: 0, every: 0.001}"
    sed -i 's/^epochs:.*/epochs: 6/' s.yaml
    _train 0 whole
    "$MIEN" train s.yaml --weights "$FILES/good.safetensors" --threads 1 -o run \
        >out 2>err </dev/null &
    _pid=$!
    _i=0
    while [ $_i -lt 200 ] && [ ! -e run/fold-0/checkpoint.safetensors ]; do
        sleep 0.02
        _i=$((_i + 1))
    done
    kill -INT "$_pid"
    kill -INT "$_pid"
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130"
    [ ! -e run/model.safetensors ] || _fail "it was not interrupted at all"
    _exits 0 resume run
    for _file in model.safetensors predictions.csv metrics.csv results.json; do
        cmp -s "whole/$_file" "run/$_file" || _fail "$_file differs"
    done
}

a_changed_study_is_not_taken_up() {
    _study
    _train 0 run
    rm run/SHA256SUMS
    echo "# a remark" >>run/study.yaml
    _exits 1 resume run
    _complains "the study changed"
    _exits 1 resume none
    _complains "none"
}

keys_of_networks_are_told_with_line_and_nearest() {
    _study "optimiser: {name: adan}"
    _exits 1 train s.yaml --check
    _complains "s.yaml:9: optimiser.name" "adam"
    _study "optimiser: {name: sgd, momentun: 0.9}"
    _exits 1 train s.yaml --check
    _complains "s.yaml:9: optimiser" "momentun" 'did you mean "momentum"'
    _study "readout: {gamma: 2}"
    _exits 1 train s.yaml --check
    _complains "s.yaml:9: readout.gamma" "method: readout"
    _study "stopping: {patience: 2}"
    _exits 1 train s.yaml --check
    _complains "s.yaml:9: stopping.patience" "validation.rule"
    _study
    _exits 2 train s.yaml --check --set schedule.fctor=2
    _complains "schedule" "fctor"
}

a_printed_network_reads_back_the_same() {
    _study "schedule: {name: multiplier, factors: [1, 0.5, 0.1]}" \
        "augment: [flip, {rotate: 15}]" "loss: {classes: {name: focal, gamma: 1}}"
    _exits 0 train s.yaml --print --set schedule.factors='1;0.2' --set head.layers='8;4'
    cp out first.yaml
    grep -q 'gamma: 1' first.yaml || _fail "an option of the loss is lost"
    grep -q 'flip' first.yaml || _fail "the augmentation is lost"
    sed 's/^name: .*/name: first/' first.yaml >second.yaml
    _exits 0 train second.yaml --print
    cmp -s out second.yaml || _fail "it changed on the way"
}

films_are_learnt_one_left_out_at_a_time() {
    _films "smoothing: {rule: mean, candidates: [3]}"
    _exits 0 train s.yaml --check
    _exits 0 train s.yaml --threads 2 -o run
    (cd run && sha256sum -c --quiet SHA256SUMS) || _fail "SHA256SUMS"
    grep -q "Each group on its own: arousal" run/report.html || _fail "no table of films"
    grep -q '"shift_p"' run/results.json || _fail "no test of the series"
    head -1 run/predictions.csv | grep -q "arousal_unsmoothed" || _fail "no unsmoothed"
    _exits 0 evaluate run --repeats 20
    _exits 0 verify run/model.safetensors
    _film=$(sed -n 's|.*\t\([^\t]*\.h5\)#vggish:0.*|films/\1|p' films/trials.tsv | head -1)
    _exits 0 predict run/model.safetensors --features "vggish=$_film#vggish" \
        "flownet=$_film#flownet"
    head -1 out | grep -q arousal || _fail "no arousal"
}

what_was_judged_smoothed_is_predicted_smoothed() {
    _films "smoothing: {rule: mean, candidates: [5]}"
    sed -i 's/^folds:.*/folds: {rule: names, by: group, hold-out: 1}/' s.yaml
    _exits 0 train s.yaml --threads 2 -o run
    _trial=$(grep -m 1 ',held-out,' run/predictions.csv | cut -d, -f 1)
    _film=$(awk -F '\t' -v t="$_trial" '$1 == t' films/trials.tsv | tr '\t' '\n' |
        sed -n 's|^\([^:]*\.h5\)#vggish:.*|films/\1|p')
    set -- run/model.safetensors --features "vggish=$_film#vggish" \
        "flownet=$_film#flownet" -o
    for _column in prediction unsmoothed; do
        [ $_column = prediction ] && _exits 0 predict "$@" new.csv ||
            _exits 0 predict "$@" new.csv --smooth 0s
        awk -F, -v name="arousal_$_column" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
            $(at["split"]) == "held-out" { print $at[name] }' run/predictions.csv >want
        cut -d, -f 4 new.csv | sed 1d >got
        [ -s want ] && cmp -s want got || _fail "$_column of the film that was held out"
        mv want "want_$_column"
    done
    ! cmp -s want_prediction want_unsmoothed || _fail "nothing was smoothed at all"
}

_of_trials() { # FILE COLUMN: trial and value, by trial
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        !at["split"] || $(at["split"]) == "held-out" { print $(at["trial"]), $(at[name]) }' \
        "$1" | sort
}

# Smoothed, with neighbours in time, whatever the order of the table's rows.
a_trial_table_gives_what_was_judged() {
    for _model in "linear}" "temporal_aan}\ncontext: {before: 2, after: 1}"; do
        rm -rf films
        _films "smoothing: {rule: mean, candidates: [5]}"
        sed -i '/^model:/d; s/^folds:.*/folds: {rule: names, by: group, hold-out: 1}/' s.yaml
        printf "model: {name: $_model\n" >>s.yaml
        rm -rf run
        _exits 0 train s.yaml --threads 2 -o run
        { head -1 films/trials.tsv; sed 1d films/trials.tsv | sort -t "$(printf '\t')" -k 3; } \
            >films/other.tsv
        _exits 0 predict run/model.safetensors films/other.tsv -o new.csv --threads 2
        [ "$(head -1 new.csv | cut -d, -f1-4)" = trial,start_s,end_s,arousal ] || _fail "columns"
        _lines "$(wc -l <films/trials.tsv)" new.csv
        _of_trials run/predictions.csv arousal_prediction >want
        _of_trials new.csv arousal | join - want | awk '{ n++; d = $2 - $3
            if (d > 1e-5 || d < -1e-5) { print; exit 1 } } END { if (n < 20) exit 1 }' ||
            _fail "$_model: other numbers"
    done
    sed 's/\tstart_s/\tstarts/' films/other.tsv >films/bad.tsv
    _exits 1 predict run/model.safetensors films/bad.tsv
    _complains "has no start_s" "in order of time"
    sed 's/\tfeatures.vggish/\tsound/; s/\tfeatures.flownet/\tsight/' films/other.tsv >films/bad.tsv
    _exits 1 predict run/model.safetensors films/bad.tsv
    _complains 'needs vggish (column "features.vggish"), flownet (column "features.flownet")'
    _exits 1 predict run/model.safetensors films/bad.tsv --input vggish=sound --input flownet=sigh
    _complains 'no column "sigh" for input flownet'
    _exits 1 predict run/model.safetensors films/bad.tsv --input vggish=sound --input vggish=sight
    _complains "input vggish is given two columns"
    _exits 0 predict run/model.safetensors films/bad.tsv --input vggish=sound --input flownet=sight \
        -o same.csv
    cmp -s new.csv same.csv || _fail "other numbers by columns of other names"
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR == 3 { $(at["features.vggish"]) = $(at["features.flownet"]) = "n/a" } { print }' \
        films/other.tsv >films/bad.tsv
    _exits 1 predict run/model.safetensors films/bad.tsv -o less.csv
    _complains "bad.tsv:3: trial" "lacks vggish, flownet"
    _lines $(($(wc -l <new.csv) - 1)) less.csv
    _exits 0 evaluate new.csv --trials films/trials.tsv --repeats 20
    _exits 0 predict run/model.safetensors films/other.tsv -o page.csv --report page.html
    grep -q "Over time" page.html || _fail "no timeline of a series"
}

mistakes_in_a_study_on_features_are_told() {
    _films
    _exits 1 train s.yaml --check --set "inputs=vggish;image"
    _complains "model.name" "pictures among its inputs"
    _exits 2 train s.yaml --check --set model.widht=3
    _complains "width"
    _exits 1 train s.yaml --check --set augment=flip
    _complains "only of studies on pictures"
    _exits 1 train s.yaml --check --set "train.what=!nothing.*"
    _complains "no parameter of the network"
    sed -i 's/flownet/flwonet/' s.yaml
    _exits 1 train s.yaml -o run
    _complains "features.flwonet"
    [ ! -e run ] || _fail "a folder was made"
}

classes_of_films_are_explained() {
    _films
    sed -i 's/^targets:.*/targets: [mood, arousal]/' s.yaml
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print $0, "mood"; next }
        { print $0, ($(at["arousal"]) > 0 ? "high" : "low") }' films/trials.tsv >t.tsv
    mv t.tsv films/trials.tsv
    sed -i 's/"targets": *{/&"mood": {"classes": ["low", "high"], "construct": "evoked", "perspective": "normative"},/; s/"version": *1/"version": 2/' films/trials.json
    _exits 0 train s.yaml --threads 2 -o run
    _exits 0 explain run --repeats 2 --format csv
    grep -q '^mood,flownet,permuted,log_loss,' out || _fail "no log loss"
    grep -q '^mood,vggish,alone,balanced_accuracy,' out || _fail "no balanced accuracy"
    grep -q '^arousal,vggish,left_out,r,' out || _fail "no r"
    grep -qE '^[^,]*,[^,]*,(low|high),' run/explain.csv || _fail "no label in explain.csv"
    _exits 0 explain run --repeats 2
    sed 1d out | cut -f5 | grep -qE '\.[0-9]{5}' && _fail "more than four decimals for people"
    _exits 0 report run -o page.html
    grep -q "Log loss added" page.html || _fail "no figure of log loss"
    grep -q "balanced accuracy lost, left out" page.html || _fail "no table of accuracy"
}

inputs_of_a_run_are_explained() {
    _films
    _exits 0 train s.yaml --threads 2 -o run
    _exits 0 explain run --repeats 2 --format csv
    [ "$(head -1 out)" = "target,input,how,metric,value,low,high,loss,loss_low,loss_high" ] ||
        _fail "the head of the table"
    # three figures of everything, and of each of two inputs changed in three ways
    [ "$(wc -l <out)" = 22 ] || _fail "$(wc -l <out) lines"
    grep -q '^arousal,flownet,permuted,mse,' out || _fail "no flownet permuted"
    head -1 run/explain.csv | grep -q "arousal_effect_vggish,arousal_effect_flownet,arousal_driver" ||
        _fail "explain.csv"
    _exits 0 report run -o page.html
    grep -q "What each input contributes" page.html || _fail "not in the report"
    grep -q "What adds most to it is" page.html || _fail "no lanes"
    (cd run && sha256sum -c --quiet SHA256SUMS) || _fail "SHA256SUMS"
    _exits 0 explain run --retrain --repeats 2 -o other.json
    grep -q "retrained" out || _fail "not trained without"
    [ -e run/explain/without-vggish/model.safetensors ] || _fail "no run without vggish"
    [ -e other.csv ] || _fail "no other.csv"
    _exits 1 explain run --hide mask
    _complains "takes no mask"
    _exits 2 explain run --hide all
    cp -r "$FILES/run" readout # a read-out of pictures is explained as well
    _exits 0 explain readout --repeats 2 --format csv
    grep -q '^valence,image,permuted,r,' out || _fail "no picture permuted"
}

a_model_of_classes_is_calibrated_afterwards() {
    _films
    sed -i 's/^targets:.*/targets: [mood]/' s.yaml
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print $0, "mood"; next }
        { print $0, ($(at["arousal"]) > 0 ? "high" : "low") }' films/trials.tsv >t.tsv
    mv t.tsv films/trials.tsv
    sed -i 's/"targets": *{/&"mood": {"classes": ["low", "high"], "construct": "evoked", "perspective": "normative"},/; s/"version": *1/"version": 2/' films/trials.json
    _exits 0 train s.yaml --threads 2 -o run
    _exits 0 models calibrate run/model.safetensors run -o cool.safetensors
    _complains "mood: temperature" "ECE" "(on these rows)"
    _exits 0 verify cool.safetensors
    _exits 0 models show cool.safetensors
    _says '"temperature": {'
    _exits 0 predict cool.safetensors films/trials.tsv -f csv -o p.csv
    _exits 0 models calibrate cool.safetensors p.csv --trials films/trials.tsv -o again.safetensors
    _exits 1 models calibrate run/model.safetensors films/trials.tsv -o no.safetensors
    _complains "no row has the true class and probabilities"
    _exits 2 models calibrate run/model.safetensors run
    _complains "-o"
}
