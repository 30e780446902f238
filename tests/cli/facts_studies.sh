# SPDX-License-Identifier: MIT
# Tables and studies: mistakes in them are told with file and line.

_table() { # STATUS WORD…: doctor on t.tsv from standard input
    _want=$1
    shift
    cp "$FILES/trials.json" t.json
    ln -sf "$FILES/pictures" pictures
    cat >t.tsv
    _exits "$_want" doctor t.tsv
    _no_crash
    for _word; do
        cat out err | grep -qiF -- "$_word" || _fail "\"$_word\" is not told"
    done
}

_head='trial\tgroup\timage\tvalence\tarousal\n'

the_doctor_finds_nothing_wrong_with_a_good_table() {
    _exits 0 doctor "$FILES/trials.tsv"
    ! grep -q '^error' out || _fail "an error in a good table"
    _complains "0 errors"
}

repeated_ids_are_told() {
    printf "${_head}a\tg\tpictures/1.png\t1\t1\na\th\tpictures/2.png\t2\t2\n" |
        _table 1 error '"a"'
    sed "s|trials.tsv|t.tsv|" "$FILES/study.yaml" >s.yaml
    _exits 1 train s.yaml -o run --weights "$FILES/good.safetensors"
    _complains "t.tsv:3"
}

a_missing_column_is_told() {
    printf 'trial\tgroup\timage\tvalence\na\tg\tpictures/1.png\t1\n' | _table 1 arousal
    printf 'name\tgroup\timage\tvalence\tarousal\na\tg\tpictures/1.png\t1\t1\n' |
        _table 1 trial
}

ratings_that_are_missing_or_out_of_range_are_told() {
    printf "${_head}a\tg\tpictures/1.png\tNaN\t1\nb\th\tpictures/2.png\t9\t2\n" |
        _table 1 range
    printf "${_head}a\tg\tpictures/1.png\tgood\t1\nb\th\tpictures/2.png\t2\t2\n" |
        _table 1 good
}

pictures_that_cannot_be_read_are_told() {
    printf "${_head}a\tg\tpictures/none.png\t3\t1\nb\th\tpictures/2.png\t2\t2\n" |
        _table 1 none.png
}

quotes_byte_order_marks_and_cr_are_read() {
    printf '\357\273\277trial\tgroup\timage\tvalence\tarousal\r"a ""1"""\tg\tpictures/1.png\t3\t1\rb\th\t"pictures/2.png"\t2\t2\r' |
        _table 0
    _lines "$(wc -l <out)" out
    ! grep -q '^error' out || _fail "an error in a good table"
}

ragged_rows_are_told_with_their_line() {
    cp "$FILES/trials.json" t.json
    printf "${_head}a\tg\tpictures/1.png\t1\t1\nb\th\n" >t.tsv
    sed "s|trials.tsv|t.tsv|" "$FILES/study.yaml" >s.yaml
    _exits 1 train s.yaml -o run --weights "$FILES/good.safetensors"
    _complains "t.tsv:3"
}

a_table_without_its_sidecar_is_told() {
    printf "${_head}a\tg\tpictures/1.png\t1\t1\n" >t.tsv
    sed "s|trials.tsv|t.tsv|" "$FILES/study.yaml" >s.yaml
    _exits 1 train s.yaml -o run --weights "$FILES/good.safetensors"
    _complains "t.json"
    [ ! -e run/model.safetensors ] || _fail "it was trained all the same"
}

an_unknown_key_is_told_with_line_and_nearest() {
    printf 'trials: t.tsv\nfolds:\n  kk: 3\n' >s.yaml
    _exits 1 train s.yaml --check
    _complains "s.yaml:3" '"folds.kk"' 'did you mean "folds.k"'
}

a_wrong_type_is_told_with_line_and_what_is_allowed() {
    printf 'trials: t.tsv\nfolds:\n  k: many\n' >s.yaml
    _exits 1 train s.yaml --check
    _complains "s.yaml:3" "folds.k" '"many"' "a whole number"
    printf 'trials: t.tsv\nfolds: {k: 1}\n' >s.yaml
    _exits 1 train s.yaml --check
    _complains "s.yaml:2" "2 to 10000"
    printf 'trials: t.tsv\nfolds: {k: 3\n' >s.yaml
    _exits 1 train s.yaml --check
    _complains "s.yaml:"
}

a_bad_override_is_wrong_usage() {
    _exits 2 train "$FILES/study.yaml" --check --set folds.kk=3
    _complains '--set: unknown key "folds.kk"' "folds.k"
    _exits 2 train "$FILES/study.yaml" --check --set folds.k
    _complains "key=value"
}

a_printed_study_reads_back_the_same() {
    _exits 0 train "$FILES/study.yaml" --print --set folds.k=4 --set readout.gamma='0;2'
    cp out first.yaml
    grep -q '^  k: 4$' first.yaml || _fail "--set has no say"
    sed 's/^name: .*/name: first/' first.yaml >second.yaml
    _exits 0 train second.yaml --print
    cmp -s out second.yaml || _fail "it changed on the way"
}

a_run_is_judged_again_with_the_same_figures() {
    _exits 0 evaluate "$FILES/run" --repeats 20
    _lines 11 out
    _needs python3
    python3 -I - "$FILES/run/results.json" <<'END' || _fail "figures differ from results.json"
import csv, json, sys
results = json.load(open(sys.argv[1]))
rows = {(r["target"], r["metric"]): float(r["value"]) for r in csv.DictReader(open("out"), delimiter="\t")}
for target in results["targets"]:
    for metric in target["metrics"]:
        assert abs(rows[target["name"], metric["name"]] - metric["value"]) < 1e-4
END
}

# Before a training and after it; of a network by branch, and their sum is what was trained.
values_that_are_learnt_are_counted() {
    _exits 0 train "$FILES/study.yaml" --check --weights "$FILES/good.safetensors"
    _complains "study.yaml is fine" "image (mobilenet_v2): values learnt 0, frozen 3," \
        "read-out: values learnt at most "
    grep -q '"part": "image (mobilenet_v2)"' "$FILES/run/results.json" || _fail "no parts"
    _exits 0 report "$FILES/run" -o run.html
    grep -q "Values learnt" run.html || _fail "not in the report"
    printf 'trials: %s\ntargets: [valence]\nmethod: network\nbackbone: {name: mobilenet_v2}\npicture: {fit: squash, height: 32, width: 32}\nepochs: 1\nbatch: 2\nfolds: {k: 2}\ntrain: {what: [last-block]}\n' \
        "$FILES/trials.tsv" >net.yaml
    _exits 0 train net.yaml --check --weights "$FILES/good.safetensors"
    cp err before
    _complains "image (mobilenet_v2): values learnt " "head: values learnt 1,281, frozen 0"
    _exits 0 train net.yaml -o net --weights "$FILES/good.safetensors"
    _sum=$(grep -o '"learnt": [0-9]*' net/results.json | awk '{ s += $2 } END { print s }')
    grep -q "\"trained\": $_sum," net/results.json || _fail "sum $_sum is not what was trained"
    grep -o 'learnt [0-9,]*' before | tr -d ', a-z' | awk -v s="$_sum" '{ n += $1 } END { exit n != s }' ||
        _fail "told before: $(cat before), after: $_sum"
}

predictions_are_judged_against_a_table() {
    _predict 0 "$FILES/pictures/7.png" "$FILES/pictures/1.png" "$FILES/pictures/0.png" \
        "$FILES/pictures/6.png" -o p.csv
    _exits 0 evaluate p.csv --trials "$FILES/trials.tsv" --repeats 20 -f csv --in-sample
    # 1 and 7 are of group g1, 0 and 6 of g0
    grep -q '^valence,r,4,2,' out || _fail "not four rows in two groups"
    _exits 1 evaluate p.csv
    _complains "--trials"
    printf 'input,valence,arousal\nelse.png,1,1\n' >q.csv
    _exits 1 evaluate q.csv --trials "$FILES/trials.tsv"
    _complains "no row has both"
    echo old >kept.tsv
    _exits 1 evaluate q.csv --trials "$FILES/trials.tsv" -o kept.tsv
    [ "$(cat kept.tsv)" = old ] || _fail "a failure took the old figures"
}

# Twenty thousand pictures, rated and predicted: value and rating differ by a tenth of the
# last digit of the number, so that the mean absolute error is 0.45.
_many_ratings() {
    awk 'BEGIN {
        print "trial\timage\tgroup\tvalence"
        for (i = 0; i < 20000; i++)
            printf "%d\tset/picture-%05d.png\tg%d\t%.1f\n", i, i, i % 5000, 1 + i % 60 / 10
    }' >many.tsv
    awk 'BEGIN {
        print "input,valence"
        for (i = 19999; i >= 0; i--)
            printf "elsewhere/picture-%05d.png,%.1f\n", i, 1 + i % 60 / 10 + i % 10 / 10
    }' >many.csv
    sed 's/, "arousal".*/}}/' "$FILES/trials.json" >many.json
}

many_predictions_are_paired_in_no_time() {
    _many_ratings
    _start=$(date +%s)
    _exits 0 evaluate many.csv --trials many.tsv --repeats 10 -f csv
    [ $(($(date +%s) - _start)) -lt 6 ] || _fail "pairing took six seconds"
    grep -q '^valence,mae,20000,5000,0.45,' out || _fail "other pairs"
}

a_name_that_two_trials_share_pairs_with_none() {
    sed 's,pictures/,a/,' "$FILES/trials.tsv" >twice.tsv
    sed '1d; s,pictures/,b/,; s/^/again-/' "$FILES/trials.tsv" >>twice.tsv
    cp "$FILES/trials.json" twice.json
    printf 'input,valence,arousal\npictures/1.png,1,1\n' >one.csv
    _exits 1 evaluate one.csv --trials twice.tsv
    _complains "one.csv:2" "1.png" "a/1.png" "b/1.png"
}

a_run_is_drawn_as_one_page() {
    _exits 0 report "$FILES/run" -o page.html
    grep -q '<svg' page.html || _fail "no figure"
    ! grep -qE '(src|href)="https?:' page.html || _fail "the page asks for other files"
    _exits 1 report none -o page2.html
    _complains none
    [ ! -e page2.html ] || _fail "a page of nothing"
}
