# SPDX-License-Identifier: MIT
# What is there is kept: no input is written over, nothing that mien did not make is replaced
# without --force, and what fails leaves an earlier output as it was.

# Runs the command, which must refuse and leave FILE as it is.
_keeps() { # FILE COMMAND…
    _kept=$1
    shift
    cp "$_kept" before
    _exits 1 "$@"
    cmp -s "$_kept" before || _fail "$_kept was written over"
    [ -z "$(find . -name '*.part')" ] || _fail "parts are left"
}

_predicts() { # ARGUMENT…: no weights, for what is refused before anything is read
    echo predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" "$@"
}

an_input_of_predict_is_not_written_over() {
    cp "$SOURCE/tests/golden/films/small.mp4" f.mp4
    cp "$FILES/pictures/1.png" 1.png
    mkdir set
    cp "$FILES/pictures/2.png" set/2.png
    ln -s f.mp4 link.mp4
    ln f.mp4 hard.mp4
    echo 1.png >list.txt
    cp "$FILES/run/model.safetensors" m.safetensors
    cp "$FILES/good.safetensors" w.safetensors
    for _force in '' --force; do
        # shellcheck disable=SC2086,SC2046 # words
        {
            _keeps f.mp4 $(_predicts f.mp4 -o f.mp4 $_force)
            _complains "f.mp4: is an input"
            _keeps f.mp4 $(_predicts f.mp4 -o ./link.mp4 $_force)
            _complains "is the same file as the input"
            _keeps f.mp4 $(_predicts hard.mp4 -f srt -o f.mp4 $_force)
            _keeps 1.png $(_predicts 1.png --report 1.png $_force)
            _keeps set/2.png $(_predicts set -o set/2.png $_force)
            _keeps list.txt $(_predicts list.txt -o list.txt $_force)
            _keeps 1.png $(_predicts list.txt -o 1.png $_force)
            _keeps m.safetensors predict m.safetensors 1.png -o m.safetensors $_force
            _keeps w.safetensors predict m.safetensors --weights w.safetensors 1.png \
                -o w.safetensors $_force
        }
    done
}

a_pattern_after_the_option_does_not_lose_the_first_picture() {
    for _i in 1 2 3; do cp "$FILES/pictures/$_i.png" $_i.png; done
    # shellcheck disable=SC2046 # words
    _keeps 1.png $(_predicts -o 1.png 2.png 3.png)
    _complains "1.png: is there already" "--force"
    # shellcheck disable=SC2046 # words
    _keeps 1.png $(_predicts 2.png --report 1.png)
    _complains "--force"
}

what_mien_made_is_replaced_and_the_rest_only_by_force() {
    _film=$SOURCE/tests/golden/films/small.mp4
    for _name in r.csv r.tsv r.jsonl r.srt r.vtt r.eaf r.TextGrid; do
        _predict 0 "$_film" -o $_name
        cp $_name first
        _predict 0 "$_film" -o $_name
        cmp -s $_name first || _fail "$_name: other bytes the second time"
        echo "somebody's own text, 1, 2" >$_name
        # shellcheck disable=SC2046 # words
        _keeps $_name $(_predicts "$_film" -o $_name)
        _predict 0 "$_film" -o $_name --force
        cmp -s $_name first || _fail "$_name: not replaced by --force"
    done
    _predict 0 "$_film" -o r.csv --report r.html
    _predict 0 "$_film" -o r.csv --report r.html
    echo "<p>mine</p>" >r.html
    # shellcheck disable=SC2046 # words
    _keeps r.html $(_predicts "$_film" --report r.html)
    : >empty.csv
    _predict 0 "$_film" -o empty.csv
}

a_failing_predict_leaves_the_earlier_table() {
    _predict 0 "$FILES/pictures/1.png" -o r.csv
    cp r.csv before
    _exits 1 predict "$FILES/run/model.safetensors" --weights none.safetensors \
        "$FILES/pictures/1.png" -o r.csv
    cmp -s r.csv before || _fail "the earlier rows are gone"
    _exits 1 predict none.safetensors "$FILES/pictures/1.png" -o r.csv
    cmp -s r.csv before || _fail "the earlier rows are gone"
    _predict 1 gone.png "$FILES/none" -o r.csv
    cmp -s r.csv before || _fail "no row took the place of earlier ones"
    _complains "r.csv is left as it was"
    [ -z "$(find . -name '*.part')" ] || _fail "parts are left"
}

tables_of_others_are_kept_by_every_command() {
    cp "$FILES/trials.tsv" mine.tsv
    cp -r "$FILES/pictures" .
    _keeps mine.tsv doctor mine.tsv -o mine.tsv
    _complains "is an input"
    _keeps mine.tsv doctor mine.tsv -o mine.tsv --force
    _keeps mine.tsv doctor "$FILES/trials.tsv" -o mine.tsv
    _keeps mine.tsv evaluate "$FILES/run" --repeats 10 -o mine.tsv
    _keeps mine.tsv extract --backbone mobilenet_v2 --weights "$FILES/good.safetensors" \
        --size 32 pictures/1.png -o mine.tsv
    _mien doctor "$FILES/trials.tsv" -o found.tsv
    cp found.tsv before.tsv
    _mien doctor "$FILES/trials.tsv" -o found.tsv
    cmp -s found.tsv before.tsv || _fail "findings are not written again"
}

a_report_is_not_drawn_over_the_run() {
    cp -r "$FILES/run" run
    for _name in study.yaml predictions.csv results.json trials.tsv; do
        _keeps run/$_name report run -o run/$_name
        _complains "is an input"
        _keeps run/$_name report run -o run/$_name --force
    done
    _keeps run/model.safetensors report run -o run/model.safetensors
    _exits 0 report run -o run/report.html
}

an_import_keeps_what_was_made_by_hand() {
    mkdir -p OASIS/images
    printf ',Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N\nI1,Dog 1,Animal,x,6.5,0.5,100,4.25,1.5,101\n' >OASIS/OASIS.csv
    cp "$FILES/pictures/1.png" "OASIS/images/Dog 1.jpg"
    printf 'image\tvalence\na.png\t1\n' >own.tsv
    _keeps own.tsv import oasis OASIS -o own.tsv
    printf '{"targets": {}}\n' >side.json
    _keeps side.json import oasis OASIS -o side.tsv
    _complains "side.json" "sidecar"
    [ ! -e side.tsv ] || _fail "a table beside somebody's sidecar"
    _exits 0 import oasis OASIS -o t.tsv
    _exits 0 import oasis OASIS -o t.tsv
    sed -i 's/6.5/6.25/' t.tsv
    _keeps t.tsv import oasis OASIS -o t.tsv
    _complains "was changed since"
    _exits 0 import oasis OASIS -o t.tsv --force
    grep -q 6.5 t.tsv || _fail "not imported again"
}

rows_of_an_interrupted_run_stay_beside_an_earlier_table() {
    _predict 0 "$FILES/pictures/1.png" -o rows.csv
    cp rows.csv before
    : >many.txt
    for _i in 1 2 3 4 5 6 7 8; do
        for _p in 0 1 2 3 4 5 6 7 8 9 10 11; do
            echo "$FILES/pictures/$_p.png" >>many.txt
        done
    done
    for _i in 1 2 3 4 5 6; do
        cat many.txt many.txt >more.txt
        mv more.txt many.txt
    done
    "$MIEN" predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" \
        many.txt -o rows.csv >out 2>err </dev/null &
    _pid=$!
    _i=0
    while [ $_i -lt 600 ] && [ "$(cat rows.csv.*.part 2>/dev/null | wc -l)" -lt 3 ]; do
        kill -0 "$_pid" 2>/dev/null || break
        sleep 0.1
        _i=$((_i + 1))
    done
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130"
    cmp -s rows.csv before || _fail "the earlier table is gone"
    _part=$(find . -name 'rows.csv.*.part')
    [ -n "$_part" ] || _fail "the rows are gone"
    _whole_rows "$_part"
    _complains "rows done until then are in" "$(basename "$_part")"
}

doctor_draws_what_a_table_holds() {
    _exits 0 doctor "$FILES/trials.tsv" -o found.tsv --report page.html
    for _part in "how its ratings are spread" "What was found" "<figure>" "trials"; do
        grep -q "$_part" page.html || _fail "the page lacks $_part"
    done
    _exits 1 doctor "$FILES/trials.tsv" -o found.tsv --force --report "$FILES/trials.tsv"
    echo mine >mine.html
    _exits 1 doctor "$FILES/trials.tsv" -o other.tsv --report mine.html
    # a table that cannot be opened has a page of what is wrong with it
    printf 'trial\tgroup\n' >bad.tsv
    _mien doctor bad.tsv -o found.tsv --force --report bad.html
    [ ! -e bad.html ] || grep -q "What was found" bad.html || _fail "bad.html"
}
