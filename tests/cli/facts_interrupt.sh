# SPDX-License-Identifier: MIT
# An interrupt: exit status 130, and what was written stays whole.

_long_list() {
    : >many.txt
    for _i in 1 2 3 4 5 6 7 8 9 10; do
        for _p in 0 1 2 3 4 5 6 7 8 9 10 11; do
            echo "$FILES/pictures/$_p.png" >>many.txt
        done
    done
    for _i in 1 2 3 4 5 6; do
        cat many.txt many.txt >more.txt
        mv more.txt many.txt
    done
}

# Waits until the file that grows beside FILE has rows (or the program has ended).
_wait_for_rows() { # FILE PID
    _i=0
    while [ $_i -lt 600 ] && [ "$(cat "$1".*.part 2>/dev/null | wc -l)" -lt 3 ]; do
        kill -0 "$2" 2>/dev/null || break
        sleep 0.1
        _i=$((_i + 1))
    done
}

_interrupted() { # SIGNAL
    _long_list
    "$MIEN" predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" \
        many.txt -o rows.csv >out 2>err </dev/null &
    _pid=$!
    _wait_for_rows rows.csv "$_pid"
    kill "-$1" "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130"
    _complains interrupted "rows done until then are in" rows.csv
    _whole_rows rows.csv
    [ "$(wc -l <rows.csv)" -ge 3 ] || _fail "the rows are gone"
    [ "$(wc -l <rows.csv)" -le 7680 ] || _fail "it was not interrupted at all"
}

an_interrupt_leaves_whole_rows() {
    _interrupted INT
}

a_polite_kill_leaves_whole_rows() {
    _interrupted TERM
}

an_interrupted_run_leaves_no_half_files() {
    "$MIEN" train "$FILES/study.yaml" -o run --weights "$FILES/good.safetensors" \
        --set intervals=bootstrap --set bootstrap.repeats=1000000 >out 2>err </dev/null &
    _pid=$!
    sleep 0.5
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130"
    _complains "mien resume run"
    [ -z "$(find run -name '*.part')" ] || _fail "half a file: $(find run -name '*.part')"
    [ ! -e run/SHA256SUMS ] || _fail "half a run looks whole"
}

# Ends within a second of the first interrupt, without a second one. The slack is for a machine
# that does other things as well.
_ends_soon() { # COMMAND…
    "$MIEN" "$@" >out 2>err </dev/null &
    _pid=$!
    sleep 0.7
    kill -0 "$_pid" 2>/dev/null || _fail "mien $*: ended by itself: $(cat err)"
    _before=$(date +%s%N)
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    _ms=$((($(date +%s%N) - _before) / 1000000))
    [ "$rc" -eq 130 ] || _fail "mien $*: exit status $rc, want 130"
    _complains "mien: interrupted"
    [ "$_ms" -lt 3000 ] || _fail "mien $*: took $_ms ms to stop"
}

whatever_only_computes_ends_at_the_first_interrupt() {
    awk 'BEGIN { print "trial,group,valence_truth,valence_prediction,valence_null"
        for (i = 0; i < 4000; i++) print "t" i ",g" i "," i % 7 "," i % 5 "," 3 + i % 2 }' >run.csv
    _ends_soon evaluate run.csv --intervals bootstrap --repeats 1000000
    cp run.csv other.csv
    _ends_soon compare run.csv other.csv --intervals bootstrap --repeats 1000000
    { printf 'P6\n2000 2000\n255\n'; head -c 12000000 /dev/zero; } >big.ppm
    printf 'trial\timage\tvalence\tgroup\n' >many.tsv
    _i=0
    while [ $_i -lt 500 ]; do
        ln -s big.ppm "p$_i.ppm"
        printf 't%d\tp%d.ppm\t0.%d\tg%d\n' $_i $_i $_i $_i >>many.tsv
        _i=$((_i + 1))
    done
    _ends_soon doctor many.tsv
}
