# SPDX-License-Identifier: MIT
# Two runs on the same trials.

_warns_of_groups_alone() {
    grep -vE "intervals rest on|1 group has no interval" err >others
    [ ! -s others ] || _fail "more is said than that there are few groups"
}

# Both groups are of two trials. A is right in all; B in the second group only.
_answers() {
    cat >a.csv <<END
trial,group,fold,mood_truth,mood_prediction,mood_p_x,mood_p_y
1,g,0,x,x,0.8,0.2
2,g,0,y,y,0.1,0.9
3,h,1,x,x,0.9,0.1
4,h,1,y,y,0.4,0.6
END
    cat >b.csv <<END
trial,group,fold,mood_truth,mood_prediction,mood_p_x,mood_p_y
4,h,1,y,y,0.4,0.6
3,h,1,x,x,0.9,0.1
2,g,0,y,x,0.9,0.1
1,g,0,x,y,0.2,0.8
END
}

_has() { # ROW, tabs as spaces
    tr '\t' ' ' <out | grep -qxF -- "$1" || _fail "no row \"$1\""
}

rows_are_paired_by_trial_and_drawn_by_group() {
    _answers
    _exits 0 compare a.csv b.csv --intervals bootstrap
    _warns_of_groups_alone
    [ "$(head -1 out | tr '\t' ' ')" = "target metric rows groups a b difference low high" ] ||
        _fail "other columns"
    # of two groups with differences 1 and 0, a resample has 0, 0.5 or 1, the ends in a quarter each
    _has "mood accuracy 4 2 1.0000 0.5000 0.5000 0.0000 1.0000"
    _exits 0 compare b.csv a.csv --intervals bootstrap -f jsonl
    grep '"accuracy"' out | grep -q '"difference": -0.5,' || _fail "not turned round"
    # left out, the difference is 1 or 0: an error of a half, and t with 1 degree of freedom
    _exits 0 compare a.csv b.csv
    _complains "intervals rest on 2 groups"
    _has "mood accuracy 4 2 1.0000 0.5000 0.5000 -5.8531 6.8531"
    _exits 0 compare a.csv a.csv
    _has "mood log_loss 4 2 0.2362 0.2362 0.0000 0.0000 0.0000"
}

what_only_one_run_has_is_left_out_and_told() {
    _answers
    sed -i '/^3,/d' a.csv
    sed -i 's/^2,g,0/2,g,1/' b.csv
    sed -i 's/^4,/5,/' b.csv
    _exits 0 compare a.csv b.csv
    _has "mood accuracy 2 1 1.0000 0.0000 1.0000 n/a n/a" # one group moves nowhere
    _complains "1 of 3 trials of a.csv are not in the other" \
        "2 of 4 trials of b.csv are not in the other" "1 of 2 trials were held out by other folds"
}

runs_that_cannot_be_compared_are_told() {
    _answers
    sed 's/^\([0-9]\)/z\1/' b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains "a.csv and c.csv have no trial in common"
    sed 's/^2,g,0,y/2,g,0,x/' b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains "trial 2: mood is y in a.csv and x in c.csv"
    sed 's/mood_p_x,mood_p_y/mood_p_y,mood_p_x/' b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains "a.csv and c.csv: mood has other classes"
    sed 's/^2,/1,/' b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains "c.csv:5: trial 1 is there twice"
    sed 's/mood/rage/g' b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains "no target in common"
    cut -d, -f1-5 b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains "mood is of classes in a.csv and a number in c.csv"
    sed 's/^trial/film/' b.csv >c.csv
    _exits 1 compare a.csv c.csv
    _complains 'c.csv: there is no column "trial"'
    _exits 1 compare a.csv --baseline
    _complains "a.csv is no run folder"
    _exits 2 compare a.csv
    _complains "--baseline"
    _exits 2 compare a.csv b.csv --baseline
    echo old >kept.tsv
    _exits 1 compare a.csv c.csv -o kept.tsv
    [ "$(cat kept.tsv)" = old ] || _fail "a failure took the old figures"
}

seeds_are_averaged_on_both_sides() {
    cat >a.csv <<END
trial,group,seed,v_truth,v_prediction
1,g,1,1,2
2,g,1,2,3
3,g,1,4,5
1,g,2,1,4
2,g,2,2,5
3,g,2,4,7
END
    cat >b.csv <<END
trial,group,v_truth,v_prediction
3,g,4.0,4.5
1,g,1,1.5
2,g,2,2.5
END
    _exits 0 compare a.csv b.csv
    _has "v mae 3 1 2.0000 0.5000 1.5000 n/a n/a"
    _has "v rmse 3 1 2.0000 0.5000 1.5000 n/a n/a"
}

# The figures of results.json, and b of the comparison.
_baselines_agree() { # RUN
    _needs python3
    python3 -I - "$1/results.json" <<'END' || _fail "the baseline is not that of $1/results.json"
import csv, json, sys
rows = {(r["target"], r["metric"]): r for r in csv.DictReader(open("out"), delimiter="\t")}
for target in json.load(open(sys.argv[1]))["targets"]:
    for metric in target["metrics"]:
        row = rows.get((target["name"], metric["name"]))
        if row and not metric["baseline"]: # a correlation with what is constant in each fold
            assert metric["name"] == "r" and float(row["b"]) == 0
            assert row["a"] == row["difference"]
        if row and metric["baseline"]:
            assert abs(float(row["b"]) - metric["baseline"]["value"]) < 1e-4
            assert abs(float(row["a"]) - metric["value"]) < 1e-4
            assert abs(float(row["a"]) - float(row["b"]) - float(row["difference"])) < 2e-4
END
}

a_run_is_compared_with_its_own_baseline() {
    _exits 0 compare "$FILES/run" --baseline --repeats 20
    _lines 11 out
    _baselines_agree "$FILES/run"
    cp -r "$FILES/run" old
    chmod -R u+w old
    # a run of before: without columns of the null prediction its baseline is known by fold
    sed -i '1s/_null/_nil/g' old/predictions.csv
    _exits 0 compare old --baseline --repeats 20
    cp out by-fold
    _exits 0 compare "$FILES/run" --baseline --repeats 20
    cmp -s out by-fold || _fail "the baseline by fold is another"
    sed -i 's/baseline_by_fold/other/' old/results.json
    _exits 1 compare old --baseline
    _complains "no baseline_by_fold of" "train it again"
}

# Labels are dealt so that the larger class differs from fold to fold.
networks_of_classes_are_compared_with_their_baseline() {
    printf 'trial\tgroup\tsplit\tmood\tfeatures.f\n' >t.tsv
    printf 'a,b\n' >f.csv
    for _i in 0 1 2 3 4 5 6 7 8 9 10 11; do
        _mood=$([ $((_i % 3)) -eq 0 ] && echo x || echo y)
        [ $_i -lt 4 ] && _split=test || _split=train
        printf '%s\tg%s\t%s\t%s\tf.csv#%s\n' $_i $((_i / 2)) $_split "$_mood" $_i >>t.tsv
        echo "$_i,$((_i % 3))" >>f.csv
    done
    cat >t.json <<END
{"version": 2, "name": "t", "targets": {"mood": {"classes": ["x", "y"], "construct": "evoked", "perspective": "normative"}}}
END
    cat >s.yaml <<END
trials: t.tsv
method: network
inputs: [f]
targets: [mood]
model: {name: linear}
batch: 4
epochs: 2
seeds: 2
folds: {k: 3}
bootstrap: {repeats: 20}
END
    _exits 0 train s.yaml --threads 1 -o run
    _exits 0 compare run --baseline --repeats 20
    _baselines_agree run
    _exits 0 train s.yaml --threads 1 -o held --set folds.rule=prescribed
    _exits 0 compare held --baseline --repeats 20
    _baselines_agree held
    # 5 of 8 training rows are y, as are 2 of the 4 tested
    tr '\t' ' ' <out | grep -q "^mood accuracy 4 2 [0-9.]* 0.5000 " || _fail "not half of four"
    _exits 0 compare run held --repeats 20
    _complains "8 of 12 trials of run are not in the other"
}

several_runs_are_corrected_for_their_number() {
    awk 'BEGIN { srand(3)
        for (k = 0; k < 3; k++) print "trial,group,v_truth,v_prediction" >("r" k ".csv")
        for (i = 0; i < 200; i++) { t = sin(i * 1.7); e = cos(i * 2.9); g = sin(i * 5.3)
            print i ",g" i % 25 "," t "," t + 0.5 * e >"r0.csv"
            print i ",g" i % 25 "," t "," t + 0.5 * e + 0.01 * g >"r1.csv"
            print i ",g" i % 25 "," t "," t + 1.5 * g >"r2.csv" } }'
    _exits 0 compare r0.csv r1.csv r2.csv --margin r=0.05,rmse=0.05 -f csv
    [ "$(head -1 out)" = "target,metric,run,rows,groups,a,b,difference,low,high,p,p_holm,verdict" ] ||
        _fail "other columns"
    grep '^v,rmse,r1.csv,' out | grep -q ',equivalent$' || grep '^v,rmse,r1.csv,' out | grep -q 'within the margin' ||
        _fail "a tiny difference is not within the margin"
    grep '^v,rmse,r2.csv,' out | grep -q ',different"*$' || _fail "a large difference is not different"
    awk -F, '$2 == "rmse" { p[$3] = $11; h[$3] = $12 } END {
        s = p["r1.csv"] < p["r2.csv"] ? "r1.csv" : "r2.csv"
        exit !(h[s] >= 2 * p[s] * 0.999 && h[s] <= 2 * p[s] * 1.001) }' out || _fail "the smaller p is not doubled"
    _exits 0 compare r0.csv r1.csv
    [ "$(head -1 out | tr '\t' ' ')" = "target metric rows groups a b difference low high" ] || _fail "columns of two"
    _exits 1 compare r0.csv r1.csv --margin f2=0.1
    _complains 'there is no metric "f2"'
    _exits 1 compare r0.csv r1.csv --margin 0
    _complains "--margin 0"
}
