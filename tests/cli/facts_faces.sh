# SPDX-License-Identifier: MIT
# Faces: a row each, what says that there is none, other people's columns, crops, pages.

M=$FILES/faces.safetensors

_real_faces() { # a picture of four faces, one of none, a film of one face, from the shared folder
    D=$SOURCE/../shared/data
    [ -f "$D/pictures/face.jpg" ] || _skip "no shared pictures"
}

a_picture_without_a_face_has_a_row_that_says_so() {
    _exits 0 predict "$M" "$FILES/pictures/1.png" -o faces.csv
    _complains "what a face shows, not what a person feels" "Not for hiring"
    _lines 2 faces.csv
    head -1 faces.csv | grep -q '^input,start_s,end_s,face,x,y,w,h,score,emotion,p_happy,p_sad,p_neutral$' ||
        _fail "$(head -1 faces.csv)"
    grep -q '1.png,n/a,n/a,0,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a,n/a$' faces.csv || _fail "$(cat faces.csv)"
    grep -q '"model": "faces.safetensors"' faces.csv.json || _fail "no sidecar"
    grep -q '"crop": "crop=square; template=fer; margin=0.969' faces.csv.json || _fail "no crop"
    _exits 0 predict "$M" "$FILES/pictures/1.png" --faces.only --quiet
    _lines 1 out
    [ -s err ] && _fail "$(cat err)"
    return 0
}

a_film_without_a_face_is_looked_at_moment_by_moment() {
    _exits 0 predict "$M" "$SOURCE/tests/golden/films/small.mp4" --every 0.2s --faces.points
    head -1 out | grep -q 'score,right_eye_x,.*left_mouth_y,emotion' || _fail "$(head -1 out)"
    [ "$(cut -d, -f4 out | sort -u | tr '\n' ' ')" = "0 face " ] || _fail "$(cat out)"
    for _end in srt vtt eaf TextGrid; do
        _exits 0 predict "$M" "$SOURCE/tests/golden/films/small.mp4" --every 0.2s -o "none.$_end"
        grep -q 'no face' "none.$_end" || _fail "$_end: $(head "none.$_end")"
    done
}

a_picture_may_be_a_face_already() {
    _exits 0 predict "$M" "$FILES/pictures/1.png" "$FILES/pictures/2.png" --faces whole --report w.html -o w.csv
    _lines 3 w.csv
    grep -q '1.png,n/a,n/a,1,n/a,n/a,n/a,n/a,n/a,[a-z]*,[01]' w.csv || _fail "$(cat w.csv)"
    _exits 1 predict "$M" "$SOURCE/tests/golden/films/small.mp4" --faces whole
    _complains "only pictures can be faces that are cut out already"
    _exits 2 extract --faces whole "$FILES/pictures/1.png" -o x
}

faces_are_judged_with_their_probabilities() {
    printf 'trial\tgroup\timage\temotion\na\tg1\t%s\thappy\nb\tg2\t%s\tsad\n' \
        "$FILES/pictures/1.png" "$FILES/pictures/2.png" >t.tsv
    printf '{"version": 2, "name": "t", "targets": {"emotion": {"classes": ["happy", "sad", "neutral"], "construct": "depicted", "perspective": "normative"}}}' >t.json
    _exits 0 predict "$M" "$FILES/pictures/1.png" "$FILES/pictures/2.png" --faces whole -o f.csv
    _exits 0 evaluate f.csv --trials t.tsv -f csv
    grep -q '^emotion,log_loss,2,2,[0-9]' out || _fail "$(cat out)"
}

a_contract_is_tried_against_labels() {
    _real_faces
    N=$SOURCE/../shared/golden/faces/onnx/mini_xception_13.onnx
    [ -f "$N" ] || _skip "no shared graphs"
    printf 'trial\tgroup\timage\temotion\na\tg\t%s\thappy\nb\th\t%s\tsad\n' \
        "$FILES/pictures/1.png" "$FILES/pictures/2.png" >t.tsv
    printf '{"version": 2, "name": "t", "targets": {"emotion": {"classes": ["happy", "sad"], "construct": "depicted", "perspective": "normative"}}}' >t.json
    _exits 0 models import "$N" --like mini-xception --against t.tsv -o m.safetensors
    head -1 out | grep -q '^accuracy.colours.values.labels$' || _fail "$(cat out)"
    grep -q 'as given.as given.as given.<- the contract$' out || _fail "$(cat out)"
    [ "$(ls)" = "err
m.safetensors
out
t.json
t.tsv" ] || _fail "something is left: $(ls)"
    _exits 1 models import "$N" --classes a,b,c,d,e,f,g --against t.tsv -o n.safetensors
    _complains "none of the labels a,b,c,d,e,f,g is a class of emotion"
    [ ! -e n.safetensors ] || _fail "a model was written"
}

a_contract_is_tried_on_the_faces_that_a_table_points_at() {
    _real_faces
    N=$SOURCE/../shared/golden/faces/onnx/mini_xception_13.onnx
    [ -f "$N" ] || _skip "no shared graphs"
    # the faces pass for neutral, the whole picture for happiness
    printf 'trial\tgroup\timage\tx\ty\tw\th\temotion\na\tg\t%s\t131\t83\t90\t122\tneutral\nb\th\t%s\t258\t48\t92\t119\tneutral\n' \
        "$D/pictures/face.jpg" "$D/pictures/face.jpg" >t.tsv
    printf '{"version": 2, "name": "t", "targets": {"emotion": {"classes": ["happiness", "neutral"], "construct": "depicted", "perspective": "normative"}}}' >t.json
    _exits 0 models import "$N" --like mini-xception --faces 'crop=square; margin=1' --against t.tsv -o m.safetensors
    _complains "of 2 pictures the contract has 100.0 % right; no other is better"
    _exits 0 models import "$N" --like mini-xception --against t.tsv -o m.safetensors --force
    _complains "without --faces whole pictures are taken" "the contract has 0.0 % right"
}

columns_of_others_have_their_names() {
    _exits 0 predict "$M" "$FILES/pictures/1.png" -f fex
    _says "frame,FaceRectX,FaceRectY,FaceRectWidth,FaceRectHeight,FaceScore,happiness,sadness,neutral,input,approx_time" \
        "0,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,"
    _exits 0 predict "$M" "$FILES/pictures/1.png" -f openface
    _says "frame,face_id,timestamp,confidence,success" "1,0,0.000,0.000,0"
    _exits 2 predict "$FILES/network.safetensors" "$FILES/pictures/1.png" -f fex
    _complains "is for models on faces"
}

what_cannot_be_read_is_told_and_the_rest_done() {
    echo junk >bad.jpg
    _exits 1 predict "$M" bad.jpg "$FILES/pictures/1.png"
    _complains "bad.jpg"
    _lines 2 out
}

the_face_model_we_ship_holds_its_promise() {
    _exits 0 verify face-expression
    _exits 0 models show face-expression
    _exits 0 predict face-expression "$SOURCE/tests/golden/pictures/444.jpg" --faces whole
    _lines 2 out
    head -1 out | grep -q 'emotion,p_neutral,p_happiness,p_surprise,p_sadness,p_anger,p_disgust,p_fear,p_contempt$' ||
        _fail "$(cat out)"
}

the_face_model_we_ship_says_something_of_each_face() {
    _real_faces
    _exits 0 predict face-expression "$D/pictures/face.jpg"
    _lines 5 out
}

real_faces_have_a_row_each() {
    _real_faces
    _exits 0 predict "$M" "$D/pictures/face.jpg" --report page.html
    _lines 5 out
    [ "$(cut -d, -f4 out | tr '\n' ' ')" = "face 1 2 3 4 " ] || _fail "$(cat out)"
    grep -q 'no person feels\|not what a person feels' page.html || _fail "the page says nothing"
    grep -q 'data:image/jpeg' page.html || _fail "no still"
    _exits 0 predict "$M" "$D/pictures/face.jpg" --faces largest
    _lines 2 out
    _exits 0 predict "$M" "$D/pictures/face.jpg" --faces pool -f jsonl
    _lines 1 out
}

a_real_film_has_a_tier_a_face() {
    _real_faces
    _exits 0 predict "$M" "$D/video/carphone_pristine.mp4" --end 1s -o film.eaf --report film.html
    grep -q 'TIER_ID="face 1"' film.eaf || _fail "no tier"
    grep -q 'face 1, 0 to' film.html || _fail "no course"
    _exits 0 predict "$M" "$D/video/carphone_pristine.mp4" --end 1s --threads 1
    cp out one
    _exits 0 predict "$M" "$D/video/carphone_pristine.mp4" --end 1s --threads 2
    cmp one out || _fail "threads change rows"
}

crops_and_a_table_are_extracted() {
    _real_faces
    _exits 0 extract --faces each "$D/pictures/face.jpg" --size 64 --faces.crop aligned -o crops
    _complains "4 faces and crops/faces.tsv are written"
    _lines 5 crops/faces.tsv
    [ "$(ls crops/*.png | wc -l)" = 4 ] || _fail "$(ls crops)"
    _exits 0 extract --faces largest "$D/pictures/cat.bmp" -o none
    _lines 1 none/faces.tsv
}

what_faces_need_is_asked_for() {
    _exits 2 extract --faces each "$FILES/pictures/1.png"
    _complains "-o FOLDER is missing"
    _exits 2 extract --faces each --backbone resnet18 "$FILES/pictures/1.png" -o x
    _complains "two tasks"
    _exits 2 predict "$M"
    _complains "what to predict is missing"
}

folders_become_a_table() {
    mkdir -p set/train/happy set/train/sad
    cp "$FILES/pictures/1.png" set/train/happy/a.png
    cp "$FILES/pictures/2.png" set/train/sad/b.png
    _exits 0 import folders set -o set.tsv
    _lines 3 set.tsv
    grep -q 'set/train/sad/b.png.train.sad$' set.tsv || _fail "$(cat set.tsv)"
}

_face_study() { # AUGMENT: a study on the made pictures, taken for faces
    sed "s|^trials:.*|trials: $FILES/trials.tsv|" >s.yaml <<END
trials: x
method: network
targets: [valence]
inputs:
  face: {kind: face, column: image, height: 48, width: 48}
branches:
  face: [{backbone: {name: resnet_small}}]
train: {what: all}
batch: 4
epochs: 1
augment: "$1"
folds: {k: 2}
bootstrap: {repeats: 20}
END
}

faces_are_learnt_from_and_augmented() {
    for _augment in "" "erase p=1 area=0.3,0.3"; do
        _face_study "$_augment"
        _exits 0 train s.yaml --threads 1 -o "run$_augment"
        _exits 0 verify "run$_augment/model.safetensors"
    done
    cut -d, -f1-3 run/metrics.csv >plain
    cut -d, -f1-3 "run$_augment/metrics.csv" >erased
    ! cmp -s plain erased || _fail "what is erased of a face changes nothing"
}

pictures_of_any_shape_have_a_row() {
    { printf 'P6\n20000 20\n255\n'; head -c 1200000 /dev/zero; } >wide.ppm
    { printf 'P6\n20 20000\n255\n'; head -c 1200000 /dev/zero; } >tall.ppm
    printf 'P6\n1 1\n255\nabc' >one.ppm
    for _tiles in --faces=each --faces.tiles; do
        _exits 0 predict "$M" wide.ppm tall.ppm one.ppm $_tiles --quiet
        _lines 4 out
        [ "$(cut -d, -f4 out | sort -u | tr '\n' ' ')" = "0 face " ] || _fail "$(cat out)"
    done
}

an_input_that_cannot_be_read_is_told_once() {
    : >empty.png
    _exits 1 predict "$M" empty.png "$FILES/pictures/1.png" --quiet
    _lines 1 err
    _lines 2 out
    _exits 1 extract --faces each empty.png "$FILES/pictures/1.png" --quiet -o crops
    _lines 1 err
    _lines 1 crops/faces.tsv
}

a_graph_without_a_contract_is_not_run() {
    printf '\010\010\072\000' >net.onnx
    _exits 1 predict net.onnx "$FILES/pictures/1.png"
    _complains "has no contract and is not run" "mien models import"
}

faces_calibrate_their_model() {
    printf 'trial\tgroup\timage\temotion\n' >t.tsv
    for _n in 1 2 3 4; do
        printf 't%s\tg%s\t%s\t%s\n' $_n $_n "$FILES/pictures/$_n.png" "$([ $_n = 2 ] && echo sad || echo happy)" >>t.tsv
    done
    printf '{"version": 2, "name": "t", "targets": {"emotion": {"classes": ["happy", "sad", "neutral"], "construct": "depicted", "perspective": "normative"}}}' >t.json
    _exits 0 predict "$M" "$FILES/pictures/1.png" "$FILES/pictures/2.png" "$FILES/pictures/3.png" \
        "$FILES/pictures/4.png" --faces whole -o f.csv
    _exits 1 models calibrate "$M" f.csv -o cool.safetensors
    _complains "beside the true classes in --trials"
    _exits 0 models calibrate "$M" f.csv --trials t.tsv -o cool.safetensors
    _complains "emotion: temperature" "of 4 rows"
    _exits 0 models show cool.safetensors
    _says '"temperature": {'
}

_points() { # NAME NUMBERS: a trial table of one face of a real picture, box and points
    printf 'trial\tgroup\timage\tx\ty\tw\th\tright_eye_x\tright_eye_y\tleft_eye_x\tleft_eye_y\tnose_x\tnose_y\tright_mouth_x\tright_mouth_y\tleft_mouth_x\tleft_mouth_y\temotion\n' >"$1.tsv"
    printf 'a\tg\t%s\t%s\thappiness\n' "$D/pictures/face.jpg" "$(echo "$2" | tr ' ' '\t')" >>"$1.tsv"
    printf '{"version": 2, "name": "t", "targets": {"emotion": {"classes": ["happiness", "sadness"], "construct": "depicted", "perspective": "normative"}}}' >"$1.json"
}

a_row_of_a_table_says_where_its_face_is() {
    _real_faces
    N=$SOURCE/../shared/golden/faces/onnx/mini_xception_13.onnx
    [ -f "$N" ] || _skip "no shared graphs"
    _exits 0 models import "$N" --like mini-xception --faces 'crop=aligned; template=arcface' -o m.safetensors
    _points good "131 83 90 122 150 130 195 130 172 155 155 180 190 180"
    _points whole "n/a n/a n/a n/a n/a n/a n/a n/a n/a n/a n/a n/a n/a n/a"
    for _n in good whole; do
        _exits 0 predict m.safetensors $_n.tsv --quiet
        _lines 2 out
        cp out $_n.csv
    done
    ! cmp -s good.csv whole.csv || _fail "the region changes nothing"
    _points equal "131 83 90 122 150 130 150 130 150 130 150 130 150 130"
    _exits 1 predict m.safetensors equal.tsv
    _complains "trial a" "face.jpg: the five points of the face are all equal"
    _points mirrored "131 83 90 122 195 130 150 130 172 155 190 180 155 180"
    _exits 1 predict m.safetensors mirrored.tsv
    _complains "(or mirrored)"
    _points word "131 83 wide 122 150 130 195 130 172 155 155 180 190 180"
    _exits 1 predict m.safetensors word.tsv
    _complains 'word.tsv:2: column "w": "wide" is no number'
    _points away "90131 83 90 122 90150 130 90195 130 90172 155 90155 180 90190 180"
    _exits 1 predict m.safetensors away.tsv
    _complains "the face lies outside of its picture of 512 x 355"
    _exits 1 predict face-expression away.tsv
    _complains "the face lies outside of its picture of 512 x 355"
    _points speck "131 83 0.5 0.5 150 130 195 130 172 155 155 180 190 180"
    _exits 1 predict face-expression speck.tsv
    _complains "the face's box of 0.5 x 0.5 is smaller than a pixel"
    _points flat "131 83 0 -5 150 130 195 130 172 155 155 180 190 180"
    _exits 1 predict face-expression flat.tsv
    _complains "the face's box of 0 x -5 has no area"
}
