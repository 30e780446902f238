/* SPDX-License-Identifier: MIT */
/* Recordings of every other format: real files where they are, and what must be
 * refused. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "mien/recordings.h"

static const mien_event *find_event(
    const mien_recording *r, const char *name, const char *track) {
    const mien_event *events;
    int64_t n = mien_recording_events(r, &events);
    for (int64_t i = 0; i < n; i++) {
        if (strcmp(events[i].name, name) == 0 && strcmp(events[i].track, track) == 0) {
            return &events[i];
        }
    }
    return NULL;
}

static int64_t count_events(const mien_recording *r, const char *name) {
    const mien_event *events;
    int64_t n = mien_recording_events(r, &events), found = 0;
    for (int64_t i = 0; i < n; i++) {
        found += strcmp(events[i].name, name) == 0;
    }
    return found;
}

/* ---- EyeLink --------------------------------------------------------------- */

static void eyelink_of_two_eyes_is_read(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    assert_good(mien_recording_open(
        support_shared("data/physio_files/eyelink/eyelink_binocular_example.asc"), NULL,
        &r));
    assert_string_equal(mien_recording_format(r), "eyelink");
    assert_int_equal(mien_recording_tracks(r), 1);
    const mien_track *t = mien_recording_track(r, 0);
    assert_int_equal(t->channels, 6);
    assert_string_equal(t->channel[3].name, "right_x");
    assert_string_equal(t->channel[2].unit, "area a.u.");
    assert_near(t->rate_hz, 1000, 0);
    assert_near(mien_recording_screen(r).width_px, 1920, 0);
    assert_good(mien_track_load(r, 0, 100000, &s));
    assert_near(s->time_s[0], 0, 0);
    assert_near(s->value[0][0], 964.3, 1e-12);
    assert_near(s->value[5][0], 305, 0);
    /* both eyes close at about 1408787 and open at 1408883 */
    const mien_event *blink = find_event(r, "blink", "left");
    assert_non_null(blink);
    assert_near(blink->onset_s, 0.127, 1e-9);
    assert_near(blink->duration_s, 0.096, 1e-9);
    assert_int_equal(count_events(r, "fixation"), 4);
    assert_int_equal(count_events(r, "saccade"), 0); /* both held a blink */
    for (int64_t i = 0; i < s->n; i++) {
        bool closed = s->time_s[i] > 0.14 && s->time_s[i] < 0.2;
        assert_true(!closed || (isnan(s->value[0][i]) && isnan(s->value[2][i])));
    }
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static void eyelink_of_2000_hz_has_half_milliseconds(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    assert_good(mien_recording_open(
        support_shared("data/physio_files/eyelink/eyelink_monocular_2khz_example.asc"),
        NULL, &r));
    assert_good(mien_track_load(r, 0, 100000, &s));
    assert_near(mien_recording_track(r, 0)->rate_hz, 2000, 0);
    assert_near(mien_recording_screen(r).width_px, 1280, 0);
    assert_near(s->time_s[1], 0.0005, 1e-12);
    assert_near(s->value[2][0], 778, 0);
    mien_samples_free(&s);
    mien_recording_close(&r);
    assert_good(mien_recording_open(
        support_shared(
            "data/physio_files/eyelink/eyelink_monocular_no_dummy_example.asc"),
        NULL, &r));
    assert_good(mien_track_load(r, 0, 100000, &s));
    assert_true(isnan(s->value[0][0]) && isnan(s->value[2][0]));
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static const char asc[] = "** CONVERTED FROM x.edf\n"
                          "77 1 2 3\n" /* of a calibration */
                          "START\t100 \tLEFT\tSAMPLES\tEVENTS\nPUPIL\tDIAMETER\n"
                          "SAMPLES\tGAZE\tLEFT\tRATE\t 500.00\tTRACKING\tCR\n"
                          "MSG\t100 !MODE RECORD\nMSG\t100 first picture\n"
                          "100\t1.0\t2.0\t300.0\t...\n102\t1.5\t2.5\t301.0\t.C.\n"
                          "MSG\t103 hello there\nEND\t104 \tSAMPLES\n"
                          "9 9 9\n"
                          "START\t200 \tLEFT\tSAMPLES\n200\t5\t6\t0.0\t...\nEND\t202\n"
                          "START\t50 \tLEFT\tSAMPLES\n50\t7\t8\t300\t...\nEND\t52\n";

static void clocks_that_restart_become_tracks(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    const char *path = support_write("a.asc", asc, sizeof asc - 1);
    assert_good(mien_recording_open(path, NULL, &r));
    assert_int_equal(mien_recording_tracks(r), 2);
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_int_equal(s->n, 3);
    assert_near(s->time_s[2], 0.1, 1e-12);
    assert_true(isnan(s->value[0][1]) && s->value[2][1] == 301); /* no reflection */
    assert_true(isnan(s->value[0][2]) && isnan(s->value[2][2]));
    mien_samples_free(&s);
    assert_good(mien_track_load(r, 1, 10, &s));
    assert_int_equal(s->n, 1);
    assert_near(s->value[0][0], 7, 0);
    const mien_event *message = find_event(r, "message", "");
    assert_string_equal(message->text, "first picture"); /* before the first sample */
    assert_near(message->onset_s, 0, 1e-12);
    assert_int_equal(count_events(r, "message"), 2);
    assert_string_equal(message[1].text, "hello there");
    assert_near(message[1].onset_s, 0.003, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static void damage_in_eyelink_names_its_row(void **state) {
    (void)state;
    static const char bad[] =
        "START\t1 \tLEFT\tSAMPLES\nSAMPLES\tGAZE\tLEFT\tRATE\t500\n"
        "1\t1\t2\t3\t...\n3\tx\t2\t3\t...\nEND 5\n";
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    assert_good(
        mien_recording_open(support_write("b.asc", bad, sizeof bad - 1), NULL, &r));
    assert_fails(mien_track_load(r, 0, 10, &s), MIEN_EFORMAT, "b.asc:4: \"x\"");
    mien_recording_close(&r);
}

/* ---- Empatica E4 ----------------------------------------------------------- */

static void a_wristband_is_read(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    assert_good(
        mien_recording_open(support_shared("data/physio_files/empatica_e4"), NULL, &r));
    assert_string_equal(mien_recording_format(r), "e4");
    assert_int_equal(mien_recording_tracks(r), 6);
    static const double rates[] = {4, 64, 4, 32, 1, 0};
    static const double starts[] = {0, 0, 0, 0, 10, 0};
    for (int i = 0; i < 6; i++) {
        assert_near(mien_recording_track(r, i)->rate_hz, rates[i], 0);
        assert_near(mien_recording_track(r, i)->start_s, starts[i], 0);
    }
    assert_good(mien_track_load(r, 0, 1 << 20, &s));
    assert_near(s->value[0][1], 0.020499, 1e-12);
    assert_near(s->time_s[1], 0.25, 0);
    mien_samples_free(&s);
    assert_good(mien_track_load(r, 3, 1 << 22, &s));
    assert_int_equal(s->channels, 3);
    assert_near(s->value[0][0], -61, 0);
    mien_samples_free(&s);
    assert_good(mien_track_load(r, 5, 1 << 20, &s));
    assert_near(s->time_s[0], 83.503822, 1e-9);
    assert_near(s->value[0][0], 0.609403, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
}

/* ---- OpenSignals, BioSPPy -------------------------------------------------- */

static void counts_stay_counts_until_a_function_is_named(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    mien_recording_options o = mien_recording_options_default();
    const char *path = support_shared("data/physio_files/opensignals_like/eda.txt");
    assert_good(mien_recording_open(path, &o, &r));
    assert_string_equal(mien_recording_track(r, 0)->channel[0].unit, "raw");
    assert_near(mien_recording_track(r, 0)->rate_hz, 1000, 0);
    assert_good(mien_track_load(r, 0, 1 << 22, &s));
    assert_near(s->value[0][0], 2669, 0);
    mien_samples_free(&s);
    mien_recording_close(&r);
    o.transfer = "EDA=eda";
    assert_good(mien_recording_open(path, &o, &r));
    assert_string_equal(mien_recording_track(r, 0)->channel[0].unit, "uS");
    assert_good(mien_track_load(r, 0, 1 << 22, &s));
    assert_near(s->value[0][0], 2669 / 4096.0 * 3.3 / 0.132, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
    o.transfer = "EDA=guess";
    assert_fails(mien_recording_open(path, &o, &r), MIEN_EINVAL, "EDA=guess");
}

static void opensignals_tells_its_columns_in_json(void **state) {
    (void)state;
    static const char text[] =
        "# OpenSignals Text File Format\n"
        "# {\"00:07:80\": {\"sampling rate\": 100, \"column\": [\"nSeq\", \"I1\", "
        "\"A1\"], \"resolution\": [4, 1, 10]}}\n# "
        "EndOfHeader\n0\t1\t512\t\n1\t0\t513\t\n";
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    mien_recording_options o = {.transfer = "A1=ecg"};
    assert_good(
        mien_recording_open(support_write("o.txt", text, sizeof text - 1), &o, &r));
    assert_int_equal(mien_recording_track(r, 0)->channels, 2);
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_int_equal(s->n, 2);
    assert_near(s->value[0][0], 1, 0);
    assert_near(s->value[1][0], 0, 1e-12);
    assert_near(s->time_s[1], 0.01, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
    /* the bits of the analogue channels alone */
    static const char fewer[] =
        "# OpenSignals Text File Format\n"
        "# {\"00:07:80\": {\"sampling rate\": 100, \"column\": [\"nSeq\", \"DI\", "
        "\"CH1\"], \"resolution\": [16]}}\n# EndOfHeader\n0\t1\t32768\t\n";
    o.transfer = "CH1=eda";
    assert_good(
        mien_recording_open(support_write("f.txt", fewer, sizeof fewer - 1), &o, &r));
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_near(s->value[1][0], 0.5 * 3.3 / 0.132, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
}

/* ---- tables ---------------------------------------------------------------- */

static void a_preset_is_seen_by_its_header(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    assert_good(mien_recording_open(
        support_shared("golden/gaze/trials/emoeye_raw/User 0_all_gaze.csv"), NULL, &r));
    assert_string_equal(mien_recording_format(r), "table");
    assert_int_equal(mien_recording_tracks(r), 1);
    const mien_track *t = mien_recording_track(r, 0);
    assert_near(t->rate_hz, 61.2, 0.05);
    assert_string_equal(t->channel[0].unit, "screen");
    assert_good(mien_track_load(r, 0, 10000, &s));
    assert_int_equal(s->n, 1200);
    assert_true(isnan(s->value[0][0])); /* FPOGV is 0 */
    assert_near(s->value[0][4], 0.53377, 0.05);
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static void columns_may_be_named(void **state) {
    (void)state;
    static const char text[] =
        "t;a;ok;eye\n100,5;1,25;1;L\n101,5;1,5;0;R\n102,5;2;1;L\n"
        "90;7;1;L\n";
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    const char *path = support_write("t.csv", text, sizeof text - 1);
    mien_recording_options o = {
        .columns =
            "time=t,time-unit=ms,level=a,valid.level=ok,unit.level=uS,split=eye"};
    assert_good(mien_recording_open(path, &o, &r));
    assert_int_equal(mien_recording_tracks(r), 3); /* L, R, and L after its restart */
    assert_string_equal(mien_recording_track(r, 0)->name, "L");
    assert_string_equal(mien_recording_track(r, 2)->name, "L-2");
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_int_equal(s->n, 2);
    assert_near(s->time_s[1], 0.002, 1e-12);
    assert_near(s->value[0][0], 1.25, 0);
    mien_samples_free(&s);
    assert_good(mien_track_load(r, 1, 10, &s));
    assert_int_equal(s->n, 1);
    assert_true(isnan(s->value[0][0]));
    mien_samples_free(&s);
    mien_recording_close(&r);
    o.columns = "time=t,level=b";
    assert_fails(mien_recording_open(path, &o, &r), MIEN_EFORMAT, "no column \"b\"");
    o.columns = "level=a";
    assert_fails(mien_recording_open(path, &o, &r), MIEN_EINVAL, "rate=HZ");
    o.columns = NULL;
    assert_fails(mien_recording_open(path, &o, &r), MIEN_EFORMAT, "no preset");
    o.preset = "tobii";
    assert_fails(
        mien_recording_open(path, &o, &r), MIEN_EFORMAT, "none of the columns");
}

static void tobii_tells_units_in_brackets_and_events_between(void **state) {
    (void)state;
    static const char text[] =
        "Recording timestamp [μs]\tGaze point X\tGaze point Y\tPupil diameter left\t"
        "Validity left\tEvent\tPresented Stimulus name\n"
        "1000\t960\t540\t3,5\tValid\t\tdog\n17000\t\t\t\tInvalid\tKeyPress\tdog\n"
        "33000\t961\t541\t3,6\tInvalid\t\tcat\n";
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    const char *path = support_write("tobii.tsv", text, sizeof text - 1);
    assert_good(mien_recording_open(path, NULL, &r));
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_int_equal(s->n, 3);
    assert_near(s->time_s[2], 0.032, 1e-12);
    assert_near(s->value[2][0], 3.5, 0);
    assert_true(isnan(s->value[0][1]) && isnan(s->value[2][2]));
    assert_int_equal(count_events(r, "stimulus"), 2);
    assert_near(find_event(r, "KeyPress", "")->onset_s, 0.016, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
    /* a row of an event alone, with a stamp of its own, is no sample */
    static const char between[] =
        "Recording timestamp [ms]\tGaze point X\tGaze point Y\tPupil diameter left\t"
        "Validity left\tEvent\n0\t1\t1\t3.5\tValid\t\n16\t2\t2\t3.5\tValid\t\n"
        "20\t\t\t\t\tImageStimulusStart\n33\t3\t3\t3.5\tValid\t\n50\t4\t4\t3.5\t"
        "Valid\t\n";
    path = support_write("between.tsv", between, sizeof between - 1);
    assert_good(mien_recording_open(path, NULL, &r));
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_int_equal(s->n, 4);
    assert_near(s->value[0][2], 3, 0);
    assert_near(mien_recording_track(r, 0)->rate_hz, 60, 1e-9); /* stamps are rounded */
    assert_near(find_event(r, "ImageStimulusStart", "")->onset_s, 0.02, 1e-12);
    mien_samples_free(&s);
    mien_recording_close(&r);
    static const char studio[] =
        "RecordingTimestamp,GazePointX (ADCSpx),GazePointY (ADCSpx),PupilLeft,"
        "ValidityLeft,MediaName\n0,10,20,3.1,0,a\n17,11,21,3.2,4,a\n";
    path = support_write("studio.csv", studio, sizeof studio - 1);
    assert_good(mien_recording_open(path, NULL, &r));
    assert_good(mien_track_load(r, 0, 10, &s));
    assert_near(s->time_s[1], 0.017, 1e-12);
    assert_near(s->value[2][0], 3.1, 0);
    assert_true(isnan(s->value[2][1]));
    mien_samples_free(&s);
    mien_recording_close(&r);
    static const char bare[] = "Recording timestamp,Gaze point X\n1,2\n";
    assert_fails(
        mien_recording_open(support_write("bare.csv", bare, sizeof bare - 1), NULL, &r),
        MIEN_EFORMAT, "time-unit");
}

static void what_is_no_recording_is_refused(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_recording_options o = {.format = "nothing"};
    assert_fails(mien_recording_open(support_write("x.acq", "", 0), NULL, &r),
        MIEN_EUNSUPPORTED, "AcqKnowledge");
    assert_fails(mien_recording_open(support_write("x.edf", "", 0), NULL, &r),
        MIEN_EUNSUPPORTED, "EDF");
    assert_fails(mien_recording_open(support_write("x.bin", "", 0), NULL, &r),
        MIEN_EUNSUPPORTED, "formats");
    assert_fails(mien_recording_open(support_temp_path("absent.csv"), NULL, &r),
        MIEN_EIO, "absent.csv");
    assert_fails(mien_recording_open(support_write("x.csv", "", 0), &o, &r),
        MIEN_ENOTFOUND, "bids");
    assert_fails(mien_recording_open(support_write("x.csv", "", 0), NULL, &r),
        MIEN_EFORMAT, "no header");
}

/* ---- XDF ------------------------------------------------------------------- */

static void streams_of_lsl_are_read(void **state) {
    (void)state;
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    const mien_event *events;
    assert_good(mien_recording_open(
        support_shared("data/physio_files/xdf/minimal.xdf"), NULL, &r));
    assert_string_equal(mien_recording_format(r), "xdf");
    assert_int_equal(mien_recording_tracks(r), 1);
    const mien_track *t = mien_recording_track(r, 0);
    assert_string_equal(t->name, "SendDataC");
    assert_int_equal(t->channels, 3);
    assert_near(t->rate_hz, 10, 0);
    assert_good(mien_track_load(r, 0, 100, &s));
    assert_int_equal(s->n, 9);
    assert_near(s->time_s[0], 5.0, 1e-9); /* 5.1 before its clock's offset */
    assert_near(s->time_s[8], 5.8, 1e-9);
    assert_near(s->value[0][0], 192, 0);
    assert_near(s->value[2][0], 238, 0);
    assert_int_equal(mien_recording_events(r, &events), 9);
    mien_samples_free(&s);
    mien_recording_close(&r);
}

static void streams_without_samples_are_no_tracks(void **state) {
    (void)state;
    mien_recording *r = NULL;
    assert_good(mien_recording_open(
        support_shared("data/physio_files/xdf/empty_streams.xdf"), NULL, &r));
    for (int t = 0; t < mien_recording_tracks(r); t++) {
        mien_samples *s = NULL;
        assert_good(mien_track_load(r, t, 1 << 20, &s));
        assert_true(s->n > 0);
        mien_samples_free(&s);
    }
    mien_recording_close(&r);
}

static void a_cut_off_stream_is_refused(void **state) {
    (void)state;
    mien_recording *r = NULL;
    static const char cut[] = "XDF:\1\40\2\0abc";
    assert_fails(
        mien_recording_open(support_write("cut.xdf", cut, sizeof cut - 1), NULL, &r),
        MIEN_EFORMAT, "cut off at byte");
}

/* ---- memory ---------------------------------------------------------------- */

static mien_status load_first(void *context) {
    mien_recording *r = NULL;
    mien_samples *s = NULL;
    mien_recording_options o = {.columns = strstr(context, ".csv")
                                               ? "time=t,level=a,split=eye,event=eye"
                                               : NULL};
    mien_status status = mien_recording_open(context, &o, &r);
    status = status ? status : mien_track_load(r, 0, 1000, &s);
    mien_samples_free(&s);
    mien_recording_close(&r);
    return status;
}

static void no_memory_is_an_answer(void **state) {
    (void)state;
    char path[4096];
    static const char table[] = "t,a,eye\n1,2,L\n2,3,R\n";
    snprintf(path, sizeof path, "%s", support_write("m.csv", table, sizeof table - 1));
    support_each_allocation_fails(load_first, path, 1000);
    snprintf(path, sizeof path, "%s", support_write("m.asc", asc, sizeof asc - 1));
    support_each_allocation_fails(load_first, path, 1000);
    snprintf(path, sizeof path, "%s", support_temp_path("e4"));
    assert_int_equal(mkdir(path, 0777), 0);
    support_write("e4/EDA.csv", "1000\n4\n1\n2\n", 11);
    support_write("e4/tags.csv", "1001\n", 5);
    support_each_allocation_fails(load_first, path, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eyelink_of_two_eyes_is_read),
        cmocka_unit_test(eyelink_of_2000_hz_has_half_milliseconds),
        cmocka_unit_test(clocks_that_restart_become_tracks),
        cmocka_unit_test(damage_in_eyelink_names_its_row),
        cmocka_unit_test(a_wristband_is_read),
        cmocka_unit_test(counts_stay_counts_until_a_function_is_named),
        cmocka_unit_test(opensignals_tells_its_columns_in_json),
        cmocka_unit_test(a_preset_is_seen_by_its_header),
        cmocka_unit_test(columns_may_be_named),
        cmocka_unit_test(tobii_tells_units_in_brackets_and_events_between),
        cmocka_unit_test(streams_of_lsl_are_read),
        cmocka_unit_test(streams_without_samples_are_no_tracks),
        cmocka_unit_test(a_cut_off_stream_is_refused),
        cmocka_unit_test(what_is_no_recording_is_refused),
        cmocka_unit_test(no_memory_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
