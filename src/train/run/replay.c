/* SPDX-License-Identifier: MIT */
/* Builds the networks of a run's folds anew from their checkpoints and lets them
 * predict. */
#include "train/run/replay.h"

#include <math.h>
#include <string.h>

#include "train/run/study_run_parts.h"
#include "train/run/study_run_record.h"
#include "train/run/checkpoint.h"

struct mien_replay {
    mien_record record;
    mien_train_options options;
    mien_study_run run;
    bool masks;
    /* of the prediction under way */
    const mien_columns_change *changes;
    int count;
    double *predictions;
    int kept_count;
    mien_fit_answers *kept;
    int64_t done; /* jobs */
};

/* ---- opening ------------------------------------------------------------------- */

static mien_status check_finished(const char *run) {
    return mien_study_run_finished(run)
               ? MIEN_OK
               : mien_fail(MIEN_ENOTFOUND,
                     "%s: the run is not finished: `mien resume %s` goes on", run, run);
}

static mien_status prepare(mien_replay *p) {
    mien_study_run *c = &p->run;
    mien_architecture architecture;
    mien_status status =
        mien_dataset_architecture(&c->dataset, c->study, &architecture);
    p->masks = !mien_trainer_kernels(c->study->trainer) &&
               mien_architecture_masked(&architecture);
    if (status == MIEN_OK) {
        status = mien_lock_new(&c->lock);
    }
    if (status == MIEN_OK) {
        status = mien_thread_pool_new(p->options.threads, &c->pool);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_seeds(c);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_extract(c);
    }
    return status == MIEN_OK ? mien_study_run_jobs(c) : status;
}

mien_status mien_replay_open(
    const char *run, const mien_train_options *options, mien_replay **replay) {
    mien_replay *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    p->options = options ? *options : mien_train_options_default();
    p->run = (mien_study_run){.options = &p->options, .folder = run};
    mien_status status = mien_record_open(&p->record, run);
    if (status == MIEN_OK) {
        status = check_finished(run);
    }
    if (status == MIEN_OK) {
        status = mien_record_check(&p->record, &p->run);
    }
    if (status == MIEN_OK) {
        status = prepare(p);
    }
    if (status != MIEN_OK) {
        mien_replay_close(&p);
        return status;
    }
    *replay = p;
    return MIEN_OK;
}

void mien_replay_close(mien_replay **replay) {
    if (!replay || !*replay) {
        return;
    }
    mien_study_run_clear(&(*replay)->run);
    mien_record_clear(&(*replay)->record);
    mien_free(*replay);
    *replay = NULL;
}

const mien_study *mien_replay_study(const mien_replay *replay) {
    return replay->run.study;
}

const mien_dataset *mien_replay_dataset(const mien_replay *replay) {
    return &replay->run.dataset;
}

int mien_replay_seeds(const mien_replay *replay) {
    return replay->run.seeds;
}

bool mien_replay_masks(const mien_replay *replay) {
    return replay->masks;
}

bool mien_replay_loads(const mien_replay *replay, int input) {
    const mien_study_run *r = &replay->run;
    return strcmp(r->study->trainer->name, "gradient") == 0 &&
           !r->features.table[input].values;
}

mien_thread_pool *mien_replay_pool(const mien_replay *replay) {
    return replay->run.pool;
}

/* ---- predicting ---------------------------------------------------------------- */

static mien_status open_job(mien_study_run_job *job) {
    int64_t bytes = 0;
    mien_status status = mien_study_run_job_open(job);
    if (status == MIEN_OK) {
        status = mien_checkpoint_read(job->checkpoint, job->training, job->id, &bytes);
    }
    return status == MIEN_OK && !mien_training_done(job->training)
               ? mien_fail(
                     MIEN_EVERIFY, "%s: its training is not done", job->checkpoint)
               : status;
}

/* A network that does not give what it gave is not the one to explain. */
static mien_status compare(const mien_study_run_job *job, const double *now,
    const double *then, int64_t values) {
    for (int64_t i = 0; i < values; i++) {
        double tolerance = 1e-5 + 1e-4 * fabs(then[i]);
        if (!(fabs(now[i] - then[i]) <= tolerance)) {
            return mien_fail(MIEN_EVERIFY,
                "%s: its network predicts %g where the run has %g: run `mien train` "
                "anew on this machine",
                job->checkpoint, now[i], then[i]);
        }
    }
    return MIEN_OK;
}

/* The job's tested rows by one change, into their places among all. */
static mien_status predict_one(
    const mien_replay *p, mien_study_run_job *job, int change, double *room) {
    const mien_study_run *c = &p->run;
    mien_training_result r;
    int64_t width = c->dataset.width;
    double *all =
        p->predictions + (change * c->seeds + job->seed) * c->dataset.rows * width;
    mien_status status = mien_training_result_of(job->training, &r);
    if (status == MIEN_OK) {
        status = mien_training_predict(job->training, &p->changes[change], room);
    }
    if (status == MIEN_OK && change == 0) {
        status = compare(job, room, r.predictions, r.tested * width);
    }
    if (status == MIEN_OK && p->kept && change < p->kept_count) {
        int at = (change * c->seeds + job->seed) * c->dataset.folds + job->fold;
        status = mien_fit_answers_keep(&p->kept[at], r.tested, r.rows, room, width);
    }
    for (int64_t i = 0; status == MIEN_OK && i < r.tested; i++) {
        if (p->run.dataset.fold[r.rows[i]] == job->fold) {
            memcpy(
                all + r.rows[i] * width, room + i * width, (size_t)width * sizeof *all);
        }
    }
    return status;
}

static void tell(mien_replay *p) {
    const mien_train_options *o = &p->options;
    mien_lock_take(p->run.lock);
    p->done++;
    if (o->progress) {
        int64_t all = (int64_t)p->run.seeds * p->run.dataset.folds;
        o->progress(o->context, "predicting", p->done, all);
    }
    mien_lock_give(p->run.lock);
}

static mien_status replay_job(void *context, int64_t index, int worker) {
    mien_replay *p = context;
    const mien_dataset *dataset = &p->run.dataset;
    mien_study_run_job *job = &p->run.job[index];
    (void)worker;
    if (job->fold >= dataset->folds) {
        return MIEN_OK; /* the model on all rows tests none */
    }
    double *room = mien_alloc((size_t)(dataset->rows * dataset->width), sizeof *room);
    mien_status status = room ? open_job(job) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < p->count; i++) {
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : predict_one(p, job, i, room);
    }
    mien_training_close(&job->training);
    mien_batches_close(&job->feed);
    mien_free(room);
    if (status == MIEN_OK) {
        tell(p);
    }
    return status;
}

mien_status mien_replay_predict(mien_replay *replay, const mien_columns_change *changes,
    int count, double *predictions, int kept_count, mien_fit_answers *kept) {
    mien_replay *p = replay;
    mien_study_run *c = &p->run;
    int64_t values = (int64_t)count * c->seeds * c->dataset.rows * c->dataset.width;
    for (int64_t i = 0; i < values; i++) {
        predictions[i] = (double)NAN;
    }
    p->changes = changes;
    p->count = count;
    p->predictions = predictions;
    p->kept_count = kept_count;
    p->kept = kept;
    p->done = 0;
    mien_status status = MIEN_OK;
    if (mien_study_run_is_parallel(c)) {
        return mien_thread_pool_run(c->pool, c->jobs, replay_job, p);
    }
    for (int i = 0; status == MIEN_OK && i < c->jobs; i++) {
        status = replay_job(p, i, 0);
    }
    return status;
}

/* ---- attention ----------------------------------------------------------------- */

typedef struct attention {
    int64_t rows;
    int64_t *place; /* [dataset rows] of a tested row among those */
    int encoders;   /* 0: not known yet */
    mien_attention_stack stack[MIEN_ATTENTION_STACKS_MAX];
    mien_tensor *map[MIEN_ATTENTION_STACKS_MAX]; /* [rows, …] */
} attention;

static mien_status make_maps(
    const mien_replay *p, const mien_network_fit *t, attention *a) {
    mien_status status = MIEN_OK;
    if (a->encoders) {
        return MIEN_OK;
    }
    a->encoders = mien_network_fit_encoders(t, a->stack);
    for (int i = 0; status == MIEN_OK && i < a->encoders; i++) {
        int64_t shape[MIEN_RANK_MAX + 1] = {a->rows};
        memcpy(shape + 1, a->stack[i].shape, sizeof a->stack[i].shape);
        status = mien_tensor_new(MIEN_F32, a->stack[i].rank + 1, shape, &a->map[i]);
    }
    return status == MIEN_OK && a->encoders == 0
               ? mien_fail(
                     MIEN_EINVAL, "%s: its network has no attention", p->run.folder)
               : status;
}

/* Rows of one fold, from where they stand in it to where they stand among all. */
static mien_status attend_job(
    const mien_replay *p, mien_study_run_job *job, attention *a) {
    const int64_t *rows = NULL;
    const float *predictions = NULL;
    float *maps[MIEN_ATTENTION_STACKS_MAX] = {NULL};
    mien_status status = open_job(job);
    if (status == MIEN_OK) {
        status = make_maps(p, mien_training_fit(job->training), a);
    }
    int64_t count = status == MIEN_OK
                        ? mien_network_fit_tested(
                              mien_training_fit(job->training), &rows, &predictions)
                        : 0;
    for (int i = 0; status == MIEN_OK && i < a->encoders; i++) {
        int64_t each = mien_shape_count(a->stack[i].rank, a->stack[i].shape);
        maps[i] = mien_alloc((size_t)(count * each), sizeof *maps[i]);
        status = maps[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_network_fit_attention(mien_training_fit(job->training), maps);
    }
    for (int i = 0; i < a->encoders; i++) {
        int64_t each = mien_shape_count(a->stack[i].rank, a->stack[i].shape);
        for (int64_t k = 0; status == MIEN_OK && k < count; k++) {
            if (p->run.dataset.fold[rows[k]] != job->fold) {
                continue; /* Crossed folds test rows of other folds too. */
            }
            memcpy((float *)a->map[i]->data + a->place[rows[k]] * each,
                maps[i] + k * each, (size_t)each * sizeof(float));
        }
        mien_free(maps[i]);
    }
    mien_training_close(&job->training);
    mien_batches_close(&job->feed);
    return status;
}

mien_status mien_replay_attention(mien_replay *replay, const char *path) {
    mien_replay *p = replay;
    const mien_dataset *c = &p->run.dataset;
    const char *names[MIEN_ATTENTION_STACKS_MAX];
    attention a = {.place = mien_alloc((size_t)c->rows, sizeof *a.place)};
    mien_status status = a.place ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        a.place[i] = a.rows;
        a.rows += c->fold[i] >= 0;
    }
    for (int i = 0; status == MIEN_OK && i < c->folds; i++) {
        status = attend_job(p, &p->run.job[i], &a);
    }
    for (int i = 0; i < a.encoders; i++) {
        names[i] = a.stack[i].name;
    }
    if (status == MIEN_OK) {
        status =
            mien_hdf5_write(path, a.encoders, names, (const mien_tensor *const *)a.map);
    }
    for (int i = 0; i < a.encoders; i++) {
        mien_tensor_free(&a.map[i]);
    }
    mien_free(a.place);
    return status;
}
