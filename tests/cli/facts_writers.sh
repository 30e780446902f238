# SPDX-License-Identifier: MIT
# A full disk, a place that cannot be written: told, and never in silence; a reader that has left
# (| head): silence, and no more work.

_full() { # COMMAND…: must exit with 1 and name the full device
    _exits 1 "$@"
    _complains "/dev/full"
}

_full_output() { # COMMAND…: the same with standard output on it
    "$MIEN" "$@" >/dev/full 2>err </dev/null
    rc=$?
    [ "$rc" -eq 1 ] || _fail "mien $* on a full disk: exit status $rc"
    [ -s err ] || _fail "mien $*: not a word"
}

_has_full() {
    [ -c /dev/full ] || _skip "/dev/full is not here"
}

predict_tells_a_full_disk() {
    _has_full
    for _format in csv tsv jsonl srt eaf; do
        _predict 1 "$SOURCE/tests/golden/films/small.mp4" -f "$_format" -o /dev/full
        _complains "/dev/full"
    done
    _predict 1 "$FILES/pictures/1.png" --report /dev/full
    _complains "/dev/full"
    _full_output predict "$FILES/run/model.safetensors" --weights \
        "$FILES/good.safetensors" "$FILES/pictures/1.png"
}

a_full_disk_is_told_after_a_bad_input_too() {
    ( # files of more than 512 or 1024 bytes cannot be written
        trap '' XFSZ
        ulimit -f 1
        _predict 1 none.jpg "$FILES/pictures" "$FILES/pictures" -o rows.csv
        _complains "none.jpg" "rows.csv: cannot write"
    ) || exit 1
}

extract_tells_a_full_disk() {
    _has_full
    _full extract --backbone mobilenet_v2 --weights "$FILES/good.safetensors" --size 32 \
        "$FILES/pictures/1.png" -o /dev/full
}

import_tells_a_full_disk() {
    _has_full
    mkdir -p OASIS/images
    printf ',Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N\nI1,Dog 1,Animal,x,6.5,0.5,100,4.25,1.5,101\n' >OASIS/OASIS.csv
    cp "$FILES/pictures/1.png" "OASIS/images/Dog 1.jpg"
    _exits 0 import oasis OASIS -o good.tsv
    _exits 1 import oasis OASIS -o /dev/full/t.tsv
    _complains "/dev/full"
    _exits 1 import oasis OASIS -o none/t.tsv
    _complains "none"
}

train_tells_a_full_disk() {
    _has_full
    _full train "$FILES/study.yaml" -o /dev/full --weights "$FILES/good.safetensors"
}

doctor_tells_a_full_disk() {
    _has_full
    _full doctor "$FILES/trials.tsv" -o /dev/full
    _full_output doctor "$FILES/trials.tsv"
}

evaluate_tells_a_full_disk() {
    _has_full
    _full evaluate "$FILES/run" --repeats 10 -o /dev/full
    _full_output evaluate "$FILES/run" --repeats 10
}

report_tells_a_full_disk() {
    _has_full
    _full report "$FILES/run" -o /dev/full
}

texts_tell_a_full_disk() {
    _has_full
    _full_output --help
    _full_output --version
    _full_output predict --help
    _full_output models list
    _full_output models show "$FILES/run/model.safetensors"
    _full_output verify "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors"
    _full_output train "$FILES/study.yaml" --print
    _full_output completion bash
    _full_output help --man
    _full_output import
}

a_reader_that_leaves_ends_it_in_silence() {
    : >many.txt
    for _i in 1 2 3 4 5 6 7 8 9 10; do
        for _p in 0 1 2 3 4 5 6 7 8 9 10 11; do
            echo "$FILES/pictures/$_p.png" >>many.txt
        done
    done
    {
        "$MIEN" predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" \
            many.txt 2>err
        echo $? >status
    } | head -n 1 >out
    rc=$(cat status)
    [ "$rc" -eq 141 ] || _fail "exit status $rc, want that of a closed pipe"
    _lines 1 out
    _is_quiet
}

a_folder_that_is_not_there_is_told() {
    _predict 1 "$FILES/pictures/1.png" -o none/x.csv
    _complains "none/x.csv"
    _exits 1 report "$FILES/run" -o none/x.html
    _complains "none/x.html"
}

a_place_that_may_not_be_written_is_told() {
    [ "$(id -u)" -ne 0 ] || _skip "root may write everywhere"
    mkdir shut
    chmod 555 shut
    _predict 1 "$FILES/pictures/1.png" -o shut/x.csv
    _complains "shut/x.csv"
    _exits 1 train "$FILES/study.yaml" -o shut/run --weights "$FILES/good.safetensors"
    _complains "shut/run"
}

a_run_is_not_written_over_another() {
    _exits 1 train "$FILES/study.yaml" -o "$FILES/run" --weights "$FILES/good.safetensors"
    _complains "not empty"
}

an_old_file_stays_whole_when_the_new_one_fails() {
    echo old >x.npy
    _exits 1 extract --backbone mobilenet_v2 --weights none.pth p.png -o x.npy
    [ "$(cat x.npy)" = old ] || _fail "the old file is gone"
}

a_cache_that_cannot_be_made_is_told() {
    : >file
    MIEN_CACHE=$T/file/cache
    _exits 1 models pull mobilenet_v2 --from "$FILES/good.safetensors"
    [ -s err ] || _fail "not a word"
    _exits 1 predict "$FILES/run/model.safetensors" "$FILES/pictures/1.png"
    _complains "mien models pull mobilenet_v2"
}
