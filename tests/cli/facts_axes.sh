# SPDX-License-Identifier: MIT
# Studies in which a key of one value has a list: a run for each, side by side.

_axes() { # YAML…: a quick study on made features
    "$MIEN" synth bboe --set persons=4 --set videos=40 --set rated=36 -o bboe --quiet ||
        _fail "synth"
    cat >s.yaml <<END
trials: bboe/trials.tsv
method: ridge
targets: [valence]
folds: {by: person, k: 4}
audit: {allow: [stimulus]}
END
    for _line; do
        echo "$_line" >>s.yaml
    done
}

a_list_of_values_makes_a_run_for_each_and_a_table_of_paired_differences() {
    _axes 'inputs: [skin, heart]' 'standardise: [true, false]'
    _exits 0 train s.yaml -o run
    [ -f run/standardise-true/model.safetensors ] && [ -f run/standardise-false/model.safetensors ] ||
        _fail "a run is missing"
    # What the table tells is what compare and the runs' own results tell.
    _exits 0 compare run/standardise-true run/standardise-false -f csv
    _want=$(awk -F, '$2 == "r" { printf "%.9f", -$7 }' out)
    _got=$(awk -F, '$1 == "standardise-false" && $4 == "r" { printf "%.9f", $8 }' run/axes.csv)
    [ -n "$_want" ] && [ "$_want" = "$_got" ] || _fail "difference $_got, want $_want"
    awk -F, '$1 == "standardise-true" && $8 != "n/a" { exit 1 }' run/axes.csv || _fail "of itself"
    grep -q 'p by Holm' run/report.html || _fail "the report has no differences"
    _exits 0 compare run -f csv
    cp run/axes.csv before.csv
    rm -r run/standardise-false run/axes.csv run/report.html
    _exits 0 resume run
    cmp run/axes.csv before.csv || _fail "resume gives other figures"
    _exits 1 evaluate run
    _complains "name one of run/standardise-true, run/standardise-false"
    _exits 0 report run -o page.html
    grep -q 'p by Holm' page.html || _fail "the page has no differences"
    echo '# another' >>s.yaml
    rm run/axes.csv
    _exits 1 resume run
    _complains "changed since"
}

lists_that_are_no_axes_are_told() {
    _axes 'inputs: [skin]' 'seed: [1, 2]' 'name: [a, b]'
    _exits 1 train s.yaml -o run
    _complains "s.yaml:8: name" "not compared"
    sed -i '/^name/d' s.yaml
    _exits 2 train s.yaml -o run --set 'standardise=[true]'
    _complains "standardise: one value is wanted"
    _exits 2 train s.yaml -o run --set 'seed=[1, 1]'
    _complains 'stands there twice'
    _exits 2 train s.yaml --print
    _complains "--set seed=1"
    _exits 2 train s.yaml --check --set 'seed=[1, x]'
    _complains "with seed x"
    _exits 0 train s.yaml --check --set 'standardise=[true, false]' --set seed=3
    _complains "2 runs"
    _exits 1 search s.yaml -o run --over ridge.lambda='[0.1, 1]'
    _complains "only mien train takes a list"
    [ ! -e run ] || _fail "a folder was made"
}
