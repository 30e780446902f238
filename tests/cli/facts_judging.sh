# SPDX-License-Identifier: MIT
# What predictions are compared with: ratings of people and of parts of films, constants,
# gaps, and what the mean of the training rows says.

_warns_of_groups_alone() {
    grep -vE "intervals rest on|1 group has no interval" err >others
    [ ! -s others ] || _fail "more is said than that there are few groups"
}

_sidecar() { # FILE TARGETS
    echo "{\"version\": 2, \"name\": \"t\", \"targets\": {$2}}" >"$1"
}

_number='"range": [1, 7], "unit": "1-7", "construct": "evoked", "perspective": "subjective"'

_persons() {
    {
        printf 'trial\tperson\timage\tvalence\n'
        printf 'p1a\tp1\ta.jpg\t1\np2a\tp2\ta.jpg\t7\np3a\tp3\ta.jpg\t7\n'
        printf 'p1b\tp1\tb.jpg\t2\np2b\tp2\tb.jpg\t6\np3b\tp3\tb.jpg\t7\n'
        printf 'p1c\tp1\tc.jpg\t3\np2c\tp2\tc.jpg\t5\np3c\tp3\tc.jpg\t7\n'
    } >persons.tsv
    _sidecar persons.json "\"valence\": {$_number}"
}

# The value of a metric in a table that was written with -f csv.
_value() { # TARGET METRIC WANT
    _got=$(awk -F, -v t="$1" -v m="$2" '$1 == t && $2 == m { print $5 }' out)
    awk -v a="$_got" -v b="$3" 'BEGIN { exit !(a != "" && a != "n/a" && (a - b) ^ 2 < 1e-8) }' ||
        _fail "$1 $2 is $_got, want $3"
}

_undefined() { # TARGET METRIC
    grep -q "^$1,$2,[0-9]*,[0-9]*,n/a,n/a,n/a$" out || _fail "$1 $2 is not n/a"
}

every_rater_of_a_picture_is_paired() {
    _persons
    printf 'input,start_s,end_s,valence\nx/a.jpg,n/a,n/a,1\nx/b.jpg,n/a,n/a,2\nx/c.jpg,n/a,n/a,3\n' >p.csv
    _exits 0 evaluate p.csv --trials persons.tsv -f csv
    _warns_of_groups_alone
    _value valence r 0
    _value valence rmse 3.844187531556932
    grep -q '^valence,r,9,3,' out || _fail "not nine pairs of three pictures"
    # the means are 5, 5 and 5, against 1, 2, 3
    _exits 0 evaluate p.csv --trials persons.tsv --raters mean -f csv
    _undefined valence r
    _value valence mae 3
    grep -q '^valence,mae,3,3,' out || _fail "not three means"
}

parts_of_a_film_are_paired_by_time() {
    {
        printf 'trial\tfilm\tstart_s\tend_s\tvalence\n'
        printf '1\tf.mp4\t0\t10\t1\n2\tf.mp4\t10\t20\t4\n3\tf.mp4\t20\t30\t7\n4\tf.mp4\t30\t40\tn/a\n'
    } >film.tsv
    _sidecar film.json "\"valence\": {$_number}"
    printf 'input,start_s,end_s,valence\nf.mp4,0,10,1\nf.mp4,10,20,4\nf.mp4,20,30,7\nf.mp4,30,40,9\n' >p.csv
    _exits 0 evaluate p.csv --trials film.tsv -f csv
    _warns_of_groups_alone
    _value valence r 1
    _value valence rmse 0
    # moments of 8 s: the means by time are .8 · 2 + .2 · 4, .6 · 4 + .4 · 5, .4 · 5 + .6 · 6 (the
    # last of 6 s)
    printf 'input,start_s,end_s,valence\nf.mp4,16,24,5\nf.mp4,0,8,2\nf.mp4,8,16,4\nf.mp4,24,30,6\n' >p.csv
    _exits 0 evaluate p.csv --trials film.tsv -f csv
    _value valence mae "$(awk 'BEGIN { print ((2.4 - 1) + (4.4 - 4) + (7 - 5.6)) / 3 }')"
    # by trial, whatever the file is called
    printf 'trial,valence\n3,7\n1,1\n2,4\n9,1\n' >p.csv
    _exits 0 evaluate p.csv --trials film.tsv -f csv
    _value valence rmse 0
    _complains "1 of 4 predictions belong to no trial, \"9\" (line 5)"
}

predicted_classes_are_judged_against_a_table() {
    printf 'trial\timage\temotion\n1\ta.jpg\thappy\n2\tb.jpg\tsad\n3\tc.jpg\tn/a\n' >t.tsv
    _sidecar t.json '"emotion": {"classes": ["happy", "sad"], "construct": "depicted", "perspective": "normative"}'
    {
        echo input,start_s,end_s,emotion,emotion_p_happy,emotion_p_sad
        echo a.jpg,n/a,n/a,happy,0.9,0.1
        echo b.jpg,n/a,n/a,sad,0.2,0.8
        echo c.jpg,n/a,n/a,sad,0.2,0.8
    } >p.csv
    _exits 0 evaluate p.csv --trials t.tsv -f csv
    _warns_of_groups_alone
    _value emotion accuracy 1
    _value emotion log_loss 0.164252033486018
    cut -d, -f1-4 p.csv >labels.csv
    _exits 0 evaluate labels.csv --trials t.tsv -f csv
    _value emotion kappa 1
    _undefined emotion log_loss
    sed 's/,sad/,mad/' labels.csv >bad.csv
    _exits 1 evaluate bad.csv --trials t.tsv
    _complains 'bad.csv:3: column "emotion": "mad" is no class'
}

rows_of_features_are_judged_against_a_table() {
    {
        printf 'trial\tgroup\tvalence\tfeatures.x\n'
        printf 'a\tg\t1\tx.h5#f:0\nb\tg\t2\tx.h5#f:1\nc\th\t4\tx.h5#f:3\n'
    } >t.tsv
    _sidecar t.json "\"valence\": {$_number}"
    printf 'row,start_s,end_s,valence\n0,n/a,n/a,1.5\n1,n/a,n/a,2.5\n2,n/a,n/a,9\n3,n/a,n/a,4.5\n' >p.csv
    _exits 0 evaluate p.csv --trials t.tsv -f csv
    _value valence mae 0.5
    _complains '1 of 4 predictions belong to no trial, "2" (line 4)'
    sed 's/x.h5#f:3/y.h5#f:3/' t.tsv >two.tsv
    cp t.json two.json
    _exits 1 evaluate p.csv --trials two.tsv
    _complains "may be of x.h5#f or y.h5#f"
}

what_belongs_to_no_trial_is_told() {
    _persons
    printf 'input,start_s,end_s,valence\nA.JPG,n/a,n/a,1\nb.jpg,n/a,n/a,2\nC.jpg,n/a,n/a,3\nzz.jpg,n/a,n/a,9\n' >p.csv
    _exits 0 evaluate p.csv --trials persons.tsv -f csv
    _complains "3 of 4 predictions belong to no trial, \"A.JPG\" (line 2)"
    sed 's/^input/path/' p.csv >none.csv
    _exits 1 evaluate none.csv --trials persons.tsv
    _complains 'no column "trial", "input" or "row"'
}

# Rounding makes 4.1 and 0.1 vary by 1e-16.
constants_have_no_correlation() {
    awk 'BEGIN { print "trial,v_truth,v_prediction"; for (i = 0; i < 10; i++) print i "," 1 + i % 5 ",4.1" }' >p.csv
    _exits 0 evaluate p.csv -f csv
    _undefined v r
    awk 'BEGIN { print "trial,v_truth,v_prediction"; for (i = 0; i < 10; i++) print i ",0.1," 1 + i % 5 }' >p.csv
    _exits 0 evaluate p.csv -f csv
    _undefined v r
    _undefined v r2
    # predictions that are the null prediction but for rounding of floats
    awk 'BEGIN { print "trial,fold,v_truth,v_prediction,v_null"
        for (i = 0; i < 10; i++) printf "%d,%d,%d,%s,%s\n", i, i % 2, 1 + i % 5,
            i % 2 ? "4.0999999" : "4.3000002", i % 2 ? "4.1" : "4.3" }' >p.csv
    _exits 0 evaluate p.csv -f csv
    _undefined v r
}

rated_rows_without_a_prediction_are_told() {
    printf 'trial,v_truth,v_prediction\n1,1,n/a\n2,2,2.1\n3,3,3\n4,4,n/a\n5,n/a,n/a\n6,1,1.1\n' >p.csv
    _exits 0 evaluate p.csv
    _complains "p.csv:2: 2 of 5 rated rows have no prediction of v"
    printf 'trial,v_truth,v_prediction\n1,1,1\n2,2,2\n3,3,3\n4,4,4\n6,1,2\n' >q.csv
    _exits 0 compare q.csv p.csv
    _complains "2 of 5 rated rows have no prediction of v"
    printf 'trial,v_truth,v_prediction\n1,1,1\n2,2,inf\n3,3,3\n' >p.csv
    _exits 1 evaluate p.csv
    _complains 'p.csv:3: column "v_prediction": an infinite number'
    [ ! -s out ] || _fail "figures were begun"
    printf 'trial,v_truth,v_prediction\n1,-inf,1\n2,2,2\n3,3,3\n' >p.csv
    _exits 1 compare q.csv p.csv
    _exits 1 evaluate p.csv
    _complains 'p.csv:2: column "v_truth"'
}

figures_have_all_digits_for_programs_and_four_for_people() {
    awk 'BEGIN { print "trial,scr_truth,scr_prediction"
        for (i = 0; i < 8; i++) printf "%d,%.6f,%.7f\n", i, i / 1e5, i / 1e5 + (i % 2 ? -3.4e-5 : 3.4e-5) }' >p.csv
    _exits 0 evaluate p.csv
    grep -qP '^scr\trmse\t8\t8\t3.4e-05\t' out || _fail "a small figure is rounded to nothing"
    grep -qP '^scr\tr\t8\t8\t0\.\d{4}\t' out || _fail "not four decimals"
    _exits 0 evaluate p.csv -f csv
    _got=$(awk -F, '$2 == "rmse" { print $5 * 1e5 }' out)
    awk -v a="$_got" 'BEGIN { exit !(a > 3.3999999 && a < 3.4000001) }' || _fail "rmse is $_got"
    awk -F, '$2 == "r" && length($5) < 12 { exit 1 }' out || _fail "digits are missing"
    printf 'trial,v_truth,v_prediction\n1,1,1e40\n2,2,2\n3,3,3\n' >big.csv
    _exits 0 evaluate big.csv -f jsonl
    grep '"rmse"' out | grep -q '"value": 5.7735[0-9]*e+39' || _fail "a large figure is cut"
    printf 'trial,v_truth,v_prediction\n1,1,1\n2,1,2\n3,1,3\n' >constant.csv
    _exits 0 evaluate constant.csv -f jsonl
    grep '"metric": "r"' out | grep -q '"value": null' || _fail "no null"
}

rounded_probabilities_are_taken_and_others_told() {
    printf 'trial,e_truth,e_prediction,e_p_a,e_p_b,e_p_c\n1,a,a,0.33,0.33,0.33\n2,b,a,0.34,0.33,0.33\n' >p.csv
    _exits 0 evaluate p.csv -f csv
    _complains "p.csv:2: in 1 rows, this one first, the probabilities of e are rounded"
    # ln 3 and -ln .33
    _value e log_loss 1.1036375
    sed 's/0.34/0.54/' p.csv >bad.csv
    _exits 1 evaluate bad.csv
    _complains "bad.csv:3: the probabilities of e sum to 1.2"
    [ ! -s out ] || _fail "figures were begun"
}

# 20 people × 40 rows whose means differ, and a feature that knows nothing: each fold's model
# is made around the mean of the others, which runs against the truth.
noise_has_no_correlation_and_gains_nothing() {
    awk 'function normal() { s = -6; for (k = 0; k < 12; k++) s += rand(); return s }
        BEGIN {
            srand(5)
            print "trial\tgroup\tvalence\tfeatures.x" >"t.tsv"
            print "a,b,c" >"x.csv"
            for (p = 0; p < 20; p++) {
                own = normal()
                for (i = 0; i < 40; i++) {
                    row = 40 * p + i
                    printf "%d\tp%02d\t%.6f\tx.csv#%d\n", row, p, 4 + own + normal(), row >"t.tsv"
                    printf "%.6f,%.6f,%.6f\n", normal(), normal(), normal() >"x.csv"
                }
            }
        }'
    _sidecar t.json '"valence": {"range": [-4, 12], "unit": "u", "construct": "evoked", "perspective": "subjective"}'
    cat >s.yaml <<END
trials: t.tsv
method: network
inputs: [x]
model: {name: linear}
epochs: 10
batch: 100
optimiser: {rate: 0.03}
folds: {rule: leave-one-group-out}
END
    _exits 0 train s.yaml --threads 2 -o run
    head -1 run/predictions.csv | grep -q ',valence_truth,valence_prediction,valence_null' ||
        _fail "no column of the null prediction"
    _exits 0 evaluate run -f csv
    awk -F, '$2 == "r" { seen = 1; if ($6 > 0 || $7 < 0) exit 1 } END { exit !seen }' out ||
        _fail "the interval of r shuts out 0"
    _exits 0 compare run --baseline -f csv
    awk -F, '$2 == "r" || $2 == "r2" { seen++; if ($8 > 0) exit 1 } END { exit seen != 2 }' out ||
        _fail "noise gains over the mean"
    awk -F, '$2 == "r" && ($6 != 0 || $8 > 0 || $9 < 0) { exit 1 }' out ||
        _fail "noise has a gain in r"
    # what was told before: without the null prediction
    cut -d, -f1-8 run/predictions.csv >old.csv
    _exits 0 evaluate old.csv -f csv
    awk -F, '$2 == "r" { exit !($7 < 0) }' out || _fail "the trap is gone: nothing is tested"
    _complains "without a column valence_null"
}

# 60 pairs in 20 groups: prediction 1 … 6, truth twice as far from 3.5 as predicted, every
# interval holds all but the top third's.
_bounded() {
    awk 'BEGIN { print "trial,group,half,v_truth,v_prediction,v_low,v_high"
        for (i = 0; i < 60; i++) { p = 1 + i / 12; t = 3.5 + 2 * (p - 3.5)
            printf "t%d,g%d,%s,%.9f,%.9f,%.9f,%.9f\n", i, i % 20, i % 2 ? "a" : "b", t, p,
                i < 40 ? t - 1 : t + 1, t + 2 } }' >bounded.csv
}

evaluate_checks_intervals_by_thirds_and_the_slope() {
    _bounded
    _exits 0 evaluate bounded.csv --calibration -f csv
    grep -qE "^v,slope,60,20,(2|1\.99999999|2\.00000000)" out || _fail "the slope is not 2: $(grep slope out)"
    grep -q "^v,covered,60,20,0.66666" out || _fail "$(grep covered out)"
    grep -q "^v,covered_low,20,20,1," out || _fail "$(grep covered_low out)"
    grep -q "^v,covered_high,20,20,0," out || _fail "$(grep covered_high out)"
    grep -q "^v,width,60,20,2.333" out || _fail "$(grep width out)"
    # the upper third is narrow: all of it stands for any part of it
    _value v 'rmse[narrowest 20%]' "$(awk 'BEGIN { for (i = 40; i < 60; i++) s += (i / 12 - 2.5) ^ 2; printf "%.9f", sqrt(s / 20) }')"
    _value v 'rmse[narrowest 50%]' "$(awk 'BEGIN { for (i = 0; i < 60; i++) s += (i < 40 ? 0.25 : 1) * (i / 12 - 2.5) ^ 2; printf "%.9f", sqrt(s / 30) }')"
}

evaluate_by_a_column_tells_each_value_and_its_gap() {
    _bounded
    _exits 0 evaluate bounded.csv --by half -f csv --repeats 200
    whole=$(awk -F, '$2 == "mae[a]" { a = $5 } $2 == "mae[b]" { b = $5 }
        $2 == "mae[a]-rest" { gap = $5; low = $6; high = $7 }
        END { d = a - b - gap; print (d < 1e-9 && d > -1e-9 && low <= gap && gap <= high) }' out)
    [ "$whole" = 1 ] || _fail "the gap is not the difference: $(cat out)"
    grep -q "^v,r\[a\],30,10," out || _fail "$(cat out)"
    _exits 1 evaluate bounded.csv --by halves
    _complains "halves"
}

# By what the pictures hold: a copy under another name is the same picture.
rows_that_the_model_was_trained_on_are_left_out() {
    mkdir set
    cp "$FILES/pictures/1.png" set/copy.png
    cp "$FILES/pictures/2.png" set/2.png
    cp "$SOURCE/tests/golden/pictures/420.jpg" set/new.jpg
    printf 'trial\timage\tgroup\tvalence\tarousal\n' >t.tsv
    printf 'a\tset/copy.png\ta\t2\t3\nb\tset/2.png\tb\t3\t4\nc\tset/new.jpg\tc\t5\t5\n' >>t.tsv
    cp "$FILES/trials.json" t.json
    _predict 0 set -o p.csv
    [ "$(sed 's/.*,//' p.csv | tr '\n' ' ')" = "trained_on yes yes no " ] ||
        _fail "$(sed 's/.*,//' p.csv | tr '\n' ' ')"
    _exits 0 evaluate p.csv --trials t.tsv -f csv
    _complains "trained on the inputs of 2 of 3 rows" "--in-sample"
    grep -q '^valence,rmse,1,1,' out || _fail "not one row"
    _exits 0 evaluate p.csv --trials t.tsv -f csv --in-sample
    _complains "2 of 3 rows: figures with them say less"
    grep -q '^valence,rmse,3,3,' out || _fail "not three rows"
    grep -v new.jpg p.csv >seen.csv
    _exits 1 evaluate seen.csv --trials t.tsv
    _complains "trained on the inputs of all 2 rows" "--in-sample"
    # of a trial table, and of moments of a film, which are none of its rows
    _predict 0 t.tsv -o q.csv
    [ "$(grep -c ',yes$' q.csv)" -eq 2 ] || _fail "the rows of a table are not known"
    _predict 0 "$SOURCE/tests/golden/films/small.mp4" -o f.csv
    ! grep -Eq ',(yes|no)$' f.csv || _fail "moments of a film"
    _exits 0 models show "$FILES/run/model.safetensors"
    _says '"fingerprints": "kept, 12 hex digits each"'
}

calibration_of_classes_is_told() {
    awk 'BEGIN { print "trial,e_truth,e_prediction,e_p_a,e_p_b"
        for (i = 0; i < 100; i++) print i "," (i % 10 < 8 ? "a" : "b") ",a," (i < 50 ? 0.9 : 0.7) "," (i < 50 ? 0.1 : 0.3) }' >p.csv
    _exits 0 evaluate p.csv --calibration -f csv
    # right in 80 of 100; bins of 0.9 and 0.7, each off by a tenth
    grep '^e,ece,' out | cut -d, -f5 | grep -qE '^0\.(1|09999|10000)' || _fail "ECE is not a tenth"
    grep -q '^e,accuracy\[surest 50%\],100,.*,0.8,' out || _fail "no curve of abstention"
    # rows 0 to 7 of ten have thresholds of 0.3: sets {a} at 0.9, {a, b} at 0.7; without the
    # others' part half of the wrong rows are gone, and the threshold is 0.7: {a} alone
    _exits 0 evaluate p.csv --calibration -f csv --level 0.85
    _value e set_covered 0.8
    _value e set_size 1.4
}

variances_of_persons_and_stimuli_are_told() {
    awk 'BEGIN { print "trial,person,stimulus,group,v_truth,v_prediction"
        for (p = 0; p < 12; p++) for (s = 0; s < 15; s++)
            print p "-" s ",p" p ",s" s ",p" p "," sin(7 * p) + 2 * cos(5 * s) + sin(p * s) / 4 "," 2 * cos(5 * s) }' >p.csv
    _exits 0 evaluate p.csv --variance -f csv
    awk -F, '/variance\[stimuli\]/ { a = $5 } /variance_left\[stimuli\]/ { b = $5 } /variance\[persons\]/ { c = $5 }
        END { exit !(a > 1.5 && a < 3 && b < 0.05 && c > 0.3 && c < 0.8) }' out || _fail "other variances"
    awk -F, '/^v,variance/ { n++; if (!($6 <= $5 && $5 <= $7 && $7 > 0)) exit 1 } END { exit n != 6 }' out ||
        _fail "no intervals: $(cat out)"
    sed 's/person,/who,/' p.csv >q.csv
    _exits 1 evaluate q.csv --variance
    _complains 'has no column "person"'
}

# Of a, 8 of 10 are right in each of five groups, of b 5 of 10 in each of five others; in
# one row of each group the value is missing.
evaluate_by_a_column_tells_classes_too() {
    awk 'BEGIN { print "trial,group,half,e_truth,e_prediction,e_p_x,e_p_y"
        for (g = 0; g < 10; g++) for (i = 0; i < 11; i++) {
            right = i < (g % 2 ? 5 : 8); t = i % 2 ? "x" : "y"; p = right ? t : i % 2 ? "y" : "x"
            print g "-" i ",g" g "," (i == 10 ? "n/a" : g % 2 ? "b" : "a") "," t "," p "," (p == "x") "," (p == "y") }
        }' >p.csv
    _exits 0 evaluate p.csv --by half -f csv --repeats 200
    _value e 'accuracy[a]' 0.8
    _value e 'accuracy[b]' 0.5
    _value e 'accuracy[a]-rest' 0.3
    _value e 'accuracy[b]-rest' -0.3
    grep -q '^e,accuracy\[a\],50,5,' out || _fail "not 50 rows in 5 groups: $(cat out)"
    # each half's groups are alike: whichever are drawn, the gap is the same
    awk -F, '$2 == "accuracy[a]-rest" { exit !($6 > 0.2999 && $7 < 0.3001) }' out ||
        _fail "the interval of the gap: $(cat out)"
    # of b 3 of 5 y and 2 of 5 x are right
    _value e 'balanced_accuracy[b]' 0.5
    grep -q '^e,macro_f1\[b\]-rest,' out || _fail "no gap of macro F1"
    _exits 1 evaluate p.csv --by halves
    _complains 'has no column "halves"'
}

# A person with three ratings has figures; how far another person would be nobody knows.
a_gap_of_one_person_has_no_interval() {
    awk 'BEGIN { print "trial,group,v_truth,v_prediction,e_truth,e_prediction,e_p_x,e_p_y"
        for (i = 0; i < 33; i++) { g = i < 3 ? "a" : i % 2 ? "b" : "c"; t = i % 3 ? "x" : "y"
            printf "%d,%s,%d,%.3f,%s,x,1,0\n", i, g, 1 + i % 5, 3 + sin(i), t } }' >p.csv
    _exits 0 evaluate p.csv --by group -f csv --repeats 50
    _complains "the gap of 3 values has no interval: one side of it is of a single group"
    for _row in 'v,mae\[a\],3,1' 'v,mae\[a\]-rest,3,1' 'e,accuracy\[a\],3,1' 'e,accuracy\[b\]-rest,15,1'; do
        grep -q "^$_row,[^,]*[0-9][^,]*,n/a,n/a$" out || _fail "$_row: $(cat out)"
    done
}

predictions_without_rows_or_trials_in_common_are_told() {
    printf 'trial,group,v_truth,v_prediction\n' >none.csv
    _exits 1 evaluate none.csv
    _complains "none.csv: no row has both a rating and a prediction of v"
    printf 'trial,group,v_truth,v_prediction\n1,a,1,1\n2,b,2,3\n' >p.csv
    sed 's/^[12]/x&/' p.csv >q.csv
    _exits 1 compare p.csv q.csv
    _complains "p.csv and q.csv have no trial in common"
    [ ! -s out ] || _fail "figures were begun"
    sed 1q p.csv >one.csv
    echo 1,a,1,2 >>one.csv
    _exits 0 evaluate one.csv -f csv
    _complains "1 group has no interval"
    _undefined v r
    _undefined v r2
    grep -q '^v,mae,1,1,1,n/a,n/a$' out || _fail "no MAE of one row: $(cat out)"
}

folds_without_a_group_of_their_own_are_refused() {
    awk 'BEGIN { print "trial\tperson\tvalence\tfeatures.x"
        for (i = 0; i < 20; i++) printf "t%d\t%s\t%.3f\tx.csv#%d\n", i, i < 3 ? "a" : "b", sin(i), i }' >t.tsv
    awk 'BEGIN { for (i = 0; i < 20; i++) print sin(i) "," cos(i) }' >x.csv
    echo '{"version": 1, "name": "own", "targets": {"valence": {"range": [-1, 1],
        "unit": "rating", "construct": "evoked", "perspective": "normative"}}}' >t.json
    cat >s.yaml <<'END'
method: network
trials: t.tsv
targets: [valence]
inputs: [x]
model: {name: linear}
epochs: 1
folds: {k: 3, by: person}
END
    _exits 1 train s.yaml -o run
    _complains "s.yaml: folds: 3 folds of 2 groups: each fold needs at least one"
    sed 's/^folds.*/folds: {k: 5, by: none}\neach: person/' s.yaml >each.yaml
    _exits 1 train each.yaml -o run
    _complains "each.yaml: each: person a, 3 rows: 5 folds of 3 rows"
    sed -i '2,$s/\tb\t/\ta\t/' t.tsv
    _exits 1 train s.yaml -o run
    _complains "3 folds of 1 groups"
    [ ! -e run ] || _fail "a run was begun"
}

# A classifier of three classes on features that tell them roughly.
_three_classes() {
    mkdir -p three
    awk 'BEGIN { srand(3); for (i = 0; i < 120; i++) print i % 3 + 1.4 * (rand() + rand() - 1) "," rand() }' >three/x.csv
    awk 'BEGIN { split("fear joy rage", c, " "); print "group,emotion"
        for (i = 0; i < 120; i++) print "g" i % 24 "," c[i % 3 + 1] }' >three/labels.csv
    _exits 0 import features three --set labels=labels.csv --set arrays=x=x.csv -o three.tsv
    cat >three.yaml <<END
trials: three.tsv
method: logistic
inputs: [x]
targets: [emotion]
folds: {k: 6, by: group}
logistic: {cost: [1]}
END
}

conformal_sets_of_classes_are_in_run_model_and_predictions() {
    _three_classes
    _exits 0 train three.yaml -o run --set calibration.sets=true --set calibration.level=0.9
    head -1 run/predictions.csv | grep -q ',emotion_set$' || _fail "no column of sets"
    # What results.json tells is what the table's sets hold.
    _want=$(awk -F, 'NR > 1 { n++; split($NF, s, "|"); hit = 0; for (k in s) { hit += s[k] == $7; m++ }
        c += hit } END { printf "%.9f %.9f", c / n, m / n }' run/predictions.csv)
    _told=$(awk -F'[:,]' '/"covered"/ { c = $2 } /"size"/ { s = $2 } END { printf "%.9f %.9f", c, s }' run/results.json)
    [ "$_want" = "$_told" ] || _fail "results.json has $_told, the table $_want"
    awk -v c="${_told% *}" -v s="${_told#* }" 'BEGIN { exit !(c > 0.85 && s > 1 && s < 3) }' ||
        _fail "sets hold $_told"
    _exits 0 evaluate run --calibration -f csv
    _value emotion set_covered "${_told% *}"
    _value emotion set_size "${_told#* }"
    grep -q 'Conformal sets of emotion' run/report.html || _fail "the report has no sets"
    grep -q 'accuracy of the surest answers' run/report.html || _fail "no curve of abstention"
    _exits 0 verify run/model.safetensors
    _exits 0 predict run/model.safetensors three.tsv -o p.csv
    head -1 p.csv | grep -q 'emotion_p_rage,emotion_set' || _fail "predict has no sets"
    grep -qE 'fear\|joy|joy\|rage' p.csv || _fail "no set of two"
    _exits 0 models show run/model.safetensors
    _says '"sets": {'
    # Not asked for, there are none.
    _exits 0 train three.yaml -o plain
    ! head -1 plain/predictions.csv | grep -q set || _fail "sets that nobody asked for"
    grep -q 'accuracy of the surest answers' plain/report.html || _fail "no curve of abstention"
}

# Numbers on one feature: loud voices have twice the errors of soft ones, one trial in forty
# has neither. Its own random numbers, the same with every awk.
_two_noises() {
    mkdir -p two
    awk -v OFS=, 'function u() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
        BEGIN { seed = 7; print "group,valence" >"two/labels.csv"; print "voice" >"voices"
            for (i = 0; i < 1200; i++) { a = u(); b = u(); x = u() * 2 - 1
                z = sqrt(-2 * log(a)) * cos(6.283185307179586 * b)
                print x >"two/x.csv"
                print i % 2 ? "loud" : i % 40 ? "soft" : "n/a" >"voices"
                printf "g%d,%.6f\n", int(i / 10), 0.4 * x + (i % 2 ? 0.12 : 0.06) * z >"two/labels.csv" } }'
    _exits 0 import features two --set labels=labels.csv --set arrays=x=x.csv -o plain.tsv
    paste plain.tsv voices >two.tsv
    cp plain.json two.json
    cat >two.yaml <<END
trials: two.tsv
method: ridge
inputs: [x]
targets: [valence]
folds: {k: 5, by: group}
calibration: {intervals: one-width, level: 0.9}
END
}

# How often the intervals of a run hold the truth: of loud trials, of soft ones.
_held_by_voice() { # RUN
    awk -F, 'NR == FNR { split($0, c, "\t"); voice[c[1]] = c[5]; next }
        FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { v = voice[$at["trial"]]; n[v]++; t = $at["valence_truth"] + 0
          k[v] += t >= $at["valence_low"] + 0 && t <= $at["valence_high"] + 0 }
        END { printf "%.9f %.9f", k["loud"] / n["loud"], k["soft"] / n["soft"] }' two.tsv "$1/predictions.csv"
}

intervals_of_each_value_of_a_column_hold_in_each() {
    _two_noises
    _exits 0 train two.yaml -o one
    _exits 0 train two.yaml -o by --set calibration.by=voice
    # One width for all over-covers the one and under-covers the other.
    one=$(_held_by_voice one)
    awk -v l="${one% *}" -v s="${one#* }" 'BEGIN { exit !(l < 0.86 && s > 0.95) }' || _fail "one width: $one"
    by=$(_held_by_voice by)
    awk -v l="${by% *}" -v s="${by#* }" 'BEGIN { exit !(l > 0.88 && l < 0.92 && s > 0.88 && s < 0.92) }' ||
        _fail "by voice: $by"
    told=$(awk -F'[:,]' '/"by_value"/ { on = 1 } on && /"covered"/ { printf "%s%.9f", n++ ? " " : "", $2 }' by/results.json)
    [ "$told" = "$by" ] || _fail "results.json has $told, the table $by"
    # The run's table has the column, by which evaluate tells the same.
    _exits 0 evaluate by --by voice --calibration -f csv --repeats 20
    _value valence 'covered[loud]' "${by% *}"
    _value valence 'covered[soft]' "${by#* }"
    _value valence 'width[loud]' "$(awk -F'[:,]' '/"by_value"/ { on = 1 } on && /"width"/ { print $2; exit }' by/results.json)"
    grep -q 'Conformal intervals of valence at 0.90 by voice' by/report.html || _fail "the report has no table"
    _exits 0 verify by/model.safetensors
    # New rows: the width of their value; of no value or an unknown one that of all, told once.
    _exits 0 predict by/model.safetensors two.tsv -o p.csv
    _complains "30 of 1200 rows have no voice"
    [ "$(grep -c voice err)" = 1 ] || _fail "it is told more than once"
    sed 's/loud/shrill/' two.tsv >shrill.tsv
    _exits 0 predict by/model.safetensors shrill.tsv -o s.csv
    _complains "630 of 1200 rows have no voice"
    _exits 0 predict by/model.safetensors plain.tsv -o q.csv
    _complains "1200 of 1200 rows have no voice"
    _exits 0 predict one/model.safetensors two.tsv -o o.csv
    ! grep -q voice err || _fail "a model without values speaks of them"
    for table in p s q o; do # widths of a row without a value, a loud and a soft one
        awk -F, 'NR > 1 && NR < 5 { printf "%.5f ", $6 - $5 }' $table.csv
    done >widths
    awk '{ ok = $1 == $4 && $4 == $5 && $5 == $8 && $8 == $7 && $7 == $9 && $9 == $10 && $10 == $11 && $11 == $12
        ok = ok && $6 == $3 && $2 / $3 > 1.8 && $2 / $3 < 2.2 && $3 < $1 && $1 < $2; exit !ok }' widths ||
        _fail "widths: $(cat widths)"
    # Too few rows of a value, or no such column.
    sed '1!s/soft/loud/; 22,32s/loud/rare/' two.tsv >few.tsv
    cp two.json few.json
    _exits 0 train two.yaml -o few --set calibration.by=voice --set trials=few.tsv
    _complains 'voice, "rare" first, have fewer than 19 trials'
    _exits 1 train two.yaml -o no --set calibration.by=tone
    _complains 'has no column "tone"'
    _exits 1 train two.yaml -o no --set calibration.by=valence
    _complains "valence is a target"
    _exits 1 train two.yaml -o no --set calibration.by=voice --set calibration.intervals=plain
    _complains "set calibration.intervals"
}

the_audit_tells_a_few_lines_and_writes_all() {
    _three_classes
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print $0, "person" } NR > 1 { print $0, "p" NR % 50 }' three.tsv >t.tsv
    mv t.tsv three.tsv
    _exits 1 train three.yaml -o run
    [ "$(grep -c 'audit: person, trial' err)" -eq 3 ] || _fail "not three lines"
    _complains "audit: person: and" "more, all in run.audit.tsv"
    _n=$(sed -n 's/.*person: and \([0-9]*\) more.*/\1/p' err)
    [ "$(grep -c '^error.person' run.audit.tsv)" -eq $((_n + 3)) ] || _fail "not all are in the file"
    _exits 1 train three.yaml --check
    _complains "with -o RUN"
}

what_is_not_defined_is_told_with_its_reason() {
    "$MIEN" synth bboe --set persons=3 --set videos=30 --set rated=24 -o b --quiet || _fail "synth"
    # One person rates everything alike: their fold has no r; then all do.
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "valence") v = i
        if ($i == "person") p = i } } NR == 2 { first = $p } NR > 1 && (all || $p == first) { $v = 3 } 1' \
        b/trials.tsv >b/one.tsv
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { for (i = 1; i <= NF; i++) if ($i == "valence") v = i }
        NR > 1 { $v = 3 } 1' b/trials.tsv >b/all.tsv
    cp b/trials.json b/one.json
    cp b/trials.json b/all.json
    cat >r.yaml <<END
trials: b/one.tsv
method: ridge
targets: [valence]
inputs: [skin]
folds: {by: person, k: 3}
END
    _exits 0 train r.yaml -o one
    grep -q 'In 1 of 3 folds r of valence is not defined' one/report.html || _fail "no reason"
    _exits 0 train r.yaml -o all --set trials=b/all.tsv
    _complains "Pearson r n/a (not defined"
    _exits 1 train r.yaml -o again --set folds.repeats=2
    _complains "every assignment is the same"
    [ ! -e again ] || _fail "a folder was made"
}
