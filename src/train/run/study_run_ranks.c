/* SPDX-License-Identifier: MIT */
/* The jobs of a run distributed over processes (base/ranks.h).
 *
 * In come jobs that are listed; a rank trains one as a process that is alone does, in
 * the job's own folder of the run, to the checkpoint that ends it. Nothing else of a
 * fit is handed over: rank 0 takes up every checkpoint in the end as `mien resume`
 * does, which gives the same bits. So a run whose processes were killed is resumed by
 * any number of others. Lines of the log come as messages. study_run.c,
 * study_run_jobs.c and study_run_variants.c call this. */
#include <string.h>

#include "base/ranks.h"
#include "train/run/study_run_parts.h"

bool mien_study_run_is_root(const mien_study_run *run) {
    (void)run;
    return mien_rank(mien_ranks_here()) == 0;
}

/* ---- meeting -------------------------------------------------------------------- */

/* What must be the same on all ranks. */
typedef struct meeting {
    char study[65], rows[65], weights[65], version[32];
    int threads, exact;
} meeting;

static void fill(const mien_study_run *c, meeting *m) {
    memcpy(m->study, c->study_hash, sizeof m->study);
    memcpy(m->rows, c->dataset.hash, sizeof m->rows);
    memcpy(m->weights, c->weights_hash, sizeof m->weights);
    strncpy(m->version, MIEN_VERSION, sizeof m->version - 1);
    m->threads = c->threads;
    m->exact = c->exact;
}

static mien_status differ(const char *what) {
    return mien_fail(MIEN_EVERIFY, "%s here is not that of rank 0", what);
}

/* The study as rank 0 wrote it shows whether the run folder is the same one. */
static mien_status compare(
    const mien_study_run *c, const char *file, const meeting *root) {
    char *path = mien_path_join(c->folder, file);
    char seen[65] = "";
    mien_status status = path ? mien_sha256_file(path, seen) : MIEN_ENOMEM;
    mien_free(path);
    if (status == MIEN_EIO) {
        return mien_fail_in(
            status, "the run folder must be on a file system that all ranks see");
    }
    return status != MIEN_OK                          ? status
           : strcmp(seen, root->study) != 0           ? differ("the run folder")
           : strcmp(c->dataset.hash, root->rows) != 0 ? differ("the trial table")
           : strcmp(c->weights_hash, root->weights) != 0
               ? differ("the file of the backbone's weights")
           : strcmp(root->version, MIEN_VERSION) != 0 ? differ("the version of mien")
                                                      : MIEN_OK;
}

mien_status mien_study_run_meet(mien_study_run *run, const char *file) {
    mien_study_run *c = run;
    meeting m = {.threads = 0};
    if (mien_study_run_is_root(c)) {
        fill(c, &m);
    }
    mien_status status = mien_ranks_share(mien_ranks_here(), &m, sizeof m);
    if (status == MIEN_OK && !mien_study_run_is_root(c)) {
        status = compare(c, file, &m);
        memcpy(c->study_hash, m.study, sizeof c->study_hash);
        c->threads = m.threads; /* Other sums than theirs would have other bits. */
        c->exact = m.exact != 0;
    }
    return status;
}

/* ---- assigning --------------------------------------------------------------------
 */

static mien_status take(void *context, int64_t job, const char *bytes, size_t count) {
    mien_study_run *c = context;
    (void)bytes;
    (void)count;
    c->job[job].elsewhere = true;
    return MIEN_OK;
}

static mien_status heard(void *context, const char *bytes, size_t count) {
    mien_study_run *c = context;
    return mien_training_log_lines(c->log_of_training, bytes, count);
}

static const char *name_of(void *context, int64_t job) {
    mien_study_run *c = context;
    return c->job[job].name;
}

typedef struct collecting {
    mien_study_run *c;
    mien_thread_pool_work *work;
} collecting;

static mien_status collect(void *context, int64_t index, int worker) {
    const collecting *x = context;
    return x->c->job[index].elsewhere ? x->work(x->c, index, worker) : MIEN_OK;
}

mien_status mien_study_run_distribute(
    mien_study_run *run, mien_thread_pool_work *work) {
    mien_study_run *c = run;
    collecting x = {c, work};
    const mien_ranks_work jobs = {.count = c->jobs,
        .pool = mien_study_run_is_parallel(c) ? c->pool : NULL,
        .work = work,
        .take = take,
        .heard = heard,
        .name = name_of,
        .context = c};
    mien_status status = mien_ranks_run(c->alone ? NULL : mien_ranks_here(), &jobs);
    return status == MIEN_OK && mien_study_run_is_root(c)
               ? mien_thread_pool_run(jobs.pool, c->jobs, collect, &x)
               : status;
}
