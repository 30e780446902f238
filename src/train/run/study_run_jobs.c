/* SPDX-License-Identifier: MIT */
/* Trains the folds of a study with each seed, one after the other on all threads, or,
 * where only a small head or a network over features is trained, side by side on one
 * thread each. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/beside.h"
#include "train/run/offsets.h"
#include "train/run/study_run_parts.h"
#include "train/run/checkpoint.h"
#include "train/run/folder.h"

/* A fit that has taken no more than this is made again where a power cut loses its
 * checkpoint, which is not brought to the disk by itself: of hundreds of small fits
 * waiting for the disk would take most of the time. */
#define SMALL_S 10

/* ---- one job ------------------------------------------------------------------- */

void mien_study_run_job_clear(mien_study_run_job *job) {
    mien_training_close(&job->training);
    mien_batches_close(&job->feed);
    mien_events_close(&job->events);
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_value_free(&job->chosen[t]);
    }
    mien_free(job->history);
    mien_fit_answers_clear(&job->answers);
    mien_fit_answers_clear(&job->validated);
    mien_free(job->events_path);
    mien_free(job->checkpoint);
    mien_free(job->folder);
}

static mien_status on_step(void *context, const mien_network_fit_moment *moment) {
    mien_study_run_job *job = context;
    mien_study_run *c = job->run;
    int64_t steps = mien_options_int(c->study->options, "epochs") * moment->steps;
    double sum = 0;
    mien_lock_take(c->lock);
    job->part =
        (double)(moment->epoch * moment->steps + moment->step + 1) / (double)steps;
    for (int i = 0; i < c->jobs; i++) {
        sum += c->job[i].part;
    }
    if (c->options->progress) {
        c->options->progress(c->options->context, "training",
            (int64_t)(sum * (double)steps + 0.5), c->jobs * steps);
    }
    mien_lock_give(c->lock);
    return mien_training_log_step(c->log_of_training, moment);
}

static mien_status on_epoch(void *context, const mien_network_fit_moment *moment) {
    mien_study_run_job *job = context;
    return mien_training_log_epoch(job->run->log_of_training, moment, job->events);
}

static mien_status on_save(void *context, bool epoch_end, bool urgent) {
    mien_study_run_job *job = context;
    const mien_options *o = job->run->study->options;
    double passed = mien_clock_s() - job->saved_s;
    double every = mien_options_number(o, "checkpoint.every");
    int64_t epochs = mien_options_int(o, "checkpoint.epochs");
    bool due = epoch_end ? epochs > 0 && ++job->epochs_done % epochs == 0 &&
                               passed >= mien_options_number(o, "checkpoint.pause")
                         : every > 0 && passed >= every;
    if (!due && !urgent) {
        return MIEN_OK;
    }
    mien_status status = job->events ? mien_events_flush(job->events) : MIEN_OK;
    bool small = mien_clock_s() - job->begun_s < SMALL_S;
    if (small) {
        mien_files_group_begin();
    }
    if (status == MIEN_OK) {
        status = mien_checkpoint_write(job->checkpoint, job->training, job->id,
            job->events ? mien_events_size(job->events) : 0);
    }
    if (small) {
        mien_files_group_end();
    }
    job->saved_s = mien_clock_s();
    return status;
}

mien_status mien_study_run_job_open(mien_study_run_job *job) {
    mien_study_run *c = job->run;
    const bool parallel = mien_study_run_is_parallel(c);
    mien_training_setup s = {.study = &c->seeded[job->seed],
        .dataset = &c->dataset,
        .fold = job->fold,
        .feed = c->feed,
        .features = c->computed ? &c->features : NULL,
        .whole = c->computed ? &c->whole : NULL,
        .computed = c->computed,
        .weights = c->weights,
        .feature_set = &c->feature_set,
        .threads = parallel ? 1 : c->threads,
        .exact = c->exact,
        .pool = parallel ? NULL : c->pool};
    mien_status status = MIEN_OK;
    if (!c->feed && c->study->trainer->can & MIEN_TRAINS_BY_STEPS) {
        mien_item_table tables[MIEN_INPUTS_MAX];
        mien_item_tables(&c->dataset, s.features, tables);
        status = mien_batches_open(&c->dataset, s.study, tables, 1, &job->feed);
        s.feed = job->feed;
    }
    return status == MIEN_OK ? mien_training_open(c->study->trainer, &s, &job->training)
                             : status;
}

/* Goes to where the checkpoint stands, in the event file too. */
static mien_status resume_from_checkpoint(mien_study_run_job *job) {
    int64_t bytes = 0;
    mien_status status = MIEN_OK;
    job->begun_s = mien_clock_s();
    if (mien_checkpoint_is_lost(job->checkpoint)) {
        mien_log(MIEN_LOG_WARN, "train",
            "%s: is empty, as after a power cut: the fit is made again",
            job->checkpoint);
        remove(job->checkpoint);
    }
    if (mien_file_exists(job->checkpoint)) {
        status = mien_checkpoint_read(job->checkpoint, job->training, job->id, &bytes);
    } else {
        remove(job->events_path);
    }
    job->saved_s = job->begun_s;
    if (!(job->run->study->trainer->can & MIEN_TRAINS_BY_STEPS)) {
        return status; /* A fit made at once has no epochs to tell of. */
    }
    return status == MIEN_OK ? mien_events_open(job->events_path,
                                   bytes ? bytes : INT64_MAX, 0, &job->events)
                             : status;
}

/* Where a job's tested rows stand among those of all. */
static void place(const mien_study_run_job *job, const mien_training_result *r,
    const double *from, double *all) {
    const mien_dataset *c = &job->run->dataset;
    int64_t width = c->width;
    double *to = all + job->seed * c->rows * width;
    for (int64_t i = 0; i < r->tested; i++) {
        if (c->fold[r->rows[i]] == job->fold) {
            memcpy(
                to + r->rows[i] * width, from + i * width, (size_t)width * sizeof *to);
        }
    }
}

/* Copies what the trainer tells of its choices. */
static mien_status keep_chosen(mien_study_run_job *job, mien_value *const *chosen) {
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < job->run->dataset.targets; t++) {
        status = mien_value_copy(chosen[t], &job->chosen[t]);
    }
    return status;
}

static mien_status keep_history(mien_study_run_job *job) {
    if (job->epochs == 0) {
        return MIEN_OK;
    }
    job->history = mien_alloc((size_t)job->epochs, sizeof *job->history);
    for (int64_t e = 0; job->history && e < job->epochs; e++) {
        job->history[e] = mien_training_epoch_at(job->training, e);
    }
    return job->history ? MIEN_OK : MIEN_ENOMEM;
}

/* Predictions with what is known of persons: a copy, freed by the caller. */
static mien_status add_offsets(
    mien_study_run_job *job, mien_training_result *r, double **known) {
    const mien_dataset *c = &job->run->dataset;
    const mien_training_setup setup = {
        .study = &job->run->seeded[job->seed], .dataset = c, .fold = job->fold};
    size_t values = (size_t)(r->tested * c->width);
    if (!r->tested || !mien_offsets_wanted(setup.study)) {
        return MIEN_OK;
    }
    *known = mien_alloc(values, sizeof **known);
    if (!*known) {
        return MIEN_ENOMEM;
    }
    memcpy(*known, r->predictions, values * sizeof **known);
    r->predictions = *known;
    return mien_offsets_add(job->training, &setup, r->tested, r->rows, *known);
}

/* Keeps what is needed of a job when its fit is gone. */
static mien_status keep(mien_study_run_job *job) {
    mien_study_run *c = job->run;
    mien_training_result r;
    double *known = NULL;
    mien_status status = mien_training_result_of(job->training, &r);
    status = status ? status : add_offsets(job, &r, &known);
    if (status != MIEN_OK) {
        mien_free(known);
        return status;
    }
    place(job, &r, r.predictions, c->predictions);
    if (r.unsmoothed) {
        place(job, &r, r.unsmoothed, c->unsmoothed);
        memcpy(job->smooth, r.smooth, sizeof job->smooth);
    }
    if (r.plain && c->plain) {
        place(job, &r, r.plain, c->plain);
    }
    job->epochs = r.epochs;
    job->steps = r.steps;
    job->best = r.best;
    job->trained = r.trained;
    status = r.chosen ? keep_chosen(job, r.chosen) : MIEN_OK;
    if (status == MIEN_OK && r.validated) {
        status = mien_fit_answers_keep(&job->validated, r.validated, r.validation,
            r.validations, c->dataset.width);
    }
    if (status == MIEN_OK && c->dataset.cell && r.tested) {
        status = mien_fit_answers_keep(
            &job->answers, r.tested, r.rows, r.predictions, c->dataset.width);
    }
    mien_free(known);
    return status == MIEN_OK ? keep_history(job) : status;
}

static mien_status explain(const mien_study_run_job *job, mien_status status) {
    if (status == MIEN_EINTERRUPTED) {
        return mien_fail(status, "interrupted; `mien resume %s` goes on from here",
            job->run->folder);
    }
    if (status == MIEN_EIO) {
        return mien_fail(status,
            "%s; when that is mended, `mien resume %s` goes on from the last "
            "checkpoint",
            mien_error(), job->run->folder);
    }
    if (status == MIEN_ENUMBER) {
        return mien_fail(status, "%s; %s", mien_error(),
            mien_file_exists(job->checkpoint)
                ? "the last good checkpoint is kept: make the rate smaller or clip "
                  "gradients, and train anew"
                : "make the rate smaller or clip gradients");
    }
    return status;
}

/* Closes the event file and keeps the first error: closing may fail as well and
 * would overwrite its text. */
static mien_status close_events(mien_study_run_job *job, mien_status status) {
    char text[4096];
    snprintf(text, sizeof text, "%s", mien_error());
    mien_status closed = mien_events_close(&job->events);
    return status == MIEN_OK ? closed : mien_fail(status, "%s", text);
}

/* Reports how many fits are done, for trainers without steps. */
static void tell_fits(mien_study_run *c) {
    int64_t done = 0;
    mien_lock_take(c->lock);
    for (int i = 0; i < c->jobs; i++) {
        done += c->job[i].part >= 1;
    }
    if (c->options->progress) {
        c->options->progress(c->options->context, "folds", done, c->jobs);
    }
    mien_lock_give(c->lock);
}

static mien_status do_job(void *context, int64_t index, int worker) {
    mien_study_run *c = context;
    mien_study_run_job *job = &c->job[index];
    mien_network_fit_hooks hooks = {job, on_step, on_epoch, on_save};
    (void)worker;
    mien_status status = mien_directory_make(job->folder);
    if (status == MIEN_OK) {
        status = mien_folder_sweep(job->folder);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_job_open(job);
    }
    if (status == MIEN_OK) {
        status = resume_from_checkpoint(job);
    }
    if (status == MIEN_OK) {
        status = mien_training_run(job->training, &hooks);
    }
    if (status == MIEN_OK) {
        status = keep(job);
    }
    status = close_events(job, status);
    if (status == MIEN_OK) {
        status = mien_training_log_flush(c->log_of_training);
    }
    job->part = 1;
    if (status == MIEN_OK && !(c->study->trainer->can & MIEN_TRAINS_BY_STEPS)) {
        tell_fits(c);
    }
    bool takes = !mien_trainer_kernels(c->study->trainer);
    if (status == MIEN_OK && index == c->model && takes) {
        status = mien_training_take(job->training, &c->net, &c->columns);
    }
    if (status == MIEN_OK && (takes || index != c->model)) {
        mien_training_close(&job->training);
    }
    return status == MIEN_OK ? status : explain(job, status);
}

/* ---- all ----------------------------------------------------------------------- */

int mien_study_run_fits(const mien_study_run *run) {
    const mien_dataset *c = &run->dataset;
    int models = !c->each         ? !mien_dataset_single(c)
                 : c->each_models ? (int)c->eachs
                                  : 0;
    return c->folds + (run->variant_of ? 0 : models);
}

mien_status mien_study_run_seeds(mien_study_run *run) {
    mien_study_run *c = run;
    const mien_options *o = c->study->options;
    int seeds = (int)mien_options_int(o, "seeds");
    c->seeded = mien_alloc((size_t)seeds, sizeof *c->seeded);
    mien_status status = c->seeded ? MIEN_OK : MIEN_ENOMEM;
    while (status == MIEN_OK && c->seeds < seeds) {
        int64_t seed = mien_options_int(o, "seed") + c->seeds;
        status = mien_study_seeded(c->study, seed, &c->seeded[c->seeds++]);
    }
    return status;
}

static void write_name(const mien_study_run *c, mien_study_run_job *job) {
    bool fold = job->fold < c->dataset.folds;
    char word[32] = "";
    int length, number = job->fold;
    if (c->dataset.each) {
        int64_t each = mien_dataset_each_of(&c->dataset, job->fold);
        mien_dataset_each_word(&c->dataset, each, word);
        strcat(word, "-"); /* a word has room for it */
        number -= c->dataset.each_first[each];
    }
    length = snprintf(
        job->name, sizeof job->name, fold ? "%sfold-%d" : "%sfinal", word, number);
    if (c->seeds > 1) {
        snprintf(job->name + length, sizeof job->name - (size_t)length, "-seed-%lld",
            (long long)mien_options_int(c->seeded[job->seed].options, "seed"));
    }
}

static mien_status name_job(mien_study_run *c, int index) {
    mien_study_run_job *job = &c->job[index];
    int fits = mien_study_run_fits(c);
    char text[512];
    *job = (mien_study_run_job){.run = c, .fold = index % fits, .seed = index / fits};
    write_name(c, job);
    int length = snprintf(text, sizeof text, "%s %s %s %s %d %d %s", c->study_hash,
        c->dataset.hash, c->weights_hash, job->name, c->threads, c->exact,
        MIEN_VERSION);
    if (c->variant_of) {
        snprintf(text + length, sizeof text - (size_t)length, " %d", c->variant_of);
    }
    job->folder = mien_path_join(c->folder, job->name);
    if (job->folder) {
        job->checkpoint = mien_path_join(job->folder, "checkpoint.safetensors");
        job->events_path = mien_path_join(job->folder, "events.out.tfevents.mien");
    }
    return job->checkpoint && job->events_path
               ? mien_sha256_bytes(text, strlen(text), job->id)
               : MIEN_ENOMEM;
}

mien_status mien_study_run_jobs(mien_study_run *run) {
    mien_study_run *c = run;
    int count = mien_study_run_fits(c) * c->seeds;
    size_t values = (size_t)(c->seeds * c->dataset.rows * c->dataset.width);
    c->model = c->variant_of ? -1 : mien_study_run_fits(c) - 1;
    c->job = mien_alloc((size_t)count, sizeof *c->job);
    c->predictions = mien_alloc(values, sizeof *c->predictions);
    mien_status status = c->job && c->predictions ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && c->study->smoothing != MIEN_SMOOTHING_NONE) {
        c->unsmoothed = mien_alloc(values, sizeof *c->unsmoothed);
        status = c->unsmoothed ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && mien_trainer_kernels(c->study->trainer)) {
        c->plain = mien_alloc(values, sizeof *c->plain);
        status = c->plain ? MIEN_OK : MIEN_ENOMEM;
    }
    for (size_t i = 0; status == MIEN_OK && i < values; i++) {
        c->predictions[i] = (double)NAN;
        if (c->plain) {
            c->plain[i] = (double)NAN;
        }
    }
    while (status == MIEN_OK && c->jobs < count) {
        status = name_job(c, c->jobs++);
    }
    return status;
}

/* A feed that all folds of a seed use, for what has to be loaded: what it loads may be
 * augmented by that seed. */
static mien_status feed_of(mien_study_run *c, int seed) {
    mien_item_table tables[MIEN_INPUTS_MAX];
    if (!(c->study->trainer->can & MIEN_TRAINS_BY_STEPS) ||
        (c->feed && c->feed_seed == seed)) {
        return MIEN_OK;
    }
    mien_batches_close(&c->feed);
    mien_item_tables(&c->dataset, c->computed ? &c->features : NULL, tables);
    c->feed_seed = seed;
    return mien_batches_open(
        &c->dataset, &c->seeded[seed], tables, c->threads, &c->feed);
}

static mien_status do_in_turn(void *context, int64_t index, int worker) {
    mien_study_run *c = context;
    mien_status status = feed_of(c, c->job[index].seed);
    return status == MIEN_OK ? do_job(c, index, worker) : status;
}

mien_status mien_study_run_jobs_all(mien_study_run *run) {
    mien_study_run *c = run;
    mien_status status = mien_study_run_jobs(c);
    if (status == MIEN_OK) {
        status = mien_study_run_distribute(
            c, mien_study_run_is_parallel(c) ? do_job : do_in_turn);
    }
    mien_batches_close(&c->feed);
    return status;
}
