# SPDX-License-Identifier: MIT
# Features of the sound of files: rows a segment, tracks, masks, bad input, going on.

_pulses() { # SECONDS FILE: the test sound over and over, as 16-bit WAV at 16 kHz
    python3 -I - "$SOURCE/tests/golden/sound/pulses.wav" "$1" "$2" <<'END'
import sys, wave
with wave.open(sys.argv[1]) as source:
    sound = source.readframes(source.getnframes())
n = int(float(sys.argv[2]) * 16000) * 2
with wave.open(sys.argv[3], "wb") as to:
    to.setnchannels(1); to.setsampwidth(2); to.setframerate(16000)
    to.writeframes((sound * (n // len(sound) + 1))[:n])
END
}

_show() { # FILE
    "$SHOW_H5" "$1" >out 2>err || _fail "$1 cannot be read"
}

a_sound_gives_rows_names_times_and_settings() {
    _pulses 12 a.wav
    _exits 0 extract --features emobase2010,emobase2010-s5,vggish-logmel a.wav -o a.h5
    _is_quiet
    [ ! -e a.h5.part ] || _fail "the journal is left over"
    _show a.h5
    _says "emobase2010 [3, 1582]" "emobase2010-s5 [3, 1582]" \
        "vggish-logmel [3, 5, 96, 64]" "start_s [3] 0 5 10" "end_s [3] 5 10 12" \
        "sound_s [3] 5 5 2" "mask [3, 3] 1 1 1 1 1 1 1 1" \
        "emobase2010@columns pcm_loudness_sma_maxPos (1582)" \
        'emobase2010@contract {"feature": "emobase2010"' "not openSMILE" \
        "@sha256 $(sha256sum a.wav | cut -d' ' -f1) (1)" "@segment_s 5" \
        "@codec pcm_s16le (1)"
}

the_same_sound_gives_the_same_bytes() {
    _pulses 7 a.wav
    _exits 0 extract --features emobase2010 a.wav -o a.h5
    _exits 0 extract --features emobase2010 a.wav -o b.h5 --threads 1
    cmp a.h5 b.h5 || _fail "other bytes"
}

values_are_those_of_the_golden_file() {
    cp "$SOURCE/tests/golden/sound/pulses.wav" .
    _exits 0 extract --features emobase2010 --segment 2s pulses.wav -o p.h5
    _show p.h5
    python3 -I - "$SOURCE/tests/golden/sound/emobase2010_pulses.npy" >want <<'END'
import struct, sys
bytes_ = open(sys.argv[1], "rb").read()
print(*struct.unpack("<8d", bytes_[128:192]))
END
    grep '^emobase2010 ' out | cut -d' ' -f4- | paste - want | awk '{
        for (i = 1; i <= 8; i++) {
            d = $i - $(i + 8); if (d < 0) d = -d
            s = $(i + 8) < 0 ? -$(i + 8) : $(i + 8)
            if (d > 1e-5 * (s + 1e-3)) exit 1
        } n++
    } END { if (n != 1) exit 1 }' || _fail "other values"
}

segments_overlap_by_their_hop_and_the_last_is_partial() {
    _pulses 4.6 a.wav
    _exits 0 extract --features emobase2010 --segment 2s --hop 0.5s a.wav -o a.h5
    _show a.h5 # 0 to 2.5 whole, then one that ends with the sound
    _says "start_s [7] 0 0.5 1 1.5 2 2.5 3" "end_s [7] 2 2.5 3 3.5 4 4.5 4.6"
    _exits 0 extract --features emobase2010 --segment 2s a.wav -o b.h5
    _show b.h5 # the rest of 0.6 s is too short
    _says "start_s [2] 0 2" "end_s [2] 2 4"
}

a_short_sound_is_one_row_masked_where_it_must_be() {
    _pulses 0.4 a.wav
    _exits 0 extract --features emobase2010,vggish-logmel a.wav -o a.h5
    _show a.h5
    _says "end_s [1] 0.4" "mask [1, 2] 1 0" "vggish-logmel [1, 5, 96, 64] nan nan"
}

tracks_are_rows_a_frame_whatever_the_length() {
    _pulses 63 a.wav
    _exits 0 extract --tracks --features emobase2010 a.wav -o a.h5
    _show a.h5
    _says "emobase2010 [6295, 76]" "emobase2010@hop_s 0.01" \
        "emobase2010@columns pcm_loudness_sma (76)"
    _exits 2 extract --tracks --features vggish-logmel a.wav -o b.h5
    _complains "vggish-logmel has none"
}

a_folder_goes_through_with_one_bad_file() {
    mkdir films
    _pulses 3 films/a.wav
    _pulses 3 films/b.flac # named otherwise than it is
    head -c 3000 films/a.wav | tail -c 2900 >films/cut.mp4
    cp "$FILES/pictures/1.png" films/
    _exits 1 extract --features emobase2010 films -o f.h5
    _complains cut.mp4
    _show f.h5
    grep -q 1.png err && _fail "a picture in a folder is no fault"
    _says "a/emobase2010 [1, 1582]" "b/emobase2010 [1, 1582]" "a@input films/a.wav (1)"
    grep -q '^cut' out && _fail "a bad file has rows"
    :
}

files_of_one_name_have_groups_of_their_own() {
    mkdir x y
    _pulses 1 x/a.wav
    _pulses 1.5 y/a.wav
    _exits 0 extract --features emobase2010 x/a.wav y/a.wav -o f.h5
    _show f.h5
    _says "a/end_s [1] 1" "a_2/end_s [1] 1.5"
}

what_is_asked_for_wrongly_is_told() {
    _pulses 1 a.wav
    _exits 2 extract --features mfcc a.wav -o a.h5
    _complains '"mfcc" is none of resnet50'
    _exits 2 extract --features emobase2010,emobase2010 a.wav -o a.h5
    _complains twice
    _exits 2 extract --features emobase2010 a.wav
    _complains "-o FILE.h5"
    _exits 2 extract --features vggish-logmel --rate 8000 a.wav -o a.h5
    _complains 16000
    _exits 2 extract --features emobase2010 --backbone resnet18 a.wav -o a.h5
    _complains "two tasks"
    _exits 1 extract --features emobase2010 none.wav -o a.h5
    _complains none.wav
    [ ! -e a.h5 ] || _fail "there is an output"
}

a_killed_extraction_goes_on_to_the_same_bytes() {
    _pulses 60 a.wav
    _pulses 13 b.wav
    _exits 0 extract --features emobase2010 --hop 1s a.wav b.wav -o whole.h5
    for _size in 1 20000 60000 150000 300000; do # bytes of journal at which it dies
        "$MIEN" extract --features emobase2010 --hop 1s a.wav b.wav -o f.h5 \
            >/dev/null 2>&1 </dev/null &
        _pid=$!
        while kill -0 "$_pid" 2>/dev/null &&
            [ "$(wc -c <f.h5.part 2>/dev/null || echo 0)" -lt "$_size" ]; do
            :
        done
        kill -9 "$_pid" 2>/dev/null
        wait "$_pid" 2>/dev/null
        # a torn record at the end is cut off
        [ ! -e f.h5.part ] || printf 'torn' >>f.h5.part
    done
    [ -e f.h5 ] || [ -e f.h5.part ] || _fail "no journal"
    _exits 0 extract --features emobase2010 --hop 1s a.wav b.wav -o f.h5
    cmp whole.h5 f.h5 || _fail "other bytes"
    [ ! -e f.h5.part ] || _fail "the journal is left over"
}

an_interrupt_keeps_what_is_done_and_other_settings_begin_anew() {
    _pulses 300 a.wav
    "$MIEN" extract --features emobase2010 --hop 0.1s a.wav -o f.h5 >out 2>err </dev/null &
    _pid=$!
    _i=0
    while [ $_i -lt 200 ] && [ "$(wc -c <f.h5.part 2>/dev/null || echo 0)" -lt 20000 ]; do
        sleep 0.05
        _i=$((_i + 1))
    done
    kill -INT "$_pid"
    wait "$_pid"
    rc=$?
    [ "$rc" -eq 130 ] || _fail "exit status $rc, want 130"
    [ -s f.h5.part ] || _fail "no journal"
    [ ! -e f.h5 ] || _fail "an output though it was interrupted"
    _pulses 3 a.wav # another file of the same name
    _exits 0 extract --features emobase2010 --hop 0.1s a.wav -o f.h5
    _is_quiet
}

egemaps_has_its_names_its_contract_and_tracks() {
    _exits 0 extract --features egemaps,emobase2010 "$SOURCE/tests/golden/sound/pulses.wav" -o a.h5
    "$SHOW_H5" a.h5 >out 2>err || _fail "a.h5 cannot be read"
    _says "egemaps [1, 88]" "egemaps@columns F0semitoneFrom27.5Hz_sma3nz_amean (88)" \
        "re-implemented from its description; not openSMILE" "mask [1, 2] 1 1"
    _exits 0 extract --tracks --features egemaps "$SOURCE/tests/golden/sound/pulses.wav" -o t.h5
    "$SHOW_H5" t.h5 >out 2>err || _fail "t.h5 cannot be read"
    _says "egemaps@columns loudness_sma3 (25)"
    _exits 2 extract --features egemaps --rate 8000 "$SOURCE/tests/golden/sound/pulses.wav" -o b.h5
    _complains "egemaps is taken at 16000 samples a second alone"
}
