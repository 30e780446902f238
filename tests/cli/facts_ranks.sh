# SPDX-License-Identifier: MIT
# Jobs dealt over the processes of mpirun (docs/cluster.md).

# Runs mien on N ranks, two of a core if need be; waiting sleeps rather than spins.
_ranks() { # N COMMAND…
    _n=$1
    shift
    _allow=
    [ "$(id -u)" -ne 0 ] || _allow=--allow-run-as-root
    # shellcheck disable=SC2086 # one word, or none
    mpirun $_allow --oversubscribe --enable-recovery --mca mpi_yield_when_idle 1 \
        -np "$_n" "$@" >out 2>err </dev/null
    rc=$?
}

_needs_ranks() {
    [ "$MPI" = 1 ] || _skip "this build has no MPI (./run setup --mpi)"
    command -v mpirun >/dev/null || _skip "there is no mpirun here"
}

_study() { # YAML…: lines after those that the study of made films has
    _films "$@"
    _exits 0 train s.yaml -o alone --threads 1
}

_same() { # RUN: has the bits of the run `alone`
    for _file in $(cd alone && cut -c67- SHA256SUMS); do
        cmp -s "alone/$_file" "$1/$_file" || _fail "$1/$_file differs from that of one process"
    done
    [ "$(wc -l <alone/log.jsonl)" -eq "$(wc -l <"$1/log.jsonl")" ] ||
        _fail "$1/log.jsonl has other lines"
}

folds_and_seeds_dealt_over_ranks_have_the_bits_of_one_process() {
    _needs_ranks
    _study "seeds: 2"
    for _k in 2 4; do
        _ranks $_k "$MIEN" train s.yaml -o run-$_k --threads 1
        [ "$rc" -eq 0 ] || _fail "$_k ranks"
        _complains "run-$_k is done"
        [ "$(grep -c 'is done' err)" -eq 1 ] || _fail "more than one rank talks"
        _same run-$_k
    done
}

further_deals_and_exchanged_labels_are_dealt_over_ranks() {
    _needs_ranks
    _study "permutations: 2"
    _ranks 2 "$MIEN" train s.yaml -o run --threads 1
    [ "$rc" -eq 0 ] || _fail "2 ranks"
    _same run
    [ ! -e run/permuted ] || _fail "the folder of exchanged labels is left"
}

a_build_for_ranks_runs_alone() {
    _needs_ranks
    _study
    _ranks 1 "$MIEN" train s.yaml -o run --threads 1
    [ "$rc" -eq 0 ] || _fail "one rank"
    _same run
}

_search() { # a search whose points hang on each other: three folds and all rows
    _planted
    _over=optimiser.rate='1e-4..0.5 log'
    _exits 0 search study.yaml -o alone --quiet --threads 1 --set epochs=4 --set search.points=6 \
        --over "$_over"
}

_same_search() { # RUN
    for _file in search.csv chosen.yaml predictions.csv metrics.csv results.json model.safetensors; do
        cmp -s "alone/$_file" "$1/$_file" || _fail "$1/$_file differs from that of one process"
    done
}

a_search_dealt_over_ranks_has_the_bits_of_one_process() {
    _needs_ranks
    _search
    for _k in 2 4; do
        _ranks $_k "$MIEN" search study.yaml -o run-$_k --threads 1 --set epochs=4 \
            --set search.points=6 --over "$_over"
        [ "$rc" -eq 0 ] || _fail "$_k ranks"
        [ "$(grep -c 'is done' err)" -eq 1 ] || _fail "more than one rank talks"
        _same_search run-$_k
        [ "$(wc -l <alone/log.jsonl)" -eq "$(wc -l <run-$_k/log.jsonl)" ] ||
            _fail "run-$_k/log.jsonl has other lines"
    done
}

points_of_a_rank_that_is_killed_are_kept_and_the_rest_done_by_others() {
    _needs_ranks
    _search
    # rank 1 dies when it has judged two points, whatever searches they are of
    MIEN_RANKS_PATIENCE=4 _ranks 2 sh -c 'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
            "$0" "$@" & pid=$!
            i=0
            while [ $i -lt 600 ] && [ "$(ls -d run/*/point-[2-5] 2>/dev/null | wc -l)" -lt 1 ]; do
                sleep 0.02; i=$((i + 1))
            done
            kill -KILL $pid
            exit 0
        fi
        exec "$0" "$@"' "$MIEN" search study.yaml -o run --threads 1 --set epochs=4 \
        --set search.points=6 --over "$_over"
    [ "$rc" -eq 0 ] || _fail "a rank was killed"
    _same_search run
}

a_search_whose_ranks_were_all_killed_goes_on() {
    _needs_ranks
    _search
    _ranks 2 sh -c '"$0" "$@" & pid=$!
        i=0
        while [ $i -lt 600 ] && [ "$(ls -d run/*/point-[2-5] 2>/dev/null | wc -l)" -lt 1 ]; do
            sleep 0.02; i=$((i + 1))
        done
        kill -KILL $pid
        exit 0' "$MIEN" search study.yaml -o run --threads 1 --set epochs=4 \
        --set search.points=6 --over "$_over"
    [ ! -e run/SHA256SUMS ] || _skip "it was done before it was killed"
    cp -r run again
    _ranks 2 "$MIEN" resume run
    [ "$rc" -eq 0 ] || _fail "resume on two ranks"
    _same_search run
    _exits 0 resume again
    _same_search again
}

_six_films() { # one of them is bad, one has no pictures
    mkdir films
    for _i in 1 2 3 4; do
        cp "$SOURCE/tests/golden/films/small.mp4" films/film$_i.mp4
    done
    cp "$SOURCE/tests/golden/films/sound.mp4" films/
    head -c 900 "$SOURCE/tests/golden/films/small.mp4" >films/cut.mp4
    _exits 1 extract --features colour,motion --segment 0.5s films -o alone.h5 --threads 1
}

films_dealt_over_ranks_have_the_bytes_of_one_process() {
    _needs_ranks
    _six_films
    for _k in 2 4; do
        _ranks $_k "$MIEN" extract --features colour,motion --segment 0.5s films -o f-$_k.h5 \
            --threads 1
        _complains cut.mp4 "films/sound.mp4: there are no pictures"
        [ "$(grep -c cut.mp4 err)" -eq 1 ] || _fail "a bad film is told more than once"
        cmp alone.h5 f-$_k.h5 || _fail "$_k ranks: other bytes"
        [ ! -e f-$_k.h5.part ] || _fail "the journal is left"
    done
    # what is not dealt is done by rank 0
    _ranks 2 "$MIEN" extract --features colour --tracks films/film1.mp4 -o tracks.h5 || :
    [ "$(grep -c 'tracks.h5' err)" -le 1 ] || _fail "two ranks write tracks"
}

films_of_a_rank_that_is_killed_are_done_by_others() {
    _needs_ranks
    mkdir films
    for _i in 1 2 3 4 5 6 7 8; do
        cp "$SOURCE/tests/golden/films/small.mp4" films/film$_i.mp4
    done
    _exits 0 extract --features colour,motion --segment 0.5s --hop 0.02s films -o alone.h5 --threads 1
    # rank 1 is killed in the midst, and only there: one that ends with the others is let be
    MIEN_RANKS_PATIENCE=4 _ranks 2 sh -c 'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
            "$0" "$@" & pid=$!
            i=0
            while [ $i -lt 300 ]; do
                size=$(wc -c <f.h5.part 2>/dev/null || echo 0)
                if [ "$size" -gt 4000 ]; then
                    [ "$size" -gt 60000 ] || kill -KILL $pid
                    break
                fi
                sleep 0.01; i=$((i + 1))
            done
            wait $pid
            exit 0
        fi
        exec "$0" "$@"' "$MIEN" extract --features colour,motion --segment 0.5s --hop 0.02s films -o f.h5 \
        --threads 1
    cmp alone.h5 f.h5 || _fail "other bytes"
}

# The command of rank 1 that is killed when it has begun: sh -c, then the command's words.
_dying='if [ "$OMPI_COMM_WORLD_RANK" = "$DIES" ] || [ "$DIES" = all ]; then
    "$0" "$@" & pid=$!
    i=0
    while [ $i -lt 400 ] && ! ls run/fold-*/checkpoint.safetensors >/dev/null 2>&1; do
        sleep 0.05; i=$((i + 1))
    done
    kill -KILL $pid
    wait $pid
    exit 0
else
    exec "$0" "$@"
fi'

jobs_of_a_rank_that_is_killed_are_done_by_others() {
    _needs_ranks
    _study "checkpoint: {pause: 0}" "seeds: 2"
    MIEN_RANKS_PATIENCE=4 DIES=1 _ranks 2 sh -c "$_dying" "$MIEN" train s.yaml -o run \
        --threads 1
    [ "$rc" -eq 0 ] || _fail "a rank was killed"
    _complains "run is done"
    for _file in predictions.csv metrics.csv results.json model.safetensors; do
        cmp -s "alone/$_file" "run/$_file" || _fail "$_file differs"
    done
}

a_run_whose_ranks_were_all_killed_is_resumed() {
    _needs_ranks
    _study "checkpoint: {pause: 0}" "seeds: 2"
    DIES=all _ranks 2 sh -c "$_dying" "$MIEN" train s.yaml -o run --threads 1
    [ ! -e run/model.safetensors ] || _skip "it was done before it was killed"
    cp -r run again
    _ranks 2 "$MIEN" resume run
    [ "$rc" -eq 0 ] || _fail "resume on two ranks"
    _exits 0 resume again
    for _file in predictions.csv metrics.csv results.json model.safetensors; do
        cmp -s "alone/$_file" "run/$_file" || _fail "$_file differs, resumed by two ranks"
        cmp -s "alone/$_file" "again/$_file" || _fail "$_file differs, resumed by one"
    done
}

a_rank_that_sees_no_run_folder_is_named() {
    _needs_ranks
    _study
    _ranks 2 sh -c 'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
            mkdir other; cp -r films s.yaml other; cd other
        fi
        exec "$0" "$@"' "$MIEN" train s.yaml -o run --threads 1
    [ "$rc" -eq 0 ] || _fail "rank 0 goes on"
    _complains "rank 1" "file system that all ranks see" "the others go on"
    _same run
}

what_one_rank_refuses_is_told_once() {
    _needs_ranks
    _study
    _ranks 2 "$MIEN" train s.yaml -o alone --threads 1
    _complains "alone: is not empty"
    [ "$(grep -c '^mien: ' err)" -eq 1 ] || _fail "it is told more than once"
}
