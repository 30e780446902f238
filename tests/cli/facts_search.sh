# SPDX-License-Identifier: MIT
# mien search: what is planted is found inside the folds, and a search that was killed goes on.

_found() { # OPTION…: the best rate of four is chosen in every fold and on all rows
    _planted
    _exits 0 search study.yaml -o run --quiet --threads 2 "$@"
    (cd run && sha256sum -c --quiet SHA256SUMS) || _fail "SHA256SUMS"
    [ "$(grep -c ',yes,' run/search.csv)" -eq 4 ] || _fail "not one choice a search"
    ! awk -F, '$3 == "yes" && ($4 < 0.002 || $4 > 0.5)' run/search.csv | grep . ||
        _fail "another rate is chosen"
    _exits 0 evaluate run --format csv
    awk -F, '$2 == "r" && $5 < 0.8 { exit 1 }' out || _fail "what was chosen predicts badly"
    grep -q "rate: 0.0*[1-9]" run/chosen.yaml || _fail "chosen.yaml has no rate"
    ! grep -q "^search" run/chosen.yaml || _fail "chosen.yaml is searched again"
}

grid_finds_what_is_planted() {
    _found --set search.name=grid --over 'optimiser.rate=[1e-8, 1e-6, 0.03, 1e-7]'
    [ "$(wc -l <run/search.csv)" -eq 17 ] || _fail "not 4 points in 4 searches"
    _exits 0 train run/chosen.yaml -o again --quiet
    cmp -s run/model.safetensors again/model.safetensors || true
    grep -q "What was searched" run/report.html || _fail "the page does not tell the search"
    grep -q "Points of the search" run/report.html || _fail "nor draw it"
}

random_finds_what_is_planted() {
    _found --set search.name=random --set search.points=8 --over 'optimiser.rate=1e-4..0.5 log'
}

tpe_finds_what_is_planted() {
    _found --set search.points=10 --set search.startup=5 --over 'optimiser.rate=1e-4..0.5 log'
}

halving_finds_what_is_planted() {
    _found --set search.name=halving --set search.points=9 --over 'optimiser.rate=1e-4..0.5 log'
    [ "$(wc -l <run/search.csv)" -eq 53 ] || _fail "not 9 + 3 + 1 points in 4 searches"
}

heads_fitted_at_once_are_searched() {
    _planted
    sed -i 's/^method:.*/method: ridge/; /^epochs/d' study.yaml
    _exits 0 search study.yaml -o run --quiet --set search.name=grid \
        --over 'ridge.lambda=[[0.0001], [0.01], [10000], [1000000]]'
    [ "$(grep -c ',yes,' run/search.csv)" -eq 4 ] || _fail "not one choice a search"
    ! grep ',yes,10*,' run/search.csv || _fail "what shrinks everything is chosen"
    _exits 0 train run/chosen.yaml -o again --quiet
}

a_choice_never_sees_the_rows_that_it_is_judged_by() {
    _planted
    _exits 0 search study.yaml -o one --quiet --set search.name=grid \
        --over 'optimiser.rate=[1e-4, 0.001, 0.03]'
    # the fold of group g5, whose ratings are turned round
    _fold=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $at["group"] == "g5" { print $at["fold"]; exit }' one/trials.tsv)
    [ -n "$_fold" ] || _fail "no fold"
    _planted 1
    _exits 0 search study.yaml -o two --quiet --set search.name=grid \
        --over 'optimiser.rate=[1e-4, 0.001, 0.03]'
    grep "^fold-$_fold," one/search.csv >a
    grep "^fold-$_fold," two/search.csv >b
    _lines 3 a
    cmp -s a b || _fail "points of fold $_fold know its own rows"
    grep -v "^fold-$_fold," one/search.csv >a
    grep -v "^fold-$_fold," two/search.csv >b
    ! cmp -s a b || _fail "the ratings change nothing elsewhere: this test tells nothing"
}

a_search_that_is_killed_goes_on() {
    _planted
    set -- --quiet --threads 1 --set epochs=150 --set search.points=6 --set search.startup=3 \
        --over 'optimiser.rate=1e-5..0.1 log' --over 'head.layers=[[], [4]]'
    _exits 0 search study.yaml -o whole "$@"
    "$MIEN" search study.yaml -o run "$@" >out 2>err </dev/null &
    _pid=$!
    _i=0
    while [ $_i -lt 600 ] && [ ! -e run/fold-1 ]; do
        sleep 0.02
        _i=$((_i + 1))
    done
    kill -KILL "$_pid" 2>/dev/null
    wait "$_pid"
    [ ! -e run/SHA256SUMS ] || _fail "it was not killed at all"
    _exits 0 resume run --quiet
    for _f in search.csv predictions.csv results.json chosen.yaml; do
        cmp -s "run/$_f" "whole/$_f" || _fail "$_f is another"
    done
    _exits 0 resume run --quiet
    # one that is changed is told
    echo "epochs: 3" >>run/given.yaml
    rm run/SHA256SUMS
    _exits 1 resume run --quiet
    _complains "given.yaml changed since the search began"
}

mistakes_in_a_search_are_told() {
    _planted
    _exits 1 search study.yaml -o run --over 'optimiser.rat=1e-5..0.1'
    _complains 'search.over: optimiser.rat'
    _exits 1 search study.yaml -o run --over 'optimizer.rate=[1, 2]'
    _complains '"optimizer.rate"' 'optimiser.rate'
    _exits 1 search study.yaml -o run --over 'epochs=[5, many]'
    _complains 'search.over: epochs' 'many'
    _exits 1 search study.yaml -o run --over 'folds.k=[2, 3]'
    _complains "says what is judged"
    _exits 2 search study.yaml -o run --over 'epochs=5'
    _complains "a range as"
    _exits 2 search study.yaml -o run
    _complains "nothing is searched"
    _exits 1 search study.yaml -o run --over 'epochs=1..3' --set search.name=annealing
    _complains "grid, random, tpe, halving"
    _exits 1 search study.yaml -o run --over 'epochs=1..3' --set search.score=accuracy
    _complains '"accuracy" is no score of mood'
    _exits 2 search study.yaml --over 'epochs=1..3'
    _complains "-o RUN is missing"
    _exits 2 search planted.tsv -o run
    _complains "is a table"
    [ ! -e run ] || _fail "a folder is left"
    _exits 0 search study.yaml --check --over 'epochs=1..3'
    _complains "can be searched"
}

s4_search_fits_its_look_alike() {
    _exits 0 synth affectnet --set train=160 --set validation=80 --set size=48 -o faces
    _exits 0 search "$SOURCE/studies/s4-search.yaml" --check --set trials="$PWD/faces/trials.tsv" \
        --weights random
}
