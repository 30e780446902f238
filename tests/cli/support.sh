# SPDX-License-Identifier: MIT
# What the facts share. A check that fails prints what was seen and ends the fact.

_fail() {
    echo "FAILED: $*" >&2
    echo "--- exit status: ${rc-none}" >&2
    for _f in out err; do
        [ -f "$_f" ] && { echo "--- $_f:"; head -c 4000 "$_f"; } >&2
    done
    exit 1
}

_skip() {
    echo "SKIPPED: $*"
    exit 77
}

# Runs the command; its streams are in the files out and err, its exit status in rc.
_mien() {
    "$MIEN" "$@" >out 2>err </dev/null
    rc=$?
}

# _mien, which must exit with the given status.
_exits() {
    _want=$1
    shift
    _mien "$@"
    [ "$rc" -eq "$_want" ] || _fail "mien $*: exit status $rc, want $_want"
}

_says() { # TEXT…: all of them on standard output
    for _text; do
        grep -qF -- "$_text" out || _fail "\"$_text\" is not in the output"
    done
}

_complains() { # TEXT…: all of them on standard error
    for _text; do
        grep -qF -- "$_text" err || _fail "\"$_text\" is not among the errors"
    done
}

_is_quiet() { # nothing on standard error
    [ ! -s err ] || _fail "standard error is not empty"
}

_lines() { # N FILE
    _n=$(wc -l <"$2")
    [ "$_n" -eq "$1" ] || _fail "$2 has $_n lines, want $1"
}

# Every row has as many cells as the first, and the file ends in a line break.
_whole_rows() { # FILE
    [ -z "$(tail -c 1 "$1")" ] || _fail "$1 ends in the middle of a row"
    awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' "$1" || _fail "$1 has ragged rows"
}

# No crash: a signal's death gives 128 and more.
_no_crash() {
    [ "$rc" -lt 128 ] || _fail "died of signal $((rc - 128))"
}

_predict() { # STATUS INPUT…
    _want=$1
    shift
    _exits "$_want" predict "$FILES/run/model.safetensors" \
        --weights "$FILES/good.safetensors" --threads 2 "$@"
}

_needs() { # PROGRAM
    command -v "$1" >/dev/null || _skip "$1 is not here"
}

# The byte at an offset changed to its complement.
_flip() { # FILE OFFSET
    _byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    printf "\\$(printf %03o $((255 - _byte)))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

_films() { # YAML…: a study on made films, and lines after those that it has
    "$MIEN" synth cognimuse -o films --films 3 --segments 20 --quiet || _fail "synth"
    cat >s.yaml <<END
trials: films/trials.tsv
method: network
inputs: [vggish, flownet]
targets: [arousal]
model: {name: aan, width: 4, layers: 1, heads: 2}
folds: {rule: leave-one-group-out}
batch: 8
epochs: 4
bootstrap: {repeats: 20}
END
    for _line; do
        echo "$_line" >>s.yaml
    done
}

# 60 rows of 12 groups: y = x1 - x2 and a little noise; x3 says nothing.
_planted() { # [SHIFT]: of the first rows' ratings
    awk -v shift="${1-0}" 'BEGIN {
        srand(7)
        print "trial\tgroup\tx1\tx2\tx3\tmood"
        for (i = 0; i < 60; i++) {
            a = rand() * 2 - 1; b = rand() * 2 - 1; c = rand() * 2 - 1; e = rand() - 0.5
            y = 4 + 1.2 * a - 1.2 * b + 0.2 * e
            if (i % 12 == 5) y = shift ? 8 - y : y
            printf "t%d\tg%d\t%.4f\t%.4f\t%.4f\t%.4f\n", i, i % 12, a, b, c, y
        }
    }' >planted.tsv
    cat >planted.json <<'END'
{"version": 1, "name": "planted", "targets": {"mood": {"range": [1, 7], "unit": "rating",
 "construct": "evoked", "perspective": "normative"}}}
END
    cat >study.yaml <<'END'
trials: planted.tsv
method: network
targets: [mood]
inputs:
  x1: {kind: number}
  x2: {kind: number}
  x3: {kind: number}
fusion: {name: concat}
epochs: 12
batch: 8
folds: {k: 3}
search:
  inner: {k: 2}
END
}
