/* SPDX-License-Identifier: MIT */
/* Synthetic reactions as a BIDS data set: a run for each person, its reactions one
 * after the other with a rest between, each eye and the body in a file of its own. */
#include <stdio.h>
#include <string.h>

#include "data/synths/emoeye_synth.h"
#include "io/gzip.h"

enum { ROWS = MIEN_EPOCH_ROWS };

typedef struct files {
    mien_gzip *eye[2], *body;
    mien_string text;
} files;

static void add(mien_string *to, bool valid, double x, bool last) {
    char number[32] = "n/a";
    if (valid) {
        snprintf(number, sizeof number, "%.5f", x);
    }
    mien_string_addf(to, "%s%c", number, last ? '\n' : '\t');
}

static mien_status write_eye(files *f, int eye, const mien_epoch *e) {
    mien_string_empty(&f->text);
    for (int i = 0; i < ROWS; i++) {
        add(&f->text, true, e->time_s[i], false);
        add(&f->text, e->gaze_valid[i], e->x[i], false);
        add(&f->text, e->gaze_valid[i], e->y[i], false);
        add(&f->text, eye ? e->right_valid[i] : e->left_valid[i],
            eye ? e->right_mm[i] : e->left_mm[i], true);
    }
    mien_status status = mien_string_status(&f->text);
    return status ? status : mien_gzip_write(f->eye[eye], f->text.text, f->text.length);
}

static mien_status write_body(files *f, const mien_epoch *e) {
    mien_string_empty(&f->text);
    for (int i = 0; i < ROWS; i++) {
        add(&f->text, true, e->time_s[i], false);
        add(&f->text, e->gsr_valid[i], e->gsr_ohm[i], false);
        add(&f->text, e->heart_valid[i], e->heart_bpm[i], true);
    }
    mien_status status = mien_string_status(&f->text);
    return status ? status : mien_gzip_write(f->body, f->text.text, f->text.length);
}

static mien_status write_text(const char *folder, const char *name, const char *text) {
    char *path = mien_path_join(folder, name);
    mien_status status = path ? mien_file_write(path, text, strlen(text)) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* Sidecars that hold for everybody stand at the root. */
static mien_status write_common(const char *root) {
    static const char eye[] =
        "{\n  \"PhysioType\": \"eyetrack\",\n  \"SamplingFrequency\": 61.2,\n"
        "  \"SampleCoordinateSystem\": \"gaze-on-screen\",\n"
        "  \"Columns\": [\"timestamp\", \"x_coordinate\", \"y_coordinate\", "
        "\"pupil_size\"],\n  \"timestamp\": {\"Units\": \"s\"},\n"
        "  \"x_coordinate\": {\"Units\": \"screen\"},\n"
        "  \"y_coordinate\": {\"Units\": \"screen\"},\n"
        "  \"pupil_size\": {\"Units\": \"mm\", \"Description\": \"diameter\"}\n}\n";
    static const char body[] =
        "{\n  \"PhysioType\": \"generic\",\n  \"SamplingFrequency\": 61.2,\n"
        "  \"Columns\": [\"timestamp\", \"gsr\", \"heart_rate\"],\n"
        "  \"timestamp\": {\"Units\": \"s\"},\n  \"gsr\": {\"Units\": \"ohm\"},\n"
        "  \"heart_rate\": {\"Units\": \"bpm\"}\n}\n";
    static const char events[] =
        "{\n  \"StimulusPresentation\": {\n    \"ScreenDistance\": 0.6,\n"
        "    \"ScreenOrigin\": [\"top\", \"left\"],\n"
        "    \"ScreenResolution\": [1920, 1080],\n    \"ScreenSize\": [0.531, 0.299]\n"
        "  },\n  \"arousal\": {\"Description\": \"1 boring to 7 exciting\"},\n"
        "  \"valence\": {\"Description\": \"1 negative to 7 positive\"}\n}\n";
    static const char description[] =
        "{\n  \"Name\": \"mien synth emoeye\",\n  \"BIDSVersion\": \"1.11.0\",\n"
        "  \"DatasetType\": \"raw\",\n  \"License\": \"CC0\"\n}\n";
    mien_status status = mien_directory_make(root);
    status =
        status ? status : write_text(root, "dataset_description.json", description);
    status =
        status ? status : write_text(root, "task-view_recording-left_physio.json", eye);
    status = status ? status
                    : write_text(root, "task-view_recording-right_physio.json", eye);
    status = status ? status
                    : write_text(root, "task-view_recording-body_physio.json", body);
    return status ? status : write_text(root, "task-view_events.json", events);
}

static mien_status write_sidecars(
    const char *folder, const char *stem, double start_s) {
    static const char *const labels[] = {"left", "right", "body"};
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < 3; k++) {
        char name[160], text[160], number[32];
        snprintf(name, sizeof name, "%s_recording-%s_physio.json", stem, labels[k]);
        int length = snprintf(text, sizeof text, "{\n  \"StartTime\": %s",
            mien_format_double(start_s, number));
        snprintf(text + length, sizeof text - (size_t)length,
            k < 2 ? ",\n  \"RecordedEye\": \"%s\"\n}\n" : "\n}\n", labels[k]);
        status = write_text(folder, name, text);
    }
    return status;
}

static mien_status write_events(const mien_reactions *r, int person,
    const mien_epoch *epochs, const char *folder, const char *stem) {
    mien_string text;
    char name[160];
    mien_string_init(&text);
    mien_string_add(
        &text, "onset\tduration\ttrial_type\tstim_file\tarousal\tvalence\n");
    for (int i = 0; i < r->o->per_person; i++) {
        const mien_reaction *x = &r->item[person * r->o->per_person + i];
        char stimulus[16], number[32];
        mien_planted_stimulus(x->stimulus, stimulus);
        mien_string_addf(&text, "%s\t4.9\tpicture\t%s.jpg\t%d\t%d\n",
            mien_format_double(epochs[i].time_s[0], number), stimulus,
            x->rating[MIEN_AROUSAL], x->rating[MIEN_VALENCE]);
    }
    snprintf(name, sizeof name, "%s_events.tsv", stem);
    mien_status status = mien_string_status(&text);
    status = status ? status : write_text(folder, name, text.text);
    mien_string_clear(&text);
    return status;
}

static mien_status open_files(const char *folder, const char *stem, files *f) {
    static const char *const labels[] = {"left", "right", "body"};
    mien_gzip **const places[] = {&f->eye[0], &f->eye[1], &f->body};
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < 3; k++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s_recording-%s_physio.tsv.gz", folder, stem,
            labels[k]);
        status = mien_gzip_open(path, places[k]);
    }
    return status;
}

mien_status mien_planted_bids(
    const mien_reactions *r, int person, const mien_epoch *epochs, const char *root) {
    char folder[3500], stem[64];
    files f = {.body = NULL};
    snprintf(folder, sizeof folder, "%s/sub-%d/beh", root, person);
    snprintf(stem, sizeof stem, "sub-%d_task-view", person);
    mien_string_init(&f.text);
    mien_status status = person == 0 ? write_common(root) : MIEN_OK;
    status = status ? status : mien_directory_make(folder);
    status = status ? status : write_sidecars(folder, stem, epochs[0].time_s[0]);
    status = status ? status : write_events(r, person, epochs, folder, stem);
    status = status ? status : open_files(folder, stem, &f);
    for (int i = 0; status == MIEN_OK && i < r->o->per_person; i++) {
        status = write_eye(&f, 0, &epochs[i]);
        status = status ? status : write_eye(&f, 1, &epochs[i]);
        status = status ? status : write_body(&f, &epochs[i]);
    }
    status = mien_gzip_close(&f.eye[0], status);
    status = mien_gzip_close(&f.eye[1], status);
    status = mien_gzip_close(&f.body, status);
    mien_string_clear(&f.text);
    return status;
}
