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
