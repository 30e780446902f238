/* SPDX-License-Identifier: MIT */
/* Whole trainings of the made pictures: begun, stopped, taken up, compared. */
#ifndef MIEN_TESTS_TRAIN_RUNS_H
#define MIEN_TESTS_TRAIN_RUNS_H

#include "train/pictures.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mien/train.h"

static inline int set_up(void **state) {
    (void)state;
    pictures_make();
    pictures_weights();
    return 0;
}

static inline mien_train_options options_of(void) {
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    o.weights = pictures_weights();
    return o;
}

static inline const char *run_path(const char *name) {
    static char path[4][4096];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s", support_temp_path(name));
    return path[next];
}

static inline mien_status train(const char *run, const char *const *set, int count) {
    mien_study *study = NULL;
    mien_train_options o = options_of();
    mien_status status = pictures_study(set, count, &study);
    if (status == MIEN_OK) {
        status = mien_train(study, run, &o);
    }
    mien_study_close(&study);
    return status;
}

static inline mien_status resume(const char *run) {
    mien_train_options o = mien_train_options_default();
    return mien_resume(run, &o);
}

static inline void hash_of(const char *run, const char *file, char hex[65]) {
    char *path = mien_path_join(run, file);
    assert_good(mien_sha256_file(path, hex));
    mien_free(path);
}

static inline void assert_same_files(const char *a, const char *b) {
    static const char *const files[] = {
        "predictions.csv", "metrics.csv", "results.json", "model.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char x[65], y[65];
        hash_of(a, files[i], x);
        hash_of(b, files[i], y);
        if (strcmp(x, y) != 0) {
            fail_msg("%s differs", files[i]);
        }
    }
}

static inline mien_table *table_of(const char *run, const char *file) {
    mien_table *table = NULL;
    char *path = mien_path_join(run, file);
    assert_good(mien_table_read(path, NULL, &table));
    mien_free(path);
    return table;
}

/* Until the run has what a resume needs: how long that takes is the machine's affair.
 */
static inline void wait_for(const char *file, pid_t child) {
    for (int i = 0; i < 100000 && !mien_file_exists(file); i++) {
        siginfo_t ended = {0};
        waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT);
        if (ended.si_pid == child) {
            return;
        }
        usleep(1000);
    }
}

/* A child trains (or goes on) and is killed so many microseconds after there is
 * something to go on with; true if it ended by itself before. */
static inline bool killed_after(
    const char *run, bool begun, useconds_t us, const char *const *set, int count) {
    char *record = mien_path_join(run, "run.json");
    pid_t child = fork();
    if (child == 0) {
        mien_log_set(NULL, NULL);
        _exit((begun ? resume(run) : train(run, set, count)) == MIEN_OK ? 0 : 1);
    }
    assert_true(child > 0);
    wait_for(record, child);
    mien_free(record);
    usleep(us);
    kill(child, SIGKILL);
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    if (WIFEXITED(result)) {
        assert_int_equal(WEXITSTATUS(result), 0);
        return true;
    }
    return false;
}

/* Killed again and again at random moments, then ended. */
static inline void end_after_kills(
    const char *run, const char *const *set, int count, mien_random *random) {
    bool ended = killed_after(run, false, 200000, set, count);
    for (int k = 0; !ended && k < 6; k++) {
        useconds_t us = (useconds_t)(50000 + 900000 * mien_random_uniform(random));
        ended = killed_after(run, true, us, set, count);
    }
    assert_good(resume(run));
}

/* Interrupts when so many steps are done. */
typedef struct stopper {
    int64_t at, seen;
} stopper;

static inline void stop_at(
    void *context, const char *stage, int64_t done, int64_t total) {
    stopper *s = context;
    (void)total;
    (void)done;
    if (strcmp(stage, "training") == 0 && ++s->seen == s->at) {
        mien_interrupt();
    }
}

/* Everything that remembers something: averages, a schedule, momentum, stopping,
 * dropout, augmentation that mixes, running statistics, learnt weights of targets. */
static const char *const busy[] = {"train.what=last-block;features.1*",
    "train.rates=features.* = 0.1", "optimiser.name=sgd", "optimiser.momentum=0.9",
    "schedule.name=cosine", "schedule.warmup=2", "average.rule=decaying",
    "average.decay=0.8", "validation.rule=groups", "augment=flip; rotate 20; mixup",
    "head.layers=6", "head.dropout=0.2", "head.hidden-dropout=0.1", "clip.norm=1",
    "loss.learned=true", "checkpoint.every=0.001", "checkpoint.pause=0"};
enum { BUSY = sizeof busy / sizeof *busy };

/* A head on features that are computed once. */
static const char *const small[] = {"head.layers=8", "head.layer=features.1",
    "targets=valence", "epochs=150", "batch=12", "optimiser.rate=0.02"};
enum { SMALL = sizeof small / sizeof *small };

#endif
