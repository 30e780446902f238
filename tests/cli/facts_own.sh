# SPDX-License-Identifier: MIT
# Data of one's own: imported, looked over, and a study that trains as it is written.

_labels() { # FOLDER FORMAT: x.npy's stand-in of 40 rows, two values each, and labels.csv
    mkdir -p "$1"
    awk 'BEGIN { for (i = 0; i < 40; i++) print sin(i) "," cos(3 * i) }' >"$1/x.csv"
    awk -v format="$2" 'BEGIN {
        print format == "class" ? "group,emotion" : "group,valence"
        for (i = 0; i < 40; i++)
            print "g" i % 8 "," (format == "class" ? (i % 2 ? "joy" : "fear") : sin(i) / 2)
    }' >"$1/labels.csv"
}

# The made numbers are half of the first value: the study says that this is meant.
_allows_target() {
    echo 'audit: {allow: [target]}' >>study.yaml
}

_trains() { # TABLE: the study of a table is right and trains
    _exits 0 study "$1" -o study.yaml
    _allows_target
    _exits 0 train study.yaml --check
    _exits 0 train study.yaml -o run --set bootstrap.repeats=100
    [ -f run/results.json ] || _fail "no results"
}

a_study_of_features_with_numbers_trains_as_written() {
    _labels own numbers
    _exits 0 import features own --set labels=labels.csv --set arrays=x=x.csv -o own.tsv
    _trains own.tsv
    grep -q 'model: {name: linear}' study.yaml || _fail "another model"
    grep -q 'k: 8, by: group' study.yaml || _fail "other folds"
}

a_study_of_features_with_classes_trains_as_written() {
    _labels own class
    _exits 0 import features own --set labels=labels.csv --set arrays=x=x.csv -o own.tsv
    _trains own.tsv
    grep -q 'class-weights' study.yaml || _fail "no weights"
}

a_study_of_films_leaves_each_out() {
    _exits 0 synth cognimuse --films 3 --segments 20 -o films
    _trains films/trials.tsv
    grep -q 'trials: "films/trials.tsv"' study.yaml || _fail "another path"
    grep -q 'leave-one-group-out' study.yaml || _fail "other folds"
}

a_study_is_not_written_over_and_knows_what_is_missing() {
    _labels own numbers
    _exits 0 import features own --set labels=labels.csv --set arrays=x=x.csv -o own.tsv
    echo mine >study.yaml
    _exits 1 study own.tsv -o study.yaml
    _complains "is there already"
    [ "$(cat study.yaml)" = mine ] || _fail "written over"
    cut -f1-3 own.tsv >bare.tsv
    cp own.json bare.json
    _exits 1 study bare.tsv
    _complains "neither a column image nor one called features.NAME"
    _exits 0 study own.tsv
    _says "method: network"
}

what_the_issue_shows_is_refused() {
    [ -d "${MIEN_TEST_SHARED:-/nowhere}/cases/data" ] || _skip "no shared data"
    C=$MIEN_TEST_SHARED/cases/data
    for case in none dash typo decimal_comma; do
        _exits 1 import features "$C/01-numbers-become-classes/$case" -o a.tsv
        _complains "labels.csv:"
    done
    for case in zero_one fer_0_to_6; do
        _exits 1 import features "$C/09-numeric-classes/$case" -o a.tsv
        _complains "are they classes (classes=emotion)"
        _exits 0 import features "$C/09-numeric-classes/$case" --set classes=emotion -o a.tsv
        grep -q '"classes"' a.json || _fail "no classes"
    done
    _exits 1 train "$C/10-model-not-written/label_of_64_bytes/s.yaml" -o run
    _complains "has 64 bytes"
    [ ! -e run ] || _fail "a run folder was made"
    _exits 1 train "$C/10-model-not-written/target_named_row/s.yaml" -o run
    _complains "rename the target"
    for case in groups labels; do
        _exits 0 import features "$C/11-names-that-differ-by-a-blank/$case" -o a.tsv
        _mien doctor a.tsv
        _says "differ only by blanks, case or leading zeros"
    done
}

# What train refuses before it makes a folder, --check does.
_check_refuses() { # WORDS TRAIN-OPTION…
    _words=$1
    shift
    _exits 1 train study.yaml --check "$@"
    _complains "$_words"
    _exits 1 train study.yaml -o refused "$@"
    _complains "$_words"
    [ ! -e refused ] || _fail "a folder was made"
}

check_refuses_what_train_refuses() {
    _labels own numbers
    _exits 0 import features own --set labels=labels.csv --set arrays=x=x.csv -o own.tsv
    _exits 0 study own.tsv -o study.yaml
    _allows_target
    _check_refuses "warm" --set schedule.warmup=100000
    _check_refuses "batch" --set batch=1000
    awk -F'\t' -v OFS='\t' 'NR == 3 { $3 = 7 } { print }' own.tsv >high.tsv
    cp own.json high.json
    sed 's/own.tsv/high.tsv/' study.yaml >s.yaml && mv s.yaml study.yaml
    _check_refuses "high.tsv:3: valence is \"7\", outside [-1, 1] of the sidecar (1 of 40 rows"
}

classes_for_a_read_out_are_refused_by_check() {
    printf 'trial\tgroup\timage\temotion\n' >t.tsv
    for i in 1 2 3 4; do
        printf 't%d\tg%d\t%s\tjoy\n' "$i" "$i" "$FILES/pictures/$i.png" >>t.tsv
    done
    echo '{"version": 2, "targets": {"emotion": {"classes": ["joy", "fear"], "construct":
        "evoked", "perspective": "normative"}}}' >t.json
    printf 'trials: t.tsv\nfolds: {k: 2}\n' >study.yaml
    _check_refuses "t.tsv: 0 targets"
}

a_folder_of_a_run_that_never_began_is_taken() {
    _labels own numbers
    _exits 0 import features own --set labels=labels.csv --set arrays=x=x.csv -o own.tsv
    _exits 0 study own.tsv -o study.yaml
    _allows_target
    mkdir run
    echo x >run/study.yaml
    _exits 1 train study.yaml -o run --set epochs=1
    _complains "is not empty"
    echo 1 >run/run.lock # as a killed process leaves it
    _exits 0 train study.yaml -o run --set epochs=1 --set bootstrap.repeats=100
    (cd run && sha256sum -c --quiet SHA256SUMS) || _fail "SHA256SUMS"
}

leaks_end_a_training_that_audits() {
    _labels own numbers
    _exits 0 import features own --set labels=labels.csv --set arrays=x=x.csv -o own.tsv
    awk 'BEGIN { FS = OFS = "\t" } NR == 1 { print $0, "person"; next }
        { print $0, (NR == 3 ? "p1" : "p" NR) } END { }' own.tsv >t.tsv
    sed -i '2s/p2$/p1/' t.tsv
    mv t.tsv own.tsv
    _exits 0 study own.tsv -o study.yaml
    _exits 0 train study.yaml --check --set audit.leaks=tell
    _complains "audit: person" "audit: target"
    _exits 0 train study.yaml --check --set audit.leaks=off
    _complains "audit: off"
    # By default the command ends, and names the trials.
    _exits 1 train study.yaml --check
    _complains "audit: person, trial 000000: person p1 is here and in trial 000001" "the audit found" "allow"
    _exits 1 train study.yaml -o run
    [ ! -e run ] || _fail "a folder was made"
    # valence is half of the first value: that is found too, and has a kind of its own
    _exits 1 train study.yaml --check --set audit.allow=person
    _complains "allowed: person" "audit: target" "found 1 leaks"
    _exits 0 train study.yaml --check --set "audit.allow=person;target"
    _complains "allowed: person" "allowed: target"
    echo 'audit: {allow: [person, target]}' >>study.yaml
    _exits 0 train study.yaml -o run --set epochs=1 --set bootstrap.repeats=100
    _complains "allowed: person" "allowed: target"
    [ -f run/results.json ] || _fail "no results"
}
