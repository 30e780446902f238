/* SPDX-License-Identifier: MIT */
/* Does a study from beginning to end and fills its run folder. */
#include "mien/train.h"

#include <string.h>

#include "train/final.h"
#include "train/judge.h"
#include "train/material.h"
#include "train/results.h"
#include "train/study.h"

mien_train_options mien_train_options_default(void) {
    return (mien_train_options){.threads = mien_cpu_count()};
}

/* Files of the run folder in the order they are written; SHA256SUMS comes last. */
static const char *const files[] = {
    "study.yaml", "trials.tsv", "predictions.csv", "results.json", "model.safetensors"};

/* An existing folder is taken only if it is empty. */
static mien_status make_folder(const char *run) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_make(run);
    if (status == MIEN_OK) {
        status = mien_directory_list(run, &names, &count);
    }
    if (status == MIEN_OK && count > 0) {
        status = mien_fail(MIEN_EINVAL,
            "%s: is not empty (%s …): name a new folder, or remove that one", run,
            names[0]);
    }
    mien_names_free(&names, count);
    return status;
}

static mien_status write_study(const mien_study *study, const char *path) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_study_write(study, &text);
    if (status == MIEN_OK) {
        status = mien_file_write(path, text.text, text.length);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status write_document(const mien_value *document, const char *path) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_value_write_json(document, true, &text);
    if (status == MIEN_OK) {
        status = mien_file_write(path, text.text, text.length);
    }
    mien_string_clear(&text);
    return status;
}

/* The format of sha256sum, so that `sha256sum -c SHA256SUMS` checks a run. */
static mien_status write_sums(char *const *paths, const char *path) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof files / sizeof files[0]; i++) {
        char hex[65];
        status = mien_sha256_file(paths[i], hex);
        if (status == MIEN_OK) {
            status = mien_string_addf(&text, "%s  %s\n", hex, files[i]);
        }
    }
    if (status == MIEN_OK) {
        status = mien_file_write(path, text.text, text.length);
    }
    mien_string_clear(&text);
    return status;
}

typedef struct run {
    const mien_study *study;
    const mien_train_options *options;
    mien_pool *pool;
    mien_material material;
    mien_judgement judgement;
    mien_results results;
    mien_final final;
    mien_value *document;
    char *paths[sizeof files / sizeof files[0] + 1];
} run;

static void run_clear(run *r) {
    for (size_t i = 0; i < sizeof r->paths / sizeof r->paths[0]; i++) {
        mien_free(r->paths[i]);
    }
    mien_value_free(&r->document);
    mien_final_clear(&r->final);
    mien_judgement_clear(&r->judgement);
    mien_material_clear(&r->material);
    mien_pool_free(&r->pool);
}

static mien_status run_init(run *r, const char *folder) {
    mien_status status = make_folder(folder);
    size_t count = sizeof r->paths / sizeof r->paths[0];
    for (size_t i = 0; status == MIEN_OK && i < count; i++) {
        r->paths[i] = mien_path_join(folder, i + 1 < count ? files[i] : "SHA256SUMS");
        status = r->paths[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    return status == MIEN_OK ? mien_pool_new(r->options->threads, &r->pool) : status;
}

static mien_status learn(run *r) {
    mien_status status = mien_material_open(&r->material, r->study);
    if (status == MIEN_OK) {
        status = mien_material_extract(&r->material, r->study, r->options, r->pool);
    }
    if (status == MIEN_OK) {
        status = mien_judge(&r->judgement, &r->material, r->study, r->options, r->pool);
    }
    if (status == MIEN_OK) {
        status = mien_results_compute(
            &r->results, &r->material, &r->judgement, r->study, r->pool);
    }
    if (status != MIEN_OK) {
        return status;
    }
    double interval[MIEN_TARGETS_MAX][2];
    for (int t = 0; t < r->material.targets; t++) {
        memcpy(interval[t], r->results.target[t].interval, sizeof interval[t]);
    }
    return mien_final_fit(
        &r->final, &r->material, r->study, (const double(*)[2])interval, r->pool);
}

static mien_status write_all(run *r) {
    mien_status status = write_study(r->study, r->paths[0]);
    if (status == MIEN_OK) {
        status = mien_results_write_trials(&r->material, r->paths[1]);
    }
    if (status == MIEN_OK) {
        status =
            mien_results_write_predictions(&r->material, &r->judgement, r->paths[2]);
    }
    if (status == MIEN_OK) {
        status = mien_results_document(&r->results, &r->material, &r->judgement,
            &r->final.choice, r->study, &r->document);
    }
    if (status == MIEN_OK) {
        status = write_document(r->document, r->paths[3]);
    }
    if (status == MIEN_OK) {
        status =
            mien_final_save(&r->final, r->study, r->document, r->options, r->paths[4]);
    }
    return status == MIEN_OK ? write_sums(r->paths, r->paths[5]) : status;
}

mien_status mien_train(
    const mien_study *study, const char *folder, const mien_train_options *options) {
    mien_train_options o = options ? *options : mien_train_options_default();
    run r = {.study = study, .options = &o};
    mien_status status = run_init(&r, folder);
    if (status == MIEN_OK) {
        status = learn(&r);
    }
    if (status == MIEN_OK) {
        status = write_all(&r);
    }
    run_clear(&r);
    return status;
}
