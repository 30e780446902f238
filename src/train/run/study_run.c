/* SPDX-License-Identifier: MIT */
/* Begins a run of a network, or resumes one: what it was made of must be the same. */
#include "train/run/study_run.h"
#include "base/need.h"

#include <stdio.h>
#include <string.h>

#include "train/run/offsets.h"
#include "train/run/study_run_parts.h"
#include "train/run/study_run_record.h"
#include "train/run/folder.h"
#include "train/run/tally.h"
#include "train/search/search.h"

void mien_study_run_clear(mien_study_run *run) {
    mien_study_run *c = run;
    for (int i = 0; i < c->jobs; i++) {
        mien_study_run_job_clear(&c->job[i]);
    }
    mien_free(c->job);
    for (int i = 0; c->seeded && i < c->seeds; i++) {
        mien_study_seeded_clear(&c->seeded[i]);
    }
    mien_free(c->seeded);
    mien_scores_clear(&c->scores);
    mien_golden_shared_clear(&c->golden);
    mien_free(c->predictions);
    mien_free(c->unsmoothed);
    mien_free(c->plain);
    mien_free(c->variant);
    mien_feature_set_clear(&c->feature_set);
    mien_net_clear(&c->whole);
    mien_net_clear(&c->net);
    mien_columns_clear(&c->columns);
    mien_batches_close(&c->feed);
    for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
        mien_spill_free(&c->features.store[m]);
    }
    mien_training_log_close(&c->log_of_training);
    mien_lock_free(&c->lock);
    mien_thread_pool_free(&c->pool);
    mien_dataset_clear(&c->dataset);
    mien_folder_lock_drop(&c->folder_lock);
}

static mien_status write_beginning(mien_study_run *c) {
    char *study = mien_path_join(c->folder, "study.yaml");
    char *trials = mien_path_join(c->folder, "trials.tsv");
    mien_status status = study && trials ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_folder_study(c->study, study);
    }
    if (status == MIEN_OK) {
        status = mien_sha256_file(study, c->study_hash);
    }
    if (status == MIEN_OK) {
        status = mien_scores_write_trials(&c->dataset, trials);
    }
    mien_free(trials);
    mien_free(study);
    return status == MIEN_OK ? mien_record_write(c) : status;
}

/* ---- running ------------------------------------------------------------------- */

static mien_status open_journal(mien_study_run *c) {
    char *path = mien_path_join(c->folder, "log.jsonl");
    mien_status status =
        path ? mien_training_log_open(path, &c->log_of_training) : MIEN_ENOMEM;
    mien_free(path);
    return status == MIEN_OK ? mien_training_log_note(
                                   c->log_of_training, c->resumed ? "resumed" : "begun")
                             : status;
}

/* Closes the log and keeps the first error: closing the file may fail as well and
 * would overwrite its text. */
static mien_status close_journal(mien_study_run *c, mien_status status) {
    char text[4096];
    snprintf(text, sizeof text, "%s", mien_error());
    mien_status closed = mien_training_log_close(&c->log_of_training);
    return status == MIEN_OK ? closed : mien_fail(status, "%s", text);
}

/* Tells what an interrupt costs: steps that no checkpoint holds are done again. */
static mien_status tell_interrupt(const mien_study_run *c, mien_status status) {
    return status == MIEN_EINTERRUPTED
               ? mien_fail(status, "interrupted; `mien resume %s` goes on", c->folder)
               : status;
}

static mien_status go(mien_study_run *c) {
    bool root = mien_study_run_is_root(c);
    mien_status status = root ? mien_folder_sweep(c->folder) : MIEN_OK;
    if (status == MIEN_OK) {
        status =
            root ? open_journal(c)
                 : mien_training_log_open_far(mien_ranks_here(), &c->log_of_training);
    }
    if (status == MIEN_OK) {
        status = mien_lock_new(&c->lock);
    }
    if (status == MIEN_OK) {
        status = mien_thread_pool_new(c->threads, &c->pool);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_seeds(c);
    }
    if (status == MIEN_OK) {
        status = tell_interrupt(c, mien_study_run_extract(c));
    }
    if (status == MIEN_OK) {
        status = mien_study_run_jobs_all(c);
    }
    if (status == MIEN_OK && root) {
        status = mien_study_run_calibrate(c);
    }
    if (status == MIEN_OK) {
        status = tell_interrupt(c, mien_study_run_variants(c));
    }
    if (status == MIEN_OK && root) {
        status = tell_interrupt(c, mien_study_run_write(c));
    }
    return close_journal(c, status);
}

/* Everything that can be told before any work is told before a folder is made. */
static mien_status rehearse(mien_study_run *c, mien_tally *tally) {
    int fits = mien_study_run_fits(c), backbones = 0;
    mien_tally_part backbone[MIEN_TALLY_PARTS];
    bool network = !mien_trainer_kernels(c->study->trainer);
    mien_status status =
        network ? mien_net_open(&c->net, c->study, &c->dataset, c->weights)
        : c->weights && strcmp(c->weights, "random") == 0
            ? mien_fail(MIEN_EINVAL, "random weights have no hash that a model could "
                                     "name: save them to a file")
            : mien_feature_set_check(c->study, backbone, &backbones);
    if (status == MIEN_OK && network) {
        mien_tally_network(&c->net, c->study, -1, tally);
    } else if (status == MIEN_OK) {
        mien_tally_readout(c->study, &c->dataset, backbone, backbones, tally);
    }
    status = status ? status : mien_offsets_check(c->study, &c->dataset);
    for (int i = 0; status == MIEN_OK && i < fits; i++) {
        mien_training_setup s = {.study = c->study, .dataset = &c->dataset, .fold = i};
        status = c->study->trainer->check(&s);
    }
    mien_net_clear(&c->net);
    if (status == MIEN_OK) {
        status = mien_study_run_variants_check(c);
    }
    return status == MIEN_OK ? mien_study_run_calibration_check(c) : status;
}

mien_status mien_study_run_check(
    const mien_study *study, const mien_train_options *options, mien_tally *tally) {
    mien_study_run c = {.study = study,
        .options = options,
        .weights = mien_study_run_weights(study, options->weights)};
    mien_status status = mien_dataset_take(&c.dataset, study);
    status = status ? status : rehearse(&c, tally);
    mien_study_run_clear(&c);
    return status;
}

/* Removes what a run that failed in its first moments left, so that the folder can
 * be taken again. */
static mien_status undo_beginning(const mien_study_run *c, mien_status status) {
    char text[4096];
    static const char *const names[] = {"study.yaml", "trials.tsv"};
    snprintf(text, sizeof text, "%s", mien_error());
    for (int i = 0; i < 2; i++) {
        char *path = mien_path_join(c->folder, names[i]);
        if (path) {
            remove(path);
        }
        mien_free(path);
    }
    return mien_fail(status, "%s", text); /* the first failure is what is told */
}

static mien_status begin_folder(mien_study_run *c) {
    mien_status status = mien_folder_make(c->folder, &c->folder_lock);
    if (status == MIEN_OK) {
        status = write_beginning(c);
        status = status ? undo_beginning(c, status) : MIEN_OK;
    }
    return status;
}

mien_status mien_study_run_begin(
    const mien_study *study, const char *run, const mien_train_options *options) {
    mien_study_run c = {.study = study,
        .options = options,
        .folder = run,
        .weights = mien_study_run_weights(study, options->weights),
        .threads = options->threads,
        .exact = options->exact};
    mien_tally tally; /* told again when all is learnt */
    mien_status status = mien_dataset_take(&c.dataset, study);
    if (status == MIEN_OK) {
        status = mien_study_run_hash_weights(&c);
    }
    if (status == MIEN_OK) {
        status = rehearse(&c, &tally);
    }
    if (status == MIEN_OK && mien_study_run_is_root(&c)) {
        status = begin_folder(&c);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_meet(&c, "study.yaml");
    }
    if (status == MIEN_OK) {
        status = go(&c);
    }
    mien_study_run_clear(&c);
    return status;
}

/* ---- resuming ----------------------------------------------------------------- */

bool mien_study_run_finished(const char *run) {
    char *path = mien_path_join(run, "SHA256SUMS");
    bool finished = path && mien_file_exists(path);
    mien_free(path);
    return finished;
}

mien_status mien_resume(const char *run, const mien_train_options *options) {
    MIEN_NEED(run);
    mien_train_options o = options ? *options : mien_train_options_default();
    if (mien_search_is(run)) {
        return mien_search_resume(run, &o);
    }
    mien_record r = {0};
    mien_study_run c = {.options = &o, .folder = run, .resumed = true};
    mien_status status = mien_record_open(&r, run);
    if (status == MIEN_OK) {
        status = mien_record_check(&r, &c);
    }
    bool root = mien_study_run_is_root(&c), goes = false;
    if (status == MIEN_OK && root && !mien_study_run_finished(run)) {
        status = mien_folder_lock_take(run, &c.folder_lock);
        /* another process may have ended it by then */
        goes = status == MIEN_OK && !mien_study_run_finished(run);
    }
    if (status == MIEN_OK) { /* All ranks learn from rank 0 whether there is work. */
        status = mien_ranks_share(mien_ranks_here(), &goes, sizeof goes);
    }
    if (status == MIEN_OK && goes) {
        status = mien_study_run_meet(&c, "study.yaml");
        status = status ? status : go(&c);
    }
    mien_study_run_clear(&c);
    mien_record_clear(&r);
    return status;
}
