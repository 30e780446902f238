# SPDX-License-Identifier: MIT
# Features that networks compute of films: rows, masks, settings, going on, predicting. Weights
# are made by a rule (tests/support/rule.h): they stand for the published ones.

_weights() { # BACKBONE…: weights made by the rule, once for all facts
    for _name; do
        [ -s "$FILES/rule_$_name.safetensors" ] && continue
        "$MAKE_FILES" rule "$_name" "$FILES/rule_$_name.$$" || _fail "no weights of $_name"
        mv "$FILES/rule_$_name.$$" "$FILES/rule_$_name.safetensors"
    done
}

_given() { # BACKBONE…: as --weights takes them
    for _name; do
        printf '%s' "${_comma-}$_name=$FILES/rule_$_name.safetensors"
        _comma=,
    done
    _comma=
}

_show() { # FILE
    "$SHOW_H5" "$1" >out 2>err || _fail "$1 cannot be read"
}

pictures_of_a_film_give_rows_times_settings_and_hashes() {
    _weights i3d flownets
    _w=$(_given i3d flownets)
    cp "$SOURCE/tests/golden/films/small.mp4" .
    _exits 0 extract --features i3d,flownet --frames 8 --segment 1s \
        --flow-size 64 --weights "$_w" small.mp4 -o a.h5
    _is_quiet
    _show a.h5
    _says "i3d [2, 1024]" "flownet [2, 1024]" "frames [2] 8 8" "mask [2, 2] 1 1 1 1" '"flow_size": 64' '"crop": 224' \
        "\"weights_sha256\": \"$(sha256sum "$FILES/rule_i3d.safetensors" | cut -d' ' -f1)\"" \
        "@picture_codec " "@sha256 $(sha256sum small.mp4 | cut -d' ' -f1) (1)"
    _exits 0 extract --features i3d,flownet --frames 8 --segment 1s --flow-size 64 \
        --weights "$_w" small.mp4 -o b.h5
    cmp a.h5 b.h5 || _fail "other bytes"
}

colour_and_motion_of_a_film_need_no_weights() {
    cp "$SOURCE/tests/golden/films/small.mp4" .
    _exits 0 extract --features colour,motion --segment 1s small.mp4 -o a.h5
    _is_quiet
    _show a.h5
    _says "colour [2, 12]" "motion [2, 9]" "mask [2, 2] 1 1 1 1" \
        "colour@columns brightness (12)" "motion@columns change (9)" '"grid_columns": 64'
    _exits 0 extract --features colour,motion --segment 1s small.mp4 -o b.h5 --threads 1
    cmp a.h5 b.h5 || _fail "other bytes"
}

what_a_film_lacks_is_masked_and_the_other_films_go_on() {
    _weights flownets
    mkdir films
    cp "$SOURCE/tests/golden/films/small.mp4" films/whole.mp4
    cp "$SOURCE/tests/golden/films/sound.mp4" films/
    head -c 900 "$SOURCE/tests/golden/films/small.mp4" >films/cut.mp4
    _exits 1 extract --features flownet,emobase2010 --frames 8 --flow-size 64 --weights \
        "$(_given flownets)" films -o f.h5
    _complains cut.mp4 "films/sound.mp4: there are no pictures"
    _show f.h5
    _says "whole/mask [1, 2] 1 1" "sound/mask [1, 2] 0 1" "sound/flownet [1, 1024] nan" \
        "sound/frames [1] 0" "sound/sound_s [1] 2" "whole/frames [1] 8"
    grep -q '^cut' out && _fail "a bad film has rows"
    :
}

a_killed_extraction_of_pictures_goes_on_to_the_same_bytes() {
    _weights flownets
    _w=$(_given flownets)
    cp "$SOURCE/tests/golden/films/small.mp4" .
    _exits 0 extract --features flownet --segment 0.4s --hop 0.2s --frames 8 --flow-size 64 \
        --weights "$_w" small.mp4 -o whole.h5
    # ten random moments, told by how many bytes of journal there are when it dies
    _sizes=$(awk -v seed="$$" 'BEGIN { srand(seed); for (i = 0; i < 10; i++) print int(1 + rand() * 42000) }' |
        sort -n)
    for _size in $_sizes; do
        "$MIEN" extract --features flownet --segment 0.4s --hop 0.2s --frames 8 \
            --flow-size 64 --weights "$_w" small.mp4 -o f.h5 >/dev/null 2>&1 </dev/null &
        _pid=$!
        while kill -0 "$_pid" 2>/dev/null &&
            [ "$(wc -c <f.h5.part 2>/dev/null || echo 0)" -lt "$_size" ]; do
            :
        done
        kill -9 "$_pid" 2>/dev/null
        wait "$_pid" 2>/dev/null
        [ -e f.h5 ] && break # it was done before
    done
    _exits 0 extract --features flownet --segment 0.4s --hop 0.2s --frames 8 --flow-size 64 \
        --weights "$_w" small.mp4 -o f.h5 --force
    cmp whole.h5 f.h5 || _fail "other bytes, stopped at $(echo $_sizes) bytes"
}

weights_that_are_missing_or_of_another_network_are_told_before_any_film_is_read() {
    _weights flownets
    _exits 1 extract --features i3d none.mp4 -o a.h5
    _complains "mien models pull i3d"
    _exits 1 extract --features i3d --weights "i3d=$FILES/rule_flownets.safetensors" none.mp4 \
        -o a.h5
    _complains "do not fit the network"
    _exits 2 extract --features flownet --flow-size 12 none.mp4 -o a.h5
    _complains "short side of 64 to 4096"
}

a_file_without_published_hash_is_taken_by_its_tensors_and_remembered() {
    _weights flownets i3d
    _exits 0 models pull flownets --from "$FILES/rule_flownets.safetensors"
    _exits 0 extract --features flownet --frames 8 --flow-size 64 \
        "$SOURCE/tests/golden/films/small.mp4" -o a.h5
    _exits 1 models pull i3d --from "$FILES/rule_flownets.safetensors"
    _complains "is no weights file of i3d"
    _exits 1 models pull flownets_bn
    _complains "--from FILE"
    printf 'x' >>"$MIEN_CACHE/weights/flownets_EPE1.951.pth"
    _mien extract --features flownet --frames 8 "$SOURCE/tests/golden/films/small.mp4" -o b.h5
    [ "$rc" -ne 0 ] || _fail "changed weights are taken"
    _complains "not the file that was fetched"
}

films_without_sound_have_their_pictures() {
    _film=$SOURCE/../shared/data/video/carphone_pristine.mp4
    [ -f "$_film" ] || _skip "../shared is missing"
    _weights flownets
    _exits 1 extract --features flownet,emobase2010 --frames 8 --flow-size 64 --weights \
        "$(_given flownets)" "$_film" -o f.h5
    _complains "no sound"
    _show f.h5
    _says "mask [1, 2] 1 0" "emobase2010 [1, 1582] nan" "sound_s [1] 0" "frames [1] 8"
}

# Real films, against PyTorch on the same weights: from the decoder on cosines of 0.9999.
the_families_of_a_real_film_are_pytorchs() {
    _film=$SOURCE/../shared/data/video/bigbuckbunny.mp4
    _golden=$SOURCE/../shared/golden/film/segment0
    _aan=$SOURCE/../shared/data/attendaffectnet
    [ -f "$_film" ] && [ -d "$_golden" ] || _skip "../shared is missing"
    _weights resnet50 i3d flownets
    _w=$(_given resnet50 i3d flownets)
    _model=$_aan/MDB_arousal_COGNIMUSE_attention_model_Feature_AAN_only_video.pth
    _exits 0 extract --features resnet50,i3d-s5,flownet-s5 --flow-size 256 --weights "$_w" \
        "$_film" -o a.h5
    for _pair in resnet50:resnet50_mean i3d-s5:i3d_s5 \
        flownet-s5:flownets_256_mean_s5_last_twice; do
        "$SHOW_H5" "a.h5#${_pair%:*}" "$_golden/${_pair#*:}.npy" >out
        awk '{ if ($4 < 0.9999 || $6 > 0.02) exit 1 }' out || _fail "${_pair%:*} is off"
    done
    # batch-norms by the segment, as the authors' scripts had them: another feature altogether
    _exits 0 extract --features resnet50 --statistics batch --weights "$_w" "$_film" -o s.h5
    "$SHOW_H5" s.h5#resnet50 "$_golden/resnet50_s5_batchstats_mean.npy" >out
    # .024 of the largest value is what the golden's other conversion of colours makes: ./run bench
    # from_file has .00005 and less against PyAV's, for I3D too
    awk '{ if ($4 < 0.9999 || $6 > 0.025) exit 1 }' out || _fail "--statistics batch is off"
    _show s.h5
    _says '"statistics": "batch"'
    _exits 0 predict "$_model" a.h5 -o file.csv
    _exits 0 predict "$_model" "$_film" --flow-size 256 --weights "$_w" -o film.csv \
        --report film.html
    cmp file.csv film.csv || _fail "the file and the film give other bits"
    awk -F, 'NR == 2 { if ($4 < 0.2070 || $4 > 0.2270) exit 1 } END { if (NR != 2) exit 1 }' \
        film.csv || _fail "another arousal than .2170"
    # once computed, features are kept: no weights are read again
    _exits 0 predict "$_model" "$_film" --flow-size 256 --weights "$_w" -o again.csv
    cmp film.csv again.csv || _fail "what was kept gives other bits"
}

# Films whose loudness is what viewers felt: a study reads the films, and predicts them.
_loud_films() {
    python3 -I - "$SOURCE/tests/golden/sound/pulses.wav" <<'END'
import json, random, struct, wave
import sys
with wave.open(sys.argv[1]) as source:
    raw = source.readframes(source.getnframes())
pulses = struct.unpack("<%dh" % (len(raw) // 2), raw)
draw = random.Random(7)
rows = []
for film in range(6):
    samples = []
    for part in range(4):
        level = draw.random()
        samples += [int(p * (0.05 + 0.9 * level)) for p in (pulses * 3)[:16000]]
        rows.append((film, part, level * 2 - 1))
    with wave.open(f"f{film}.wav", "wb") as to:
        to.setnchannels(1); to.setsampwidth(2); to.setframerate(16000)
        to.writeframes(struct.pack("<%dh" % len(samples), *samples))
with open("trials.tsv", "w") as out:
    print("trial\tgroup\tfilm\tstart_s\tend_s\tvalence", file=out)
    for film, part, value in reversed(rows):
        print(f"{film}-{part}", f"f{film}", f"f{film}.wav", part, part + 1, f"{value:.4f}",
              sep="\t", file=out)
target = {"range": [-1, 1], "unit": "", "construct": "evoked", "perspective": "normative"}
json.dump({"version": 1, "name": "loud", "targets": {"valence": target}},
          open("trials.json", "w"))
END
    cat >study.yaml <<'END'
trials: trials.tsv
method: network
inputs: [emobase2010]
model.name: linear
epochs: 3
batch: 4
folds.k: 3
folds.by: group
END
}

a_study_reads_films_directly_and_its_model_predicts_them() {
    _loud_films
    _exits 0 train study.yaml -o run
    [ "$(find "$MIEN_CACHE/features" -name '*.h5' | wc -l)" -eq 6 ] || _fail "not 6 films"
    _exits 0 train study.yaml -o again
    cmp run/model.safetensors again/model.safetensors || _fail "another model"
    [ "$(find "$MIEN_CACHE/features" -name '*.h5' | wc -l)" -eq 6 ] || _fail "computed twice"
    _exits 0 models show run/model.safetensors
    _says '"made_by"' '"feature": "emobase2010"' '"segment_s": 1.0'
    _exits 0 predict run/model.safetensors f0.wav -o one.csv
    _lines 5 one.csv
    _exits 0 extract --features emobase2010 --segment 1s f0.wav -o f.h5
    _exits 0 predict run/model.safetensors f.h5 -o two.csv
    cmp one.csv two.csv || _fail "the file and the film give other bits"
    # a film that cannot be read is told, and nothing is trained
    printf 'x-9\tf0\tnone.wav\t0\t1\t0.5\n' >>trials.tsv
    _exits 1 train study.yaml -o third
    _complains none.wav
}

# Of a segment of few frames the two readings are far apart: a model knows which it was trained on.
batch_norms_are_those_that_the_model_was_trained_on_unless_others_are_asked_for() {
    _weights resnet50
    _w=$(_given resnet50)
    cp "$SOURCE/tests/golden/films/small.mp4" .
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' trial group film start_s end_s valence \
        1 a small.mp4 0 0.08 -0.5 2 a small.mp4 0.5 0.58 0.1 \
        3 b small.mp4 1 1.08 0.4 4 b small.mp4 1.5 1.58 0.2 >trials.tsv
    cat >trials.json <<'END'
{"version": 1, "name": "small", "targets": {"valence": {"range": [-1, 1], "unit": "",
 "construct": "evoked", "perspective": "normative"}}}
END
    cat >study.yaml <<'END'
trials: trials.tsv
method: network
inputs: [resnet50]
model.name: linear
epochs: 1
batch: 2
folds.k: 2
folds.by: group
audit: {allow: [stimulus]}
END
    _exits 0 train study.yaml --statistics batch --weights "$_w" -o run
    _exits 0 models show run/model.safetensors
    _says '"statistics": "batch"'
    _exits 0 predict run/model.safetensors trials.tsv --weights "$_w" -o own.csv
    _exits 0 predict run/model.safetensors trials.tsv --statistics batch --weights "$_w" -o batch.csv
    cmp own.csv batch.csv || _fail "its own statistics are others"
    _exits 0 predict run/model.safetensors trials.tsv --statistics eval --weights "$_w" -o eval.csv
    cmp -s own.csv eval.csv && _fail "--statistics eval changes nothing"
    _exits 2 predict run/model.safetensors trials.tsv --statistics mean -o none.csv
    _complains '"mean" is none of eval, batch'
}

a_table_of_parts_of_films_is_predicted_by_a_model_of_films() {
    _loud_films
    _exits 0 train study.yaml -o run
    _exits 0 predict run/model.safetensors trials.tsv -o table.csv
    _lines 25 table.csv
    _exits 0 predict run/model.safetensors f0.wav -o film.csv
    # the same part of the same film: the same number, by trial and by segment
    _one=$(awk -F, '$1 == "0-2" { print $4 }' table.csv)
    _two=$(awk -F, '$2 == 2 { print $4 }' film.csv)
    [ -n "$_one" ] && [ "$_one" = "$_two" ] || _fail "$_one of the table, $_two of the film"
    # a film that cannot be read is told, the rows of the others are there
    printf 'x-9\tf0\tnone.wav\t0\t1\t0.5\n' >>trials.tsv
    _mien predict run/model.safetensors trials.tsv -o more.csv
    [ "$rc" -eq 1 ] || _fail "exit status $rc of a table with a film that is not there"
    _complains none.wav
    grep -c '^0-2,' more.csv >/dev/null || _fail "the other films have no rows"
}

the_doctor_tells_what_an_extraction_will_meet() {
    mkdir films
    cp "$SOURCE/tests/golden/films/small.mp4" "$SOURCE/tests/golden/films/sound.mp4" films/
    cp "$FILES/pictures/1.png" films/
    _exits 0 doctor films
    _says "note	pictures	small.mp4	h264, 96 × 64, 50 frames in 2.000 s, 25 a second" \
        "warning	pictures	sound.mp4	no pictures" "note	rate	small.mp4	8000 samples a second" \
        "note	rows	sound.mp4	1 of 5 s, the last in part"
    grep -q 1.png out && _fail "a picture is no film"
    _exits 0 doctor "$SOURCE/tests/golden/bad_films/interlaced.mkv"
    _says "note	interlaced	interlaced.mkv	" "are of two moments"
    # what is only named as one is told
    echo words >films/words.mp4
    : >films/empty.wav
    _mien doctor films
    [ "$rc" -eq 1 ] || _fail "exit status $rc of files that are no films"
    _says "error	unreadable	words.mp4	" "error	unreadable	empty.wav	"
    head -c 900 "$SOURCE/tests/golden/films/small.mp4" >cut.mp4
    _mien doctor cut.mp4
    [ "$rc" -eq 1 ] || _fail "exit status $rc of a film that cannot be read"
}

vggish_of_a_real_sound_is_pytorchs() {
    _sound=$SOURCE/../shared/golden/film/emobase/film16k.wav
    _golden=$SOURCE/../shared/golden/film/vectors/vggish_film16k.npy
    [ -f "$_sound" ] && [ -f "$_golden" ] || _skip "../shared is missing"
    _weights vggish
    # one example a row: the golden file's first row is the first example
    _exits 0 extract --features vggish --segment 0.98s --weights "$(_given vggish)" "$_sound" \
        -o a.h5
    "$SHOW_H5" a.h5#vggish "$_golden" >out
    awk '{ if ($1 != 128 || $6 > 1e-5) exit 1 }' out || _fail "VGGish is off"
    _exits 0 extract --features vggish --segment 0.98s --embedding linear --weights \
        "$(_given vggish)" "$_sound" -o b.h5
    _show b.h5
    _says '"embedding": "linear"'
    "$SHOW_H5" b.h5#vggish "$_golden" >out
    awk '{ if ($6 < 1e-3) exit 1 }' out || _fail "the last ReLU is still there"
}

# Films written as files, a study on them, the page of one: what drives each moment, what is heard.
a_study_of_films_as_files_explains_a_film_on_its_page() {
    _exits 0 synth cognimuse --media --films 3 --segments 20 --modalities colour=0.9,sound=0 -o media
    # the table that an import makes of films and ratings is the one that came with them
    _exits 0 import cognimuse media -o imported.tsv
    for _column in trial film start_s end_s valence arousal; do
        for _table in imported.tsv media/trials.tsv; do
            awk -F'\t' -v c="$_column" 'NR == 1 { for (i = 1; i <= NF; i++) k[$i] = i }
                { sub("^media/", "", $k[c]); print $k[c] }' "$_table" >"$(basename "$_table").$_column"
        done
        cmp "imported.tsv.$_column" "trials.tsv.$_column" || _fail "other values of $_column"
    done
    cat >study.yaml <<'END'
trials: imported.tsv
method: network
inputs: [colour, motion]
model.name: linear
targets: [valence]
epochs: 20
folds: {rule: leave-one-group-out, by: group}
END
    _exits 0 train study.yaml -o run
    _film=$(find media/films -name '*.mp4' | sort | head -n 1)
    _exits 0 predict run/model.safetensors "$_film" -o a.csv --report a.html
    for _words in "What each input adds" ">colour</text>" ">motion</text>" ">sound level</text>" \
        ">like speech</text>" ">cuts</text>" "what each input adds at that moment"; do
        grep -q -F "$_words" a.html || _fail "the page lacks \"$_words\""
    done
    [ "$(grep -c '<image' a.html)" -ge 1 ] || _fail "no thumbnails"
    [ -z "$(find "$MIEN_CACHE" -name 'hidden-*')" ] || _fail "a file of hidden inputs is left"
    # the same of a file of features, and the numbers do not depend on the page
    _exits 0 extract --features colour,motion "$_film" -o f.h5
    _exits 0 predict run/model.safetensors f.h5 -o b.csv --report b.html
    cmp a.csv b.csv || _fail "the file and the film give other rows"
    grep -q -F "What each input adds" b.html || _fail "no effects of a file of features"
    rm "$_film"
    _exits 1 import cognimuse media -o other.tsv
    _complains "nor the film itself"
}

excerpts_are_imported_as_films_with_their_lengths() {
    mkdir -p L/annotations L/data
    cp "$SOURCE/tests/golden/films/small.mp4" L/data/ACCEDE00000.mp4
    cp "$SOURCE/tests/golden/films/small.mp4" L/data/ACCEDE00001.mp4
    printf 'id\tname\tvalenceValue\tarousalValue\n0\tACCEDE00000.mp4\t2.5\t1.5\n1\tACCEDE00001.mp4\t3.5\t2\n' \
        >L/annotations/ACCEDEranking.txt
    _exits 0 import liris-accede L -o l.tsv
    grep -q 'L/data/ACCEDE00001.mp4.*0	2' l.tsv || _fail "an excerpt has no times"
    cat >study.yaml <<'END'
trials: l.tsv
method: ridge
inputs: [colour]
targets: [valence]
folds: {rule: rows, k: 2}
END
    _mien train study.yaml -o run
    [ "$(find "$MIEN_CACHE/features" -name '*.h5' | wc -l)" -ge 1 ] || _fail "no features were computed"
}

# What is not as films usually are: rows, masks with their reason, and the other films go on.
films_of_other_kinds_have_rows_and_masks() {
    mkdir films
    cp "$SOURCE"/tests/golden/bad_films/* films/
    cp "$SOURCE/tests/golden/films/small.mp4" films/whole.mp4
    python3 -I - <<'END'
import math, struct, wave
with wave.open("films/bits8.wav", "wb") as to:  # 8 bits, mono, 8 kHz
    to.setnchannels(1); to.setsampwidth(1); to.setframerate(8000)
    to.writeframes(bytes(128 + int(100 * math.sin(i / 8)) for i in range(16000)))
with wave.open("films/six.wav", "wb") as to:  # 5.1 at 96 kHz
    to.setnchannels(6); to.setsampwidth(2); to.setframerate(96000)
    to.writeframes(b"".join(struct.pack("<6h", *[int(9000 * math.sin(i / 70))] * 6) for i in range(96000)))
END
    _mien extract --features colour,motion,emobase2010,egemaps --segment 1s films -o f.h5
    [ "$rc" -eq 1 ] || _fail "exit status $rc: films without sound or pictures are told"
    _complains "films/turned.mp4: no sound" "films/bits8.wav: there are no pictures"
    _show f.h5
    _says "turned/mask [2, 4] 1 1 0 0 1 1 0 0" "turned@width 64" "turned@height 96" \
        "interlaced/mask [2, 4] 1 1 0 0 1 1 0 0" \
        "uneven/mask [2, 4] 1 1 0 0 1 1 0 0" "uneven/frames [2] 12 4" \
        "one_frame/mask [1, 4] 1 0 0 0" "one_frame/end_s [1] 0.04" \
        "sound_early/mask [2, 4] 1 1 1 1 1 1 0 0" "sound_late/mask [2, 4] 1 1 1 1 1 1 1 1" \
        "sound_late@sound_start_s 0.736" \
        "bits8/mask [2, 4] 0 0 1 1 0 0 1 1" "bits8/end_s [2] 1 2" "bits8@file_rate_hz 8000" \
        "six/mask [1, 4] 0 0 1 1" "six@channels 6" "whole/mask [2, 4] 1 1 1 1 1 1 1 1"
    # a film shorter than a segment is one row with its true end
    _exits 0 extract --features colour,emobase2010 films/whole.mp4 -o short.h5
    _show short.h5
    _says "mask [1, 2] 1 1" "start_s [1] 0" "end_s [1] 2"
    # damage in the middle: told, and rows behind it
    python3 -I - <<'END'
data = bytearray(open("films/whole.mp4", "rb").read())
for i in range(len(data) * 2 // 5, len(data) * 3 // 5):
    data[i] = 0xA5
open("hurt.mp4", "wb").write(data)
END
    _mien extract --features colour,emobase2010 --segment 0.5s hurt.mp4 -o hurt.h5
    _show hurt.h5
    _says "start_s [4] 0 0.5 1 1.5"
    grep -q '^@damaged_frames [1-9]\|^@damaged [1-9]' out || _fail "damage is not told in the file"
    _exits 0 doctor films
    _says "variable rate	uneven.mkv" "sound ends early	sound_early.mkv" "offset	sound_late.mkv"
}
