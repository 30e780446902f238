# SPDX-License-Identifier: MIT
# Bad pictures and films: each is told, the good ones beside it are done, exit status 1.

_bad() { # FILE WORD…: a bad input before and behind a good one
    _file=$1
    shift
    _predict 1 "$FILES/pictures/1.png" "$_file" "$FILES/pictures/2.png"
    _complains "$_file" "$@"
    _lines 3 out
    _lines 1 err
    _whole_rows out
    _says "pictures/1.png" "pictures/2.png"
}

a_missing_picture_is_told() {
    _bad none.jpg "No such file"
}

an_empty_picture_is_told() {
    : >empty.jpg
    _bad empty.jpg "empty"
}

a_truncated_picture_is_told() {
    head -c 500 "$SOURCE/tests/golden/pictures/444.jpg" >cut.jpg
    _bad cut.jpg
    head -c 120 "$SOURCE/tests/golden/pictures/rgba.png" >cut.png
    _bad cut.png
    head -c 15 "$SOURCE/tests/golden/pictures/444.jpg" >head.jpg
    _bad head.jpg
}

text_named_as_a_picture_is_told() {
    echo "these are words" >text.jpg
    _bad text.jpg
}

a_folder_named_as_a_picture_is_told() {
    mkdir odd.jpg
    _bad odd.jpg "no picture or film"
}

a_picture_too_large_is_told_before_memory_is_asked_for() {
    (
        # a build that watches memory asks for too much of it to be limited
        if (ulimit -v 4000000 && "$MIEN" --version) >/dev/null 2>&1; then
            ulimit -v 4000000
        fi
        _bad "$FILES/huge.png" 30000
        _bad "$FILES/huge.jpg" 30000
    ) || exit 1
}

a_picture_of_one_pixel_is_read() {
    _predict 0 "$FILES/one.png"
    _lines 2 out
}

a_wrong_ending_does_not_matter() {
    cp "$FILES/pictures/1.png" png.jpg
    cp "$SOURCE/tests/golden/pictures/444.jpg" jpg.png
    _predict 0 png.jpg jpg.png
    _is_quiet
    _lines 3 out
}

every_picture_format_is_read() {
    for _p in 420.jpg cmyk.jpg grey.jpg turn6.jpg grey16.png rgba16.png palette4.png \
        interlaced.png rgb.bmp rgb.gif rgb.webp rgb.tif tiles.tif cmyk16.tif; do
        _predict 0 "$SOURCE/tests/golden/pictures/$_p"
        _lines 2 out
    done
}

folders_and_lists_are_read_in_natural_order() {
    _predict 0 "$FILES/pictures"
    _lines 13 out
    awk -F, 'NR > 1 { n = $1; sub(/.*\//, "", n); if (n != NR - 2 ".png") exit 1 }' out ||
        _fail "not in natural order"
    printf '%s/pictures/3.png\r\nnone.png\n%s/pictures/2.png\n' "$FILES" "$FILES" >list.txt
    _predict 1 list.txt
    _lines 3 out
    _complains none.png
    _predict 0 "$FILES/trials.tsv"
    _lines 13 out
}

an_empty_folder_or_list_is_told() {
    mkdir empty
    : >list.txt
    _predict 1 empty list.txt "$FILES/pictures/1.png"
    _complains "empty: no picture or film" "list.txt: no picture or film"
    _lines 2 out
}

rows_are_the_same_in_every_table_format() {
    _predict 0 "$FILES/pictures/1.png"
    _value=$(awk -F, 'NR == 2 { print $4 }' out)
    _predict 0 "$FILES/pictures/1.png" -f tsv -o x.tsv
    [ "$(awk -F'\t' 'NR == 2 { print $4 }' x.tsv)" = "$_value" ] || _fail "tsv differs"
    _predict 0 "$FILES/pictures/1.png" -o x.jsonl
    grep -q "\"start_s\": null" x.jsonl || _fail "no null for a picture's time"
    _needs python3
    python3 -I -c "import json, sys
row = json.loads(open('x.jsonl').read())
sys.exit(row['valence'] != float('$_value'))" || _fail "jsonl differs"
}

a_film_is_a_row_each_moment() {
    _predict 0 "$SOURCE/tests/golden/films/small.mp4" --every 0.5s
    _lines 5 out
    _whole_rows out
    awk -F, 'NR > 2 && $2 != end { exit 1 } { end = $3 }' out || _fail "rows do not join"
}

a_film_is_written_in_every_timeline_format() {
    for _format in srt vtt eaf textgrid; do
        _predict 0 "$SOURCE/tests/golden/films/small.mp4" -f "$_format"
        cp out by_format
        _extension=$_format
        [ "$_format" = textgrid ] && _extension=TextGrid
        _predict 0 "$SOURCE/tests/golden/films/small.mp4" -o "x.$_extension"
        cmp -s by_format "x.$_extension" || _fail "$_format: -o and -f differ"
    done
    ! command -v xmllint >/dev/null || xmllint --noout x.eaf || _fail "x.eaf"
}

a_picture_has_no_timeline() {
    _predict 1 "$FILES/pictures/1.png" "$SOURCE/tests/golden/films/small.mp4" -f srt
    _complains "pictures/1.png: a picture has no timeline"
    _says "-->"
}

films_of_one_name_do_not_overwrite_each_other() {
    mkdir a b
    cp "$SOURCE/tests/golden/films/small.mp4" a/x.mp4
    cp "$SOURCE/tests/golden/films/small.mp4" b/x.mov
    _predict 0 a/x.mp4 b/x.mov -f srt -o lines
    [ -s lines/x.srt ] && [ -s lines/x-2.srt ] || _fail "not two files: $(ls lines)"
    _predict 2 a/x.mp4 b/x.mov -f srt
    _complains "name a folder with -o"
}

a_film_without_pictures_is_told() {
    cp "$SOURCE/tests/golden/films/sound.mp4" .
    _bad sound.mp4
}

a_film_that_is_cut_gives_the_rows_before_the_cut() {
    head -c 9000 "$SOURCE/tests/golden/films/small.mp4" >cut.mp4
    _predict 1 cut.mp4 "$FILES/pictures/1.png"
    _whole_rows out
    [ "$(grep -c cut.mp4 out)" -ge 2 ] || _fail "no rows before the cut"
    _says "pictures/1.png"
    _complains "cut.mp4: the film breaks off"
    head -c 700 "$SOURCE/tests/golden/films/small.mp4" >head.mp4
    _bad head.mp4
}

a_film_that_is_whole_is_not_called_cut() {
    for _film in small.mp4 small.mkv; do
        _predict 0 "$SOURCE/tests/golden/films/$_film"
        _is_quiet
        _lines 11 out
    done
}

damaged_packets_are_told_and_the_film_goes_on() {
    cp "$SOURCE/tests/golden/films/small.mp4" hurt.mp4
    head -c 1500 /dev/zero | tr '\0' '\377' |
        dd of=hurt.mp4 bs=1 seek=6000 conv=notrunc 2>/dev/null
    _mien predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" \
        hurt.mp4 "$FILES/pictures/1.png"
    _no_crash
    _whole_rows out
    _says "pictures/1.png"
    [ "$rc" -eq 1 ] || _fail "damage is not a failure"
    _complains "hurt.mp4: damaged in"
    awk -F, '/hurt/ && $2 > 1.5 { late = 1 } END { exit !late }' out ||
        _fail "nothing after the damage"
}

damage_between_packets_is_told_too() {
    cp "$SOURCE/tests/golden/films/small.mkv" hurt.mkv
    head -c 600 /dev/zero | dd of=hurt.mkv bs=1 seek=6000 conv=notrunc 2>/dev/null
    _predict 1 hurt.mkv
    _lines 11 out
    _complains "hurt.mkv: damaged in"
}

features_of_bad_pictures_are_nan_and_the_rest_is_there() {
    echo words >text.jpg
    _exits 1 extract --backbone mobilenet_v2 --weights "$FILES/good.safetensors" \
        --size 32 "$FILES/pictures/1.png" text.jpg "$FILES/pictures/2.png" -o x.npy
    _complains text.jpg
    _needs python3
    python3 -I -c "import struct, sys
b = open('x.npy', 'rb').read()
head = struct.unpack('<H', b[8:10])[0]
assert b'(3, 1280)' in b[10:10 + head], b[10:10 + head]
v = struct.unpack('<3840f', b[10 + head:])
assert all(x == x for x in v[:1280] + v[2560:]) and all(x != x for x in v[1280:2560])" ||
        _fail "not the array that was promised"
}

a_picture_of_another_size_is_told_where_none_is_resized() {
    _exits 1 extract --backbone mobilenet_v2 --weights "$FILES/good.safetensors" \
        --resize none "$FILES/pictures/1.png" "$FILES/pictures/2.png" -o x.npy
    _complains "pictures/2.png" "40 x 34" "40 x 33"
    _exits 1 extract --backbone mobilenet_v2 --weights random:1 --resize none \
        "$FILES/huge.png" -o x.npy
    _complains "huge.png"
    _no_crash
}

a_pipe_among_the_inputs_does_not_hang() {
    mkdir folder
    mkfifo folder/x.jpg
    cp "$FILES/pictures/1.png" folder
    _needs timeout
    timeout -k 5 60 "$MIEN" predict "$FILES/run/model.safetensors" --weights \
        "$FILES/good.safetensors" folder >out 2>err </dev/null
    rc=$?
    [ "$rc" -eq 0 ] || _fail "exit status $rc (124: it hung)"
    _says 1.png
}

a_pipe_named_as_an_input_is_told() {
    mkfifo x.jpg
    _needs timeout
    timeout -k 5 60 "$MIEN" predict "$FILES/run/model.safetensors" --weights \
        "$FILES/good.safetensors" x.jpg "$FILES/pictures/1.png" >out 2>err </dev/null
    rc=$?
    [ "$rc" -eq 1 ] || _fail "exit status $rc (124: it hung)"
    _complains "x.jpg: is a pipe"
    _says 1.png
}

a_playlist_is_told_and_what_it_names_is_not_read() {
    cp "$SOURCE/tests/golden/films/small.mp4" vid.mp4
    printf 'ffconcat version 1.0\nfile vid.mp4\n' >list.mp4
    _bad list.mp4 "(concat)" "only the file named"
    printf '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nvid.ts\n#EXT-X-ENDLIST\n' >h.mp4
    _bad h.mp4 "(hls)"
}

the_last_moment_ends_with_the_film() {
    for _format in csv srt textgrid; do
        _predict 0 "$SOURCE/tests/golden/films/small.mkv" --every 0.3s -f "$_format" -o "x.$_format"
    done
    awk -F, 'NR > 1 && $3 <= $2 { exit 1 }' x.csv || _fail "a row without length"
    _moments=$(($(wc -l <x.csv) - 1))
    [ "$(grep -c -- "-->" x.srt)" -eq "$_moments" ] || _fail "not a cue each moment"
    awk '/-->/ && $1 == $3 { exit 1 }' x.srt || _fail "a cue without length"
    [ "$(grep -c "text = " x.textgrid)" -eq $((2 * _moments)) ] ||
        _fail "Praat lacks an interval"
}

pictures_that_are_not_read_are_named_with_what_to_do() {
    printf '\0\0\0\030ftypheic\0\0\0\0mif1heic' >phone.heic
    _bad phone.heic "HEIC" "convert it to JPEG or PNG"
    printf '\0\0\0\034ftypavif\0\0\0\0avifmif1miaf' >still.avif
    _bad still.avif "AVIF"
    cat "$SOURCE/tests/golden/pictures/420.jpg" "$SOURCE/tests/golden/pictures/420.jpg" >raw.jpg
    _bad raw.jpg "raw MJPEG"
}

key_frames_alone_are_named_in_the_table() {
    _film=$SOURCE/tests/golden/films/small.mp4
    _predict 0 "$_film" "$FILES/pictures/1.png" --sampling keyframes --every 0
    head -n 1 out | grep -q ",sampling$" || _fail "no column sampling"
    [ "$(grep -c ",keyframes$" out)" -ge 1 ] || _fail "not named"
    grep -q "1.png.*,n/a$" out || _fail "a picture has no sampling"
    _predict 2 "$_film" --sampling keyframe
    _exits 1 predict "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" \
        "$_film" --sampling keyframes --smooth 1s
    _complains "not key frames"
}

# A megabyte that unpacks to gigabytes is refused before it is unpacked.
an_array_that_unpacks_without_end_is_refused() {
    _needs python3
    python3 -I - <<'PY' || _fail "the file could not be made"
import zipfile
rows, width = 262144, 1024 # 1 GiB
head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (rows, width)
head += " " * (64 - (11 + len(head)) % 64) + "\n"
with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    with archive.open("data.npy", "w") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode())
        for _ in range(256):
            file.write(bytes(rows * width * 4 // 256))
PY
    printf 'trial\tgroup\tvalence\tfeatures.x\na\tg\t1\tbomb.npz#data:0\nb\th\t2\tbomb.npz#data:1\n' >t.tsv
    (
        # the address sanitizer needs more room than that
        if (ulimit -v 2000000 && "$MIEN" --version) >/dev/null 2>&1; then
            ulimit -v 2000000
        fi
        _exits 1 doctor t.tsv
        grep -q "claims" out err || _fail "nothing is said of its size"
    ) || exit 1
}
