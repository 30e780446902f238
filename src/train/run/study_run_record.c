/* SPDX-License-Identifier: MIT */
/* run.json: what a run of a network was made of, and whether it still is. */
#include "train/run/study_run_record.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/run/folder.h"

enum { RUN_VERSION = 1 };

/* ---- what a run is made of ----------------------------------------------------- */

static bool is_random(const char *weights) {
    return weights && strcmp(weights, "random") == 0;
}

const char *mien_study_run_weights(const mien_study *study, const char *given) {
    const char *said = mien_options_text(study->options, "backbone.weights");
    return given ? given : is_random(said) ? said : NULL;
}

static mien_status hash_file(
    const mien_backbone *backbone, const char *weights, char hash[65]) {
    char *cached = NULL;
    mien_status status = weights ? MIEN_OK : mien_backbone_weights(backbone, &cached);
    if (status == MIEN_OK) {
        status = mien_sha256_file(weights ? weights : cached, hash);
    }
    mien_free(cached);
    return status;
}

/* Hashes one backbone's file, or of several backbones all files together. A
 * read-out's backbone is in no branch yet. */
static mien_status hash_backbones(mien_study_run *c) {
    const mien_architecture *a = &c->study->recipe.architecture;
    mien_status status = MIEN_OK;
    int found = 0;
    snprintf(c->weights_hash, sizeof c->weights_hash, "%s",
        is_random(c->weights) ? "random" : "none");
    for (int m = 0; status == MIEN_OK && m < a->inputs_count; m++) {
        bool picture = mien_input_is_picture(&a->inputs[m]);
        bool kernels = mien_trainer_kernels(c->study->trainer);
        const mien_backbone *backbone = !kernels  ? mien_net_backbone(a, m)
                                        : picture ? c->study->backbone
                                                  : NULL;
        char hash[65], both[2 * 65];
        if (!backbone || is_random(c->weights)) {
            continue;
        }
        if (!c->weights && !backbone->weights_file) {
            snprintf(hash, sizeof hash, "random");
        } else {
            status = hash_file(backbone, c->weights, hash);
        }
        snprintf(both, sizeof both, "%s%s", found ? c->weights_hash : "", hash);
        if (status == MIEN_OK && found++) {
            status = mien_sha256_bytes(both, strlen(both), c->weights_hash);
        } else if (status == MIEN_OK) {
            snprintf(c->weights_hash, sizeof c->weights_hash, "%s", hash);
        }
    }
    return status;
}

/* One sum of the backbone's weights and of every file that train.load names. */
mien_status mien_study_run_hash_weights(mien_study_run *run) {
    mien_study_run *c = run;
    const mien_recipe *r = &c->study->recipe;
    mien_status status = hash_backbones(c);
    for (int i = 0; status == MIEN_OK && i < r->loads; i++) {
        char both[2 * 65] = "",
                      *path = mien_path_join(c->study->folder, r->load[i].value);
        snprintf(both, sizeof both, "%s", c->weights_hash);
        status = path ? mien_sha256_file(path, both + strlen(both)) : MIEN_ENOMEM;
        if (status == MIEN_OK) {
            status = mien_sha256_bytes(both, strlen(both), c->weights_hash);
        }
        mien_free(path);
    }
    return status;
}

/* A path that means the same from any working directory. */
static mien_status put_path(mien_value *map, const char *key, const char *path) {
    char whole[PATH_MAX];
    if (!path || is_random(path)) {
        return mien_value_set(
            map, key, path ? mien_value_new_text(path) : mien_value_new_null());
    }
    if (!realpath(path, whole)) {
        return mien_fail(MIEN_EIO, "%s: it has gone", path);
    }
    return mien_value_set(map, key, mien_value_new_text(whole));
}

/* "PATTERN = PATH; …", as train.load is set when the run is resumed. */
static mien_status put_loads(const mien_study_run *c, mien_value *map) {
    const mien_recipe *r = &c->study->recipe;
    mien_string text;
    mien_string_init(&text);
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < r->loads; i++) {
        char whole[PATH_MAX],
            *path = mien_path_join(c->study->folder, r->load[i].value);
        status = !path ? MIEN_ENOMEM
                 : !realpath(path, whole)
                     ? mien_fail(MIEN_EIO, "%s: it has gone", path)
                     : mien_string_addf(&text, "%s%s = %s", i ? "; " : "",
                           r->load[i].pattern, whole);
        mien_free(path);
    }
    if (status == MIEN_OK && r->loads) {
        status = mien_value_set(map, "loads", mien_value_new_text(text.text));
    }
    mien_string_clear(&text);
    return status;
}

static mien_status fill_record(mien_study_run *c, mien_value *map) {
    mien_status status =
        mien_value_set(map, "version", mien_value_new_int(RUN_VERSION));
    const struct {
        const char *key, *text;
    } texts[] = {{"created_by", "mien " MIEN_VERSION}, {"study_sha256", c->study_hash},
        {"trials_sha256", c->dataset.hash}, {"weights_sha256", c->weights_hash}};
    for (size_t i = 0; status == MIEN_OK && i < sizeof texts / sizeof *texts; i++) {
        status = mien_value_set(map, texts[i].key, mien_value_new_text(texts[i].text));
    }
    if (status == MIEN_OK) {
        status = put_path(map, "trials", c->study->trials);
    }
    if (status == MIEN_OK) {
        status = put_path(map, "weights", c->weights);
    }
    if (status == MIEN_OK) {
        status = put_loads(c, map);
    }
    if (status == MIEN_OK) {
        status = mien_value_set(map, "exact", mien_value_new_bool(c->exact));
    }
    return status == MIEN_OK
               ? mien_value_set(map, "threads", mien_value_new_int(c->threads))
               : status;
}

/* run.json is what resume needs to know that no other file says; it comes last, so that
 * a folder that has it has everything. */
mien_status mien_record_write(mien_study_run *run) {
    mien_study_run *c = run;
    char *path = mien_path_join(c->folder, "run.json");
    mien_value *map = mien_value_new_map();
    mien_status status = path && map ? fill_record(c, map) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_folder_document(map, path);
    }
    mien_value_free(&map);
    mien_free(path);
    return status;
}

/* ---- reading it again ---------------------------------------------------------- */

void mien_record_clear(mien_record *record) {
    mien_record *r = record;
    mien_study_close(&r->study);
    mien_value_free(&r->map);
    mien_free(r->study_path);
    mien_free(r->path);
    *r = (mien_record){0};
}

static const char *text_of(const mien_record *r, const char *key) {
    const char *text = mien_value_text(mien_value_get(r->map, key));
    return text ? text : "";
}

/* Its files are where they were when the run began. */
static mien_status reopen_study(mien_record *r) {
    mien_string trials, loads;
    mien_string_init(&trials);
    mien_string_init(&loads);
    mien_status status = mien_string_addf(&trials, "trials=%s", text_of(r, "trials"));
    if (status == MIEN_OK) {
        status = mien_string_addf(&loads, "train.load=%s", text_of(r, "loads"));
    }
    if (status == MIEN_OK) {
        const char *const sets[] = {trials.text, loads.text};
        int count = *text_of(r, "loads") ? 2 : 1;
        status = mien_study_open(r->study_path, sets, count, &r->study);
    }
    mien_string_clear(&loads);
    mien_string_clear(&trials);
    return status;
}

mien_status mien_record_open(mien_record *record, const char *run) {
    mien_record *r = record;
    r->path = mien_path_join(run, "run.json");
    r->study_path = mien_path_join(run, "study.yaml");
    mien_status status = r->path && r->study_path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && !mien_file_exists(r->path)) {
        status = mien_fail(
            MIEN_ENOTFOUND, "%s: there is no run to take up: it has no run.json", run);
    }
    if (status == MIEN_OK) {
        status = mien_value_read(r->path, &r->map);
    }
    if (status == MIEN_OK &&
        mien_value_int(mien_value_get(r->map, "version"), 0) != RUN_VERSION) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "%s: version %lld; this mien takes up runs of version %d", r->path,
            (long long)mien_value_int(mien_value_get(r->map, "version"), 0),
            RUN_VERSION);
    }
    if (status == MIEN_OK) {
        status = reopen_study(r);
    }
    return status;
}

static mien_status same(const mien_record *r, const char *key, const char *hash,
    const char *what, const char *path) {
    const char *then = text_of(r, key);
    return strcmp(then, hash) == 0
               ? MIEN_OK
               : mien_fail(MIEN_EVERIFY,
                     "%s: %s changed since the run began (SHA-256 %.12s… then, %.12s… "
                     "now): put it back, or train anew",
                     path, what, then, hash);
}

static mien_status compare(const mien_record *r, mien_study_run *c) {
    mien_status status = mien_sha256_file(r->study_path, c->study_hash);
    if (status == MIEN_OK) {
        status = same(r, "study_sha256", c->study_hash, "the study", r->study_path);
    }
    if (status == MIEN_OK) {
        status = mien_dataset_open(&c->dataset, r->study);
    }
    if (status == MIEN_OK) {
        status = same(r, "trials_sha256", c->dataset.hash,
            r->study->inputs_count || r->study->inputs_tree
                ? "the trial table, its sidecar or its features"
                : "the trial table or its sidecar",
            r->study->trials);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_hash_weights(c);
    }
    return status == MIEN_OK && r->study->backbone
               ? same(r, "weights_sha256", c->weights_hash,
                     "the weights of the backbone",
                     c->weights ? c->weights : r->study->backbone->name)
               : status;
}

mien_status mien_record_check(const mien_record *record, mien_study_run *run) {
    const mien_record *r = record;
    mien_study_run *c = run;
    const char *weights = c->options->weights;
    c->study = r->study;
    c->weights = weights ? weights : mien_value_text(mien_value_get(r->map, "weights"));
    c->exact = mien_value_bool(mien_value_get(r->map, "exact"), false);
    c->threads = (int)mien_value_int(mien_value_get(r->map, "threads"), 0);
    return c->threads >= 1 && c->threads <= 4096
               ? compare(r, c)
               : mien_fail(MIEN_EFORMAT, "%s: threads: 1 to 4096", r->path);
}
