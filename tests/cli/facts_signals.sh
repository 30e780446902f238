# SPDX-License-Identifier: MIT
# Recordings: features, doctor, BIDS, synthetic reactions.

_recording() { # a minute of EDA and heart rate, with two events
    awk 'BEGIN {
        print "t,gsr,hr,mark"
        for (i = 0; i < 3000; i++) {
            t = i / 50
            mark = i == 1000 ? "dog" : i == 2000 ? "cat" : ""
            printf "%.3f,%.4f,%.1f,%s\n", t, 4 + sin(t / 3), 70 + sin(t), mark
        }
    }' >lab.csv
    C=time=t,GSR=gsr,unit.GSR=uS,HR=hr,event=mark
}

windows_around_events_are_rows_of_features() {
    _recording
    _exits 0 extract --signals eda,heart --columns "$C" lab.csv -o features.tsv
    [ "$(wc -l <features.tsv)" = 3 ] || _fail "other rows"
    head -n 1 features.tsv | grep -q 'eda_tonic_change_uS.*heart_baseline_bpm.*valid_eda.*valid_heart' ||
        _fail "other columns"
    cut -f3 features.tsv | grep -qx dog || _fail "no event dog"
    _exits 0 extract --signals eda --columns "$C" --event cat lab.csv --cleaned tracks -o cat.tsv
    [ "$(wc -l <cat.tsv)" = 2 ] || _fail "other rows of one event"
    [ "$(wc -l <tracks/lab_eda_phasic_uS.tsv)" = 3001 ] || _fail "other rows of a track"
    _exits 0 extract --signals heart --columns "$C" --every 10s lab.csv
    [ "$(wc -l <out)" = 7 ] || _fail "other rows every 10 s"
}

what_extract_cannot_do_with_recordings_is_told() {
    _recording
    _exits 2 extract --signals nose lab.csv
    _complains "no sensor \"nose\""
    _exits 2 extract --signals eda --window 5 --columns "$C" lab.csv
    _complains "--window" "FROM,TO"
    _exits 1 extract --signals gaze --columns "$C" lab.csv
    _complains "none of its channels"
    _exits 1 extract --signals eda lab.csv
    _complains "no preset"
}

the_doctor_judges_a_recording() {
    _recording
    _exits 0 doctor --columns "$C" lab.csv
    _says "100.0 % of the samples are valid" "2 events"
}

a_folder_becomes_bids_and_a_trial_table() {
    mkdir -p lab/ann
    printf '** CONVERTED FROM x.edf\nSTART\t100 \tLEFT\tSAMPLES\nSAMPLES\tGAZE\tLEFT\tRATE\t500.00\n' \
        >lab/ann/s1.asc
    printf '100\t1\t2\t300\t...\nMSG\t102 dog\n102\t1\t2\t301\t...\nEFIX L\t100\t102\t2\t1\t2\t300\nEND\t104\n' \
        >>lab/ann/s1.asc
    _exits 0 import recordings lab -o one
    _exits 0 import recordings lab -o two
    cmp one/sub-ann/beh/sub-ann_task-view_run-1_physio.tsv.gz \
        two/sub-ann/beh/sub-ann_task-view_run-1_physio.tsv.gz || _fail "other bytes"
    _exits 0 doctor one
    _exits 0 import bids one -o trials.tsv
    grep -q 'sub-ann.*fixation' trials.tsv || _fail "no trial"
    _exits 1 import recordings lab -o one
    _complains "not empty"
}

synthetic_reactions_tell_their_right_answers() {
    _exits 0 synth emoeye --persons 2 --stimuli 4 --per-person 3 -o people
    _says "arousal  all sensors            unseen   0.537" "valence  picture                seen     0.721"
    [ "$(wc -l <people/trials.tsv)" = 7 ] || _fail "other rows"
    [ "$(wc -l <people/truth.csv)" = 7 ] || _fail "other truth"
    _exits 1 synth emoeye --alpha 0.9 -o others
    _complains "sum to 1"
}

# Windows of a trial table's recordings become columns that a study takes; persons and
# pictures are left out at once, and every cell has a table of its own.
trials_get_features_of_their_recordings_and_crossed_folds() {
    _exits 0 synth emoeye -o em --persons 8 --stimuli 12 --per-person 12 --bids
    _exits 0 import bids em -o em/t.tsv
    _exits 2 extract --signals heart em/t.tsv
    _complains "-o NEW.tsv is needed"
    _exits 1 extract --signals heart em/t.tsv -o body.tsv
    _complains "in the folder of em/t.tsv"
    _exits 2 extract --signals heart em/t.tsv -o em/body.tsv --every 5s
    _complains "whose rows say when"
    for _rule in none strict transductive; do
        _exits 0 extract --signals heart,pupil em/t.tsv -o em/$_rule.tsv \
            --window 0,4.9 --normalise $_rule --first 4
    done
    head -1 em/none.tsv | grep -q "	features.heart	valid_heart	features.pupil	valid_pupil$" ||
        _fail "columns of another name"
    head -1 em/strict.tsv | grep -q "features.heart_strict" || _fail "strict is not named"
    grep -q "transductive, all trials of somebody new must be there" em/transductive.json ||
        _fail "the sidecar does not say how"
    _exits 2 extract --signals heart em/t.tsv -o em/none.tsv
    _complains "--force replaces it"
    cat >em/s.yaml <<END
trials: transductive.tsv
method: network
inputs: [heart_transductive, pupil_transductive]
model: {name: linear}
epochs: 5
batch: 16
folds: {rule: crossed, k: 2, across-k: 3}
END
    _exits 0 train em/s.yaml --threads 1 -o em/run
    [ "$(wc -l <em/run/predictions-stimulus-seen.csv)" -eq 97 ] || _fail "not 96 trials"
    _exits 0 evaluate em/run/predictions-person-seen.csv
    _exits 0 compare em/run --baseline --repeats 20
    _exits 0 compare em/run/predictions-person-seen.csv em/run/predictions.csv --repeats 20
    _exits 0 report em/run -o page.html
    grep -q "stimulus unseen" page.html || _fail "no table of cells"
    [ "$(grep -o "class=\"dot\"[^>]*><title>[^<]*: r [^<]*, 12 trials" page.html | wc -l)" -ge 8 ] ||
        _fail "not a dot for each person"
    grep -q "without the model (both)" page.html || _fail "no names that were learnt"
}

# Persons who differ by themselves are known in front of new pictures, and are not where
# they are new; a model of the body's answers predicts trials that lack sensors.
persons_offsets_tell_where_persons_are_known() {
    _needs python3
    _exits 0 synth emoeye -o em --persons 9 --stimuli 12 --per-person 12 --missing 0.2 \
        --alpha 0.1 --beta 0.8 --gamma 0.1
    cp "$SOURCE/studies/emoeye-features.yaml" em/s.yaml
    for _by in person ""; do
        _exits 0 train em/s.yaml -o "run$_by" --threads 1 --set trials=trials.tsv \
            --set folds.k=3 --set folds.across-k=2 --set ridge.lambda=0.1 \
            --set "offsets.by=$_by"
    done
    python3 -I - <<END || _fail "persons are not known where they are seen"
import json

def figures(run, target):
    crossed = json.load(open(run + "/results.json"))["targets"][target]["crossed"]
    return {c["cell"]: m["model"]["value"] for c in crossed["cells"]
            for m in c["metrics"] if m["name"] == "r" and not m["within_persons"]}

for target in 0, 1:
    known, plain = figures("runperson", target), figures("run", target)
    assert known["both-unseen"] == plain["both-unseen"], (known, plain)
    assert known["stimulus-seen"] == plain["stimulus-seen"], (known, plain)
    assert known["person-seen"] > plain["person-seen"] + 0.1, (known, plain)
    assert known["both-seen"] > plain["both-seen"] + 0.2, (known, plain)
END
    _exits 0 predict run/model.safetensors em/trials.tsv -o p.csv
    [ "$(wc -l <p.csv)" -eq 109 ] || _fail "not all trials"
    # what each sensor tells in each cell; the model's own figures are the run's
    _exits 0 explain run
    python3 -I - <<END || _fail "explain has other cells"
import json

told = json.load(open("run/explain.json"))["targets"]
run = json.load(open("run/results.json"))["targets"]
for t, of in zip(told, run):
    for cell, other in zip(t["cells"], of["crossed"]["cells"]):
        assert cell["cell"] == other["cell"] and cell["rows"] == other["rows"]
        assert [x["name"] for x in cell["left_out"]] == ["pupil", "skin", "heart", "gaze", "light"]
    both = t["cells"][0]["metrics"][0]["value"]
    assert abs(both - next(m["model"]["value"] for m in of["crossed"]["cells"][0]["metrics"]
                           if m["name"] == "r" and not m["within_persons"])) < 1e-6
END
    _exits 0 report run -o cells.html
    grep -q "nothing: the figure itself" cells.html || _fail "no table of cells"
    _exits 1 train em/s.yaml -o other --set trials=trials.tsv --set offsets.by=persn
    _complains "offsets.by: em/trials.tsv has no column"
    # evaluate and compare judge a crossed run over what it crossed, whatever its name
    sed -e '1s/\tstimulus\t/\ttheme\t/' em/trials.tsv >em/themes.tsv
    cp em/trials.json em/themes.json
    _exits 0 train em/s.yaml -o themes --threads 1 --set trials=themes.tsv \
        --set folds.k=3 --set folds.across=theme --set folds.across-k=2
    _exits 0 evaluate themes -f csv -o e.csv
    _exits 0 compare themes --baseline -f csv -o c.csv
    _exits 0 evaluate themes -f csv -o p.csv --over person --force
    _exits 0 evaluate themes -f csv -o b.csv --over person,theme
    _exits 1 evaluate themes --over person,film
    _complains "there is no column \"film\""
    _exits 1 evaluate themes --over person,
    _complains "two with a comma between them"
    python3 -I - <<END || _fail "evaluate has other intervals than the run"
import csv, json

run = json.load(open("themes/results.json"))["targets"]
read = lambda name: {(r["target"], r["metric"]): r for r in csv.DictReader(open(name))}
over, compared, persons, both = (read(n) for n in ("e.csv", "c.csv", "p.csv", "b.csv"))
for t in run:
    for m in t["metrics"]:
        key = t["name"], m["name"]
        for end in "low", "high":
            assert abs(float(over[key][end]) - m[end]) < 1e-6, (key, over[key], m)
        assert both[key] == over[key]
    r = t["name"], "r"
    assert over[r]["groups"] == "9" and compared[r]["low"] == over[r]["low"]
    assert persons[r]["low"] != over[r]["low"]
END
}

# Of a network over a series each sensor is left out by itself: the pupil alone moves the
# rating, and nothing is lost without the others.
sensors_of_a_series_are_left_out_alone() {
    _needs python3
    _exits 0 synth emoeye -o em --persons 10 --stimuli 12 --per-person 12 --missing 0 --pupil 0.98 \
        --gsr 0 --hr 0 --gaze 0 --alpha 0 --beta 0 --gamma 1
    cat >em/s.yaml <<END
trials: trials.tsv
method: network
targets: [arousal]
inputs:
  body: {kind: series, levels: change, sensors: pupil heart, optional: true}
branches:
  body: [{cnn_lstm: {channels: 16, hidden: 16, width: 8, dropout: 0}}]
sensor-dropout: 0.1
optimiser: {name: adamw, rate: 0.01}
epochs: 6
batch: 8
folds: {rule: crossed, k: 2, across-k: 2}
END
    _exits 0 train em/s.yaml -o run --threads 1
    _exits 0 explain run --repeats 1
    python3 -I - <<END || _fail "other sensors tell"
import json

t = json.load(open("run/explain.json"))["targets"][0]
parts = {p["name"]: p["left_out"][0] for p in t["inputs"][0]["parts"]}
assert list(parts) == ["body/pupil", "body/heart"], parts
lost = {k: p["loss"]["value"] for k, p in parts.items()}
assert lost["body/pupil"] > 0.2 > 0.15 > abs(lost["body/heart"]), lost
cell = {x["name"]: x["lost"][0]["value"] for x in t["cells"][0]["left_out"]}
assert abs(cell["body/pupil"] - lost["body/pupil"]) < 1e-6, (cell, lost)
END
}

# Where people looked in each picture, and whether a network looks there; trials that are
# asked for are drawn, with what is not valid.
gaze_is_drawn_over_pictures_and_held_against_a_network() {
    _exits 0 synth emoeye -o em --persons 4 --stimuli 6 --per-person 6 --missing 0.2
    _exits 0 gaze em/trials.tsv -o g.tsv --report page.html --trials "$(sed -n 2p em/trials.tsv | cut -f1)"
    [ "$(wc -l <g.tsv)" -eq 7 ] || _fail "not 6 pictures"
    awk -F'\t' 'NR > 1 { n += $2; f += $4; if ($4 < $5) exit 1 } END { exit !(n == 24 && f > 100) }' g.tsv ||
        _fail "other trials or fixations"
    grep -q "<title>scanpath</title>" page.html || _fail "no scanpath"
    grep -q "skin, ohm" page.html || _fail "no signals"
    grep -q "stroke-opacity=\"0.35\"" page.html || _fail "no fixations in the signals"
    [ "$(grep -o 'where people looked</title>' page.html | wc -l)" -eq 6 ] || _fail "not 6 maps"
    ! grep -q 'class="event"' page.html || _fail "events of a file that has none"
    # trials that are cut out of recordings have the recordings' events in their signals
    _exits 0 synth emoeye --persons 2 --stimuli 3 --per-person 3 -o cut --bids
    _exits 0 import bids cut -o cut/t.tsv
    awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "image" : "bids/stimuli/" $3 }' cut/t.tsv >cut/pictures.tsv
    cp cut/t.json cut/pictures.json
    _exits 0 gaze cut/pictures.tsv --column recording -o cut/g.tsv --report cut.html \
        --trials "$(sed -n 3p cut/pictures.tsv | cut -f1)"
    grep -q '<line class="event"[^>]*/><text[^>]*>picture' cut.html ||
        _fail "no events of the recording"
    grep -q '<rect class="event" x="90.0"' cut.html || _fail "no span of the picture"
    _exits 0 gaze "$FILES/run/model.safetensors" --weights "$FILES/good.safetensors" em/trials.tsv \
        -o m.tsv --report both.html
    _says "NSS over others' fixations" "CC over others' fixations"
    [ "$(head -1 m.tsv | tr '\t' '\n' | wc -l)" -eq 9 ] || _fail "no scores"
    grep -q "what counts for the model" both.html || _fail "no map of the model"
    _exits 2 gaze em/trials.tsv --trials nobody
    _complains "no trial of em/trials.tsv is called nobody"
    _exits 2 gaze em/trials.tsv --on 1,2
    _complains "shares of the screen"
    _exits 1 gaze em/trials.tsv --column none
    _complains "none"
}

# A body recorder's clock is 3.25 s late and 200 ppm fast; its heart rate steps at every
# picture that the eye tracker's log has.
windows_at_events_of_another_recording_follow_its_clock() {
    awk 'BEGIN { print "t,event,x"; for (i = 0; i < 1200; i++) {
        t = i * 0.1; e = (i % 200 == 50) ? "picture" : ""; print t "," e ",1" } }' >eye.csv
    awk 'BEGIN { print "t,event,hr"; for (i = 0; i < 1300; i++) {
        t = i * 0.1; own = (t - 3.25) / 1.0002; k = int((own - 5) / 20 + 0.5)
        e = (k >= 0 && k < 6 && int((3.25 + 1.0002 * (5 + 20 * k)) * 10 + 0.5) == i) ? "picture" : ""
        hr = (own >= 5 && own - 5 - 20 * int((own - 5) / 20) < 5) ? 80 : 60
        print t "," e "," hr } }' >body.csv
    _c="time=t,event=event,heart_rate=hr"
    _exits 0 extract --signals heart body.csv --clock eye.csv --columns "$_c" --clock-columns time=t,event=event,x=x \
        --window 0.2,4.8 --baseline -2,-0.2 -o w.tsv
    _complains "6 shared events" "drift"
    cut -f5,7 w.tsv >got
    printf 'onset_s\theart_mean_change_bpm\n5\t20\n25\t20\n45\t20\n65\t20\n85\t20\n105\t20\n' >want
    cmp got want || _fail "other windows: $(cat got)"
    sed 's/^125.3,picture/125.3,/; s/picture/dog/' body.csv | sed '0,/dog/s/dog//' >fewer.csv
    _exits 1 extract --signals heart fewer.csv --clock eye.csv --columns "$_c" --clock-columns time=t,event=event,x=x -o v.tsv
    _complains "name those that both have"
    _exits 2 extract --signals heart body.csv --clock eye.csv --every 5s -o v.tsv
}

_asc() { # FILE RATE VALUE: 600 samples, 2 ms apart; MORE lines in the middle
    {
        printf '** CONVERTED FROM x.edf\nMSG\t90 DISPLAY_COORDS 0 0 1279 1023\nSTART\t100\tLEFT\tSAMPLES\n'
        printf 'SAMPLES\tGAZE\tLEFT\tRATE\t%s\tTRACKING\tCR\nMSG\t100 dog\n' "$2"
        awk -v v="$3" 'BEGIN { for (i = 0; i < 600; i++) printf "%d\t%s\t...\n", 100 + 2 * i, v }'
        printf 'MSG\t90000 cat\nEND\t1300\n'
    } >"$1"
}

# What a laboratory's files get wrong: each is told with the file, and the row where there is one.
recordings_that_cannot_be_are_told() {
    _asc rate.asc 1000.00 "600	500	900"
    _exits 1 doctor rate.asc
    _says "the rate contradicts the stamps: 1000 Hz are told" "1 events lie outside the recording"
    _asc beside.asc 500.00 "5000	500	900"
    _exits 0 doctor beside.asc
    _says "100.0 % of the valid samples lie outside the screen (0 to 1280)"
    _asc blind.asc 500.00 ".	.	0.0"
    _exits 1 doctor blind.asc
    _says "no sample is valid"
    _exits 0 extract --signals gaze,pupil --screen 1280x1024,38x30cm,60cm --window 0,1 --baseline 0,0.2 blind.asc -o b.tsv
    awk -F'\t' 'NR > 1 && !($6 == "n/a" && $NF == 0) { exit 1 }' b.tsv || _fail "features of nothing"
    _exits 1 extract --signals gaze blind.asc
    _complains "does not tell the screen" "--screen 1920x1080"
    awk 'BEGIN { print "t,hr"; for (i = 0; i < 60; i++) print (i % 30) / 10 ",70" }' >again.csv
    _exits 0 doctor --columns time=t,heart_rate=hr again.csv
    _complains "again.csv:32: the clock goes back from 2.9 to 0 s"
    awk 'BEGIN { print "Recording timestamp [ms]\tGaze point X\tGaze point Y\tEvent"
        for (i = 0; i < 60; i++) { print i * 16 "\t900\t500\t"; if (i == 30) print "483\t\t\tImageStimulusStart" } }' >lab.tsv
    _exits 0 doctor lab.tsv
    _says "2 channels, 60 samples, 0.000 to 0.944 s, 62.5 Hz" "1 events"
    printf 't,gsr\n0,250000\n1,250001\n' >skin.csv
    _exits 1 doctor --columns time=t,eda=gsr skin.csv
    _says "the unit of eda is not told; uS (conductance) or ohm (resistance)"
    _exits 1 extract --signals eda --every 1s --columns time=t,eda=gsr skin.csv
    _complains "skin.csv: the unit of eda is not told" "unit.NAME=UNIT"
}

# Oddities of vendors' files that are no faults: a delimiter behind the last cell, decimal
# commas, other columns, rows of other devices, empty lines at the end.
what_vendors_write_is_read() {
    awk 'BEGIN { print "CNT,TIMETICK(f=10000000),TIME(2023/03/14 10:11:12.123),LPD,LPV"
        for (i = 0; i < 60; i++) printf "%d,%d,%.5f,15.2,%d,\n", i, 9e8 + i * 166667, i / 60, (i % 6 > 0) }' >gaze.csv
    _exits 0 doctor gaze.csv
    _says "60 samples, 0.000 to 0.983 s, 60.0" "83.3 % of the samples are valid"
    awk 'BEGIN { print "Sensor\tRecording timestamp [μs]\tGaze point X [MCS norm]\tGaze point X [DACS px]\tGaze point Y [DACS px]"
        for (i = 0; i < 60; i++) { print "Eye Tracker\t" i * 10000 "\t0,5\t900,5\t500,25"
            if (i % 3 == 0) print "Mouse\t" i * 10000 + 5 "\t\t\t" } }' >tobii.tsv
    _exits 0 doctor tobii.tsv
    _says "60 samples, 0.000 to 0.590 s, 100 Hz" "900.5 to 900.5 pixel"
    awk 'BEGIN { print "section id,timestamp [ns],gaze x [px],gaze y [px],worn"
        for (i = 0; i < 60; i++) printf "a,17%017.0f,800.1,600.2,1.0\n", i * 5000000 }' >neon.csv
    _exits 0 doctor neon.csv
    _says "60 samples, 0.000 to 0.295 s, 200 Hz"
    mkdir e4
    awk 'BEGIN { ORS = "\r\n"; print 1544027337; print 4; for (i = 0; i < 40; i++) print 0.5; print "" }' >e4/EDA.csv
    _exits 0 doctor e4
    _says "40 samples, 0.000 to 9.750 s"
}

# And oddities that are faults, each told with its row.
what_vendors_files_lost_is_told() {
    printf '1544027337\n4\n0.5\n\n0.5\n' >EDA.csv
    _exits 1 doctor .
    _says "EDA.csv:4: an empty row among the samples"
    awk 'BEGIN { print "t,hr"; for (i = 0; i < 60; i++) print int(i / 2) / 10 ",70" }' >twice.csv
    _exits 1 doctor --columns time=t,heart_rate=hr twice.csv
    _says "30 of 60 samples have the stamp of the one before, the first at 0.000 s"
    printf 'Zeit\tBlick X\n1\t2\n' >lab.tsv
    _exits 1 doctor lab.tsv
    _says "its columns (Zeit, Blick X) are those of no preset"
    {
        printf '# OpenSignals Text File Format\n# {"AA": {"column": ["nSeq", "A1"], "sampling rate": 100, "resolution": [4, 10]}}\n# EndOfHeader\n'
        awk 'BEGIN { for (i = 0; i < 60; i++) print (i < 20 ? i : i + 3) % 16 "\t512\t" }'
    } >body.txt
    _exits 0 doctor body.txt
    _complains "body.txt:24: nSeq goes from 3 to 7: samples were lost"
    mkdir -p b/sub-1/beh
    echo '{"Name": "x", "BIDSVersion": "1.11.0"}' >b/dataset_description.json
    _stem=b/sub-1/beh/sub-1_task-v
    printf 'onset\tduration\n1\t1\n' >"${_stem}_events.tsv"
    awk 'BEGIN { for (i = 0; i < 100; i++) print (i < 60 ? i : i - 50) * 10 "\t900\t500\t" 350 + i % 2 }' | gzip -n >"${_stem}_physio.tsv.gz"
    _eye() { # UNITS-OF-PUPIL ORIGIN SYSTEM
        printf '{"PhysioType": "eyetrack", "SamplingFrequency": 100, "StartTime": 0, "RecordedEye": "left", "SampleCoordinateSystem": "%s", "Columns": ["timestamp", "x_coordinate", "y_coordinate", "pupil_size"], "timestamp": {"Units": "ms"}, "x_coordinate": {"Units": "pixel"}, "y_coordinate": {"Units": "pixel"}, "pupil_size": {%s}}' "$3" "$1" >"${_stem}_physio.json"
        printf '{"StimulusPresentation": {"ScreenDistance": 0.6, "ScreenOrigin": ["%s", "left"], "ScreenResolution": [1920, 1080], "ScreenSize": [0.5, 0.3]}}' "$2" >"${_stem}_events.json"
    }
    _eye '"Units": "a.u."' top gaze-on-screen
    _exits 1 doctor b
    _says "its unit (a.u.) does not say whether it is an area or a diameter" \
        "physio.tsv.gz:61: time runs backwards, from 0.590000 to 0.100000 s"
    _eye '"Units": "a.u.", "Description": "pupil area"' bottom gaze-on-screen
    _exits 1 doctor b
    _complains '["bottom", "left"]; only ["top", "left"] is read'
    _eye '"Units": "a.u.", "Description": "pupil area"' top gaze-on-moon
    _exits 1 doctor b
    _says 'SampleCoordinateSystem is ""gaze-on-moon""'
}

# Epochs of another length, people without ratings, one person alone.
people_and_epochs_that_cannot_be_are_told() {
    _exits 0 synth emoeye -o em --persons 6 --stimuli 6 --per-person 6
    _epoch=$(ls em/prep_data/epochs/1/*.csv | head -n 1)
    cp "$_epoch" whole.csv
    for _rows in 300 302; do
        { cat whole.csv; tail -n 1 whole.csv; } | head -n $((_rows + 1)) >"$_epoch"
        _exits 1 import emoeye em -o em/t.tsv
        _complains "$_epoch: an epoch of $_rows rows; 301 are needed"
    done
    cp whole.csv "$_epoch"
    cp "$SOURCE/studies/emoeye-features.yaml" em/s.yaml
    awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR > 1 && $at["person"] == "1" { $at["arousal"] = $at["valence"] = "n/a" } 1' em/trials.tsv >em/some.tsv
    cp em/trials.json em/some.json
    _exits 0 doctor em/some.tsv
    _says "valence is missing in 6 of 36 rows"
    _exits 0 train em/s.yaml -o run --threads 1 --set trials=some.tsv --set folds.k=2 --set folds.across-k=2
    [ "$(wc -l <run/predictions.csv)" -eq 31 ] || _fail "not the 30 rated trials"
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 1 || $at["person"] == "2"' \
        em/trials.tsv >em/one.tsv
    cp em/trials.json em/one.json
    _exits 1 train em/s.yaml -o other --set trials=one.tsv
    _complains "4 folds of 1 persons"
    _exits 1 train em/s.yaml -o other --set trials=one.tsv --set folds.rule=leave-one-group-out --set folds.by=person
    _complains "1 groups: to leave one out, 2 or more are needed"
}

# Real people: what docs/results.md says of VREED's gaze and the oxazepam study's bodies.
_shared_data() { # NAME
    D=$SOURCE/../shared/data/$1
    [ -d "$D" ] || _skip "no ../shared/data/$1"
    _needs python3
}

gaze_tells_quadrants_of_people_never_seen() {
    _shared_data vreed
    python3 -I "$SOURCE/python/vreed.py" "$D/EyeTracking_FeaturesExtracted.csv" vreed || _fail "no table"
    _exits 0 import features vreed --set labels=labels.csv --set arrays=gaze=gaze.csv \
        --set targets=quadrant --set classes=quadrant --set group=person -o vreed.tsv
    cp "$SOURCE/studies/vreed-logistic.yaml" .
    _exits 0 train vreed-logistic.yaml -o run --threads 1 --set logistic.cost=1
    _exits 0 evaluate run -f csv
    awk -F, '$2 == "accuracy" { n++; if ($5 < 0.615 || $5 > 0.635) exit 1 } END { exit n != 1 }' out ||
        _fail "not .625 ± .01"
}

# Muscle, heart and skin tell unpleasantness a little within people; skin and heart alone do not.
bodies_tell_a_little_of_unpleasantness() {
    _shared_data oxazepam
    python3 -I "$SOURCE/python/tables/oxazepam.py" "$D" oxazepam features || _fail "no table"
    _exits 0 import features oxazepam --set labels=labels.csv \
        --set arrays=emg=emg.csv,heart=heart.csv,skin=skin.csv --set targets=unpleasantness \
        --set range=0,100 --set perspective=subjective -o oxazepam.tsv
    for _inputs in 'emg, heart, skin' skin heart; do
        rm -rf run
        sed "s/^inputs: .*/inputs: [$_inputs]/" "$SOURCE/studies/oxazepam.yaml" >study.yaml
        _exits 0 train study.yaml -o run --threads 1
        python3 -I "$SOURCE/python/within.py" run/predictions.csv unpleasantness >out
        # "mean r within 22 groups: 0.158 [0.099, 0.216]"
        sed 's/[^0-9.-]\{1,\}/ /g' out | awk -v all="$_inputs" '
            { r = $2; low = $3; high = $4 }
            END { exit !(all ~ /emg/ ? r >= 0.097 && low > 0 : low < 0 && high > 0) }' ||
            _fail "$_inputs: other figures"
    done
}

# Other people at the same second of a film tell a trace (r .717 and .667 within persons); gaze hardly does.
other_people_tell_a_trace_that_gaze_does_not() {
    _shared_data ceap360vr
    python3 -I "$SOURCE/python/tables/ceap360vr.py" "$D" . || _fail "no table"
    cp "$SOURCE/studies/ceap360vr.yaml" .
    _exits 0 train ceap360vr.yaml -o run --threads 1
    python3 -I - <<END || _fail "other figures"
import json

for target, mark in zip(json.load(open("run/results.json"))["targets"], (0.717, 0.667)):
    cells = {c["cell"]: next(m for m in c["metrics"] if m["name"] == "r" and m["within_persons"])
             for c in target["crossed"]["cells"]}
    others = cells["stimulus-seen"]["without_model"]["stimulus"]["value"]
    assert abs(others - mark) < 0.005, (target["name"], others)
    assert cells["both-unseen"]["model"]["value"] < 0.2
END
}
