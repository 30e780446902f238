# SPDX-License-Identifier: MIT
# Models over features: published weights shown, converted, verified; films by their features.

_golden() { # the folder of the made network and its inputs
    G=$SOURCE/tests/golden/aan
    F="resnet50=$G/resnet50.csv flownet=$G/flownet.csv i3d=$G/i3d.csv"
}

_converted() { # aan.safetensors of the made network
    _golden
    _exits 0 models convert "$G/module_arousal.pth" --as aan -o aan.safetensors
}

# Column 4 of the output against the numbers expected in a file, one a line below its header.
_expects() { # FILE
    [ "$(head -n 1 out)" = "row,start_s,end_s,arousal,arousal_low,arousal_high,arousal_norm" ] ||
        _fail "other columns"
    cut -d, -f4 out | paste -d, - "$1" | awk -F, 'NR > 1 {
        d = $1 - $2; n++
        if (d > 1e-6 || d < -1e-6) exit 1
    } END { if (n < 3) exit 1 }' || _fail "other numbers than $1"
}

a_pickled_module_is_shown_as_a_tree() {
    _golden
    _exits 0 models show "$G/module_arousal.pth"
    _says '"class": "made_by_a_test.Net"' '"weight": "f32 [8, 5]"' '"h": 2' '"p": 0.25' \
        '"class": "torch.nn.modules.dropout.Dropout"' '"attn": "f32 [1, 2, 2, 2]"'
    _is_quiet
    _exits 0 models show "$G/state_arousal.pth"
    _says '"linear1.weight": "f32 [8, 5]"'
}

published_weights_are_converted_verified_and_predict() {
    _converted
    [ "$(wc -c <aan.safetensors)" -lt 1000000 ] || _fail "it is large"
    _exits 0 verify aan.safetensors
    _says "aan.safetensors: good; 4 golden vectors"
    _exits 0 models show aan.safetensors
    _says '"version": 3' '"name": "flownet"' '"segment_s": 5.0' "heads=2" "relu-after" \
        '"converted_from": "module_arousal.pth"' '"licence": "unknown"'
    # shellcheck disable=SC2086
    _exits 0 predict aan.safetensors --features $F
    _is_quiet
    _expects "$G/expected.csv"
}

the_same_numbers_come_from_the_file_itself() {
    _converted
    # shellcheck disable=SC2086
    _exits 0 predict aan.safetensors --features $F -o one.csv
    # shellcheck disable=SC2086
    _exits 0 predict "$G/module_arousal.pth" --as aan $F -o two.csv
    cmp one.csv two.csv || _fail "other numbers"
    # shellcheck disable=SC2086
    _exits 0 predict "$G/state_arousal.pth" --settings heads=2 $F -o three.csv
    cmp one.csv three.csv || _fail "other numbers of the tensors alone"
}

what_the_file_does_not_tell_is_asked_for() {
    _golden
    _exits 1 models convert "$G/state_arousal.pth" -o m.safetensors
    _complains "state_arousal.pth" "heads=2"
    cp "$G/module_arousal.pth" net.pth
    _exits 1 models convert net.pth -o m.safetensors
    _complains "neither valence nor arousal"
    _exits 0 models convert net.pth --target valence --range 1,9 --licence MIT -o m.safetensors
    _exits 0 models show m.safetensors
    _says '"name": "valence"' '"licence": "MIT"' '9.0'
    _exits 2 models convert net.pth --target valence --range 9,1 -o n.safetensors
    _exits 2 models convert net.pth
    _exits 1 models convert net.pth --target valence --as mlp -o n.safetensors
    _complains "no published weights of mlp"
    [ ! -e n.safetensors ] || _fail "it was written"
}

timelines_are_written_of_segments() {
    _converted
    for _format in srt vtt eaf textgrid jsonl tsv; do
        # shellcheck disable=SC2086
        _exits 0 predict aan.safetensors --features $F -f "$_format" -o "film.$_format"
        [ -s "film.$_format" ] || _fail "film.$_format is empty"
    done
    grep -q "00:00:05,000 --> 00:00:10,000" film.srt || _fail "no second segment"
    grep -q '"row": 1, "start_s": 5,' film.jsonl || _fail "no row in JSON"
}

attention_is_written() {
    _converted
    # shellcheck disable=SC2086
    _exits 0 predict aan.safetensors --features $F --attention maps.h5 -o film.csv
    [ "$(head -c 4 maps.h5 | od -An -c | tr -d ' ')" = '211HDF' ] || _fail "no HDF5"
    # 3 rows, 6 layers, 2 heads, 3 × 3
    [ "$(wc -c <maps.h5)" -gt $((3 * 6 * 2 * 9 * 4)) ] || _fail "it is too small"
}

a_mistake_names_file_and_row_and_writes_nothing() {
    _converted
    head -n 2 "$G/flownet.csv" >short.csv
    _exits 1 predict aan.safetensors resnet50="$G/resnet50.csv" flownet=short.csv \
        i3d="$G/i3d.csv" -o film.csv
    _complains "short.csv: 2 rows" "resnet50.csv has 3"
    _exits 1 predict aan.safetensors resnet50="$G/i3d.csv" flownet="$G/flownet.csv" \
        i3d="$G/i3d.csv" -o film.csv
    _complains "i3d.csv: 4 values a row; the model's resnet50 has 5"
    sed '2s/^[^,]*/nan/' "$G/flownet.csv" >nan.csv
    _exits 1 predict aan.safetensors resnet50="$G/resnet50.csv" flownet=nan.csv \
        i3d="$G/i3d.csv" -o film.csv
    _complains "nan.csv: value 0 of row 1 is NaN"
    _exits 1 predict aan.safetensors resnet50="$G/resnet50.csv" i3d="$G/i3d.csv" -o film.csv
    _complains "features of flownet are missing"
    _exits 1 predict aan.safetensors resnet5="$G/resnet50.csv" -o film.csv
    _complains "nearest is resnet50"
    _exits 1 predict aan.safetensors resnet50=none.npy flownet="$G/flownet.csv" \
        i3d="$G/i3d.csv" -o film.csv
    _complains none.npy
    _exits 2 predict aan.safetensors -o film.csv
    _complains "--features resnet50=FILE flownet=FILE i3d=FILE"
    _exits 2 predict aan.safetensors picture.jpg -o film.csv
    [ ! -e film.csv ] || _fail "something was written"
}

pictures_are_not_taken_for_features() {
    _exits 2 predict "$FILES/network.safetensors" --features "a=$FILES/pictures/1.png"
    _complains "for models over features"
    _exits 2 predict "$FILES/network.safetensors"
    _complains "what to predict is missing"
}

hostile_pickles_are_refused_and_nothing_is_run() {
    cp "$SOURCE/tests/fuzz/seeds/pickle/os_system_legacy.pth" valence.pth
    for _verb in show convert; do
        _exits 1 models $_verb valence.pth -o m.safetensors
        _complains valence.pth system
        _no_crash
    done
    [ ! -e m.safetensors ] || _fail "a model was made of it"
}

_published() { # the published weights and samples
    P=$SOURCE/../shared/data/attendaffectnet
    [ -r "$P/emobase_sample.h5" ] || _skip "no published weights of AttendAffectNet"
    P=$P/MDB_arousal_COGNIMUSE_attention_model_Feature_AAN
}

the_published_weights_give_the_published_numbers() {
    _published
    D=$(dirname "$P")
    V="resnet50=$D/resnet50_sample.h5 flownet=$D/flownet_sample.h5 i3d=$D/i3d_sample.h5"
    A="vggish=$D/vggish_sample.h5 emobase2010=$D/emobase_sample.h5"
    for _which in only_audio only_video video_audio; do
        case $_which in
        only_audio) _f=$A ;;
        only_video) _f=$V ;;
        *) _f="$V $A" ;;
        esac
        _exits 0 models convert "${P}_$_which.pth" --as aan -o m.safetensors
        _exits 0 verify m.safetensors
        # shellcheck disable=SC2086
        _exits 0 predict "${P}_$_which.pth" --as aan $_f -o direct.csv
        # shellcheck disable=SC2086
        _exits 0 predict m.safetensors $_f
        cmp out direct.csv || _fail "$_which: other numbers after conversion"
        { echo x && grep "$_which" "$SOURCE/../shared/golden/attendaffectnet/expected.csv" |
            cut -d, -f3- | tr , '\n'; } >want
        _expects want
    done
}

a_model_of_several_inputs_goes_out_as_onnx_and_comes_back() {
    awk -v OFS=, 'BEGIN { print "a,b,c"; for (i = 0; i < 24; i++) print i % 5, i % 7 - 2, i / 3 }' >mood.csv
    awk -v OFS=, 'BEGIN { print "d,e"; for (i = 0; i < 24; i++) print 100 * (i % 3), i % 4 }' >skin.csv
    printf 'trial\tgroup\tfeatures.mood\tfeatures.skin\tvalence\temotion\n' >t.tsv
    for _n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
        printf 't%s\tg%s\tmood.csv#%s\t%s\t%s\t%s\n' $_n $((_n / 4)) $_n \
            "$([ $((_n % 5)) = 1 ] && echo n/a || echo skin.csv#$_n)" $((1 + _n * _n % 11 % 7)) \
            "$([ $((_n % 2)) = 1 ] && echo sad || echo happy)" >>t.tsv
    done
    printf '{"version": 2, "name": "t", "targets": {"valence": {"range": [1, 7], "construct": "evoked", "perspective": "normative"}, "emotion": {"classes": ["happy", "sad"], "construct": "evoked", "perspective": "normative"}}}' >t.json
    for _parts in "inputs: [mood, skin]
model: {name: aan, width: 4, layers: 1, heads: 2}" "inputs: {mood: {kind: features}, skin: {kind: features}}
branches: {mood: [{project: {width: 4}}], skin: [{hidden: {layers: 4}}]}
fusion: {name: gated}"; do
        printf 'trials: t.tsv\nmethod: network\ntargets: [valence, emotion]\n%s\nbatch: 8\nepochs: 1\nfolds: {k: 2}\nbootstrap: {repeats: 20}\n' "$_parts" >s.yaml
        rm -rf run
        _exits 0 train s.yaml --threads 1 -o run
        _exits 0 models export run/model.safetensors -o one.onnx --force
        _exits 0 models import one.onnx -o back.safetensors --force
        _exits 0 verify back.safetensors
        _exits 0 models export back.safetensors -o two.onnx --force
        cmp one.onnx two.onnx || _fail "an export that came back is another file"
        _exits 0 predict run/model.safetensors t.tsv
        cp out want
        _exits 0 predict back.safetensors t.tsv
        cmp out want || _fail "it predicts something else"
    done
}
