/* SPDX-License-Identifier: MIT */
/* What a rank of the tests of ranks does: ranks_at_work WHAT, under mpirun.
 *
 *   deal    200 jobs on two threads a rank; rank 0 prints their sum and who did them
 *   die     rank 1 kills itself in its first job
 *   absent  rank 1 fails before it asks for any
 *   fail    job 7 fails wherever it is done
 *   share   rank 0 hands out 40 MB, then nothing
 *   sum     every rank adds its values, and gathers its rows */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ranks.h"

enum { JOBS = 200 };

typedef struct play {
    mien_ranks *ranks;
    const char *what;
    int64_t square[JOBS]; /* what each came to */
    int who[JOBS];
    atomic_int told;
    char name[32];
} play;

static mien_status work(void *context, int64_t job, int worker) {
    play *p = context;
    const struct timespec nap = {.tv_nsec = 2000000};
    (void)worker;
    if (strcmp(p->what, "die") == 0 && mien_rank(p->ranks) == 1) {
        raise(SIGKILL);
    }
    if (strcmp(p->what, "fail") == 0 && job == 7) {
        return mien_fail(MIEN_EFORMAT, "seven is too much");
    }
    nanosleep(&nap, NULL);
    p->square[job] = job * job;
    p->who[job] = mien_rank(p->ranks);
    return mien_ranks_tell(p->ranks, "x", 1);
}

static mien_status pack(void *context, int64_t job, mien_string *bytes) {
    play *p = context;
    mien_string_add_n(bytes, (const char *)&p->square[job], sizeof p->square[job]);
    return mien_string_add_n(bytes, (const char *)&p->who[job], sizeof p->who[job]);
}

static mien_status take(void *context, int64_t job, const char *bytes, size_t count) {
    play *p = context;
    if (count != sizeof p->square[job] + sizeof p->who[job]) {
        return mien_fail(MIEN_EFORMAT, "not what was packed");
    }
    memcpy(&p->square[job], bytes, sizeof p->square[job]);
    memcpy(&p->who[job], bytes + sizeof p->square[job], sizeof p->who[job]);
    return MIEN_OK;
}

static mien_status heard(void *context, const char *bytes, size_t count) {
    play *p = context;
    p->told += count == 1 && *bytes == 'x';
    return MIEN_OK;
}

static const char *name(void *context, int64_t job) {
    play *p = context;
    snprintf(p->name, sizeof p->name, "piece-%d", (int)job);
    return p->name;
}

/* Three turns, so that a rank that is ahead of another is met too. */
static mien_status deal(play *p) {
    mien_thread_pool *pool = NULL;
    mien_status status = mien_thread_pool_new(2, &pool);
    for (int turn = 0; status == MIEN_OK && turn < 3; turn++) {
        memset(p->square, 0xff, sizeof p->square);
        p->told = 0;
        const mien_ranks_work jobs = {JOBS, pool, work, pack, take, heard, name, p};
        status = mien_ranks_run(p->ranks, &jobs);
        int64_t sum = 0, others = 0;
        for (int i = 0; i < JOBS; i++) {
            sum += p->square[i];
            others += p->who[i] != 0;
        }
        if (status == MIEN_OK && mien_rank(p->ranks) == 0) {
            printf("sum %d, told by others %s\n", (int)sum,
                others == p->told && (others > 0) == (mien_ranks_count(p->ranks) > 1)
                    ? "each"
                    : "not each");
        }
    }
    mien_thread_pool_free(&pool);
    return status;
}

static mien_status share(play *p) {
    const size_t count = (size_t)40 << 20;
    unsigned char *bytes = mien_alloc(count, 1);
    bool root = mien_rank(p->ranks) == 0;
    int64_t bad = 0;
    for (size_t i = 0; root && i < count; i++) {
        bytes[i] = (unsigned char)(i * 7 >> 3);
    }
    mien_status status = mien_ranks_share(p->ranks, bytes, count);
    for (size_t i = 0; i < count; i++) {
        bad += bytes[i] != (unsigned char)(i * 7 >> 3);
    }
    mien_free(bytes);
    if (status == MIEN_OK) {
        status = mien_ranks_share(p->ranks, NULL, 0);
    }
    return status == MIEN_OK && bad
               ? mien_fail(MIEN_EVERIFY, "%d bytes are others", (int)bad)
               : status;
}

static mien_status sum(play *p) {
    enum { N = 100000, WIDTH = 3 };
    int rank = mien_rank(p->ranks), count = mien_ranks_count(p->ranks);
    float *values = mien_alloc(N, sizeof *values), rows[64 * WIDTH] = {0};
    int64_t first[65], bad = 0;
    for (int i = 0; i < N; i++) {
        values[i] = (float)(i % 100 + rank);
    }
    for (int k = 0; k <= count; k++) {
        first[k] = k; /* one row each */
    }
    for (int w = 0; w < WIDTH; w++) {
        rows[rank * WIDTH + w] = (float)(10 * rank + w);
    }
    mien_status status = mien_ranks_sum(p->ranks, values, N);
    status = status ? status : mien_ranks_gather(p->ranks, first, WIDTH, rows);
    for (int i = 0; i < N; i++) {
        bad += values[i] != (float)(i % 100 * count + count * (count - 1) / 2);
    }
    for (int k = 0; k < count; k++) {
        for (int w = 0; w < WIDTH; w++) {
            bad += rows[k * WIDTH + w] != (float)(10 * k + w);
        }
    }
    mien_free(values);
    return status == MIEN_OK && bad ? mien_fail(MIEN_EVERIFY, "%d are wrong", (int)bad)
                                    : status;
}

int main(int argc, char **argv) {
    play p = {.what = argc > 1 ? argv[1] : "deal"};
    mien_status status = mien_ranks_open(5, &p.ranks);
    bool root = mien_rank(p.ranks) == 0;
    if (status == MIEN_OK && strcmp(p.what, "share") == 0) {
        status = share(&p);
    } else if (status == MIEN_OK && strcmp(p.what, "sum") == 0) {
        status = sum(&p);
    } else if (strcmp(p.what, "absent") == 0 && mien_rank(p.ranks) == 1) {
        status = mien_fail(MIEN_EIO, "there is no such file here");
    } else if (status == MIEN_OK) {
        status = deal(&p);
    }
    mien_ranks_close(&p.ranks, status);
    if (status != MIEN_OK && (root || status == MIEN_EVERIFY)) {
        printf("failed: %s\n", mien_error());
    } else if (root) {
        printf("good\n");
    }
    return root && status != MIEN_OK;
}
