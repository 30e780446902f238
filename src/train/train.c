/* SPDX-License-Identifier: MIT */
/* Does a study from beginning to end and fills its run folder. */
#include "mien/train.h"

#include <string.h>

#include "train/campaign.h"
#include "train/final.h"
#include "train/folder.h"
#include "train/judge.h"
#include "train/material.h"
#include "train/readout_scores.h"
#include "train/study.h"

mien_train_options mien_train_options_default(void) {
    return (mien_train_options){.threads = mien_cpu_count()};
}

/* Files of the run folder in the order they are written; SHA256SUMS comes last. */
static const char *const files[] = {
    "study.yaml", "trials.tsv", "predictions.csv", "results.json", "model.safetensors"};

typedef struct run {
    const mien_study *study;
    const mien_train_options *options;
    const char *folder;
    mien_claim *claim;
    mien_pool *pool;
    mien_material material;
    mien_judgement judgement;
    mien_readout_scores scores;
    mien_final final;
    mien_value *document;
    char *paths[sizeof files / sizeof files[0]];
} run;

static void run_clear(run *r) {
    for (size_t i = 0; i < sizeof r->paths / sizeof r->paths[0]; i++) {
        mien_free(r->paths[i]);
    }
    mien_value_free(&r->document);
    mien_final_clear(&r->final);
    mien_readout_scores_clear(&r->scores);
    mien_judgement_clear(&r->judgement);
    mien_material_clear(&r->material);
    mien_pool_free(&r->pool);
    mien_claim_drop(&r->claim);
}

static mien_status run_init(run *r, const char *folder) {
    mien_status status = mien_folder_make(folder, &r->claim);
    size_t count = sizeof r->paths / sizeof r->paths[0];
    for (size_t i = 0; status == MIEN_OK && i < count; i++) {
        r->paths[i] = mien_path_join(folder, files[i]);
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
        status = mien_readout_scores_compute(
            &r->scores, &r->material, &r->judgement, r->study, r->pool);
    }
    if (status != MIEN_OK) {
        return status;
    }
    double interval[MIEN_TARGETS_MAX][2];
    for (int t = 0; t < r->material.targets; t++) {
        memcpy(interval[t], r->scores.scores.target[t].residual, sizeof interval[t]);
    }
    return mien_final_fit(
        &r->final, &r->material, r->study, (const double(*)[2])interval, r->pool);
}

static mien_status write_all(run *r) {
    mien_status status = mien_folder_study(r->study, r->paths[0]);
    if (status == MIEN_OK) {
        status = mien_scores_write_trials(&r->scores.corpus, r->paths[1]);
    }
    if (status == MIEN_OK) {
        status = mien_scores_write_predictions(
            &r->scores.scores, &r->scores.corpus, &r->scores.predicted, r->paths[2]);
    }
    if (status == MIEN_OK) {
        status = mien_readout_document(&r->scores, &r->final.choice, &r->document);
    }
    if (status == MIEN_OK) {
        status = mien_folder_document(r->document, r->paths[3]);
    }
    if (status == MIEN_OK) {
        status =
            mien_final_save(&r->final, r->study, r->document, r->options, r->paths[4]);
    }
    return status == MIEN_OK ? mien_folder_sums(r->folder, files,
                                   (int)(sizeof files / sizeof files[0]))
                             : status;
}

mien_status mien_train(
    const mien_study *study, const char *folder, const mien_train_options *options) {
    mien_train_options o = options ? *options : mien_train_options_default();
    if (study->network) {
        return mien_campaign_begin(study, folder, &o);
    }
    run r = {.study = study, .options = &o, .folder = folder};
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
