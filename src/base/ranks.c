/* SPDX-License-Identifier: MIT */
/* Jobs of one piece of work over processes, assigned by rank 0.
 *
 * In come a count of jobs and functions that do one, pack and take what it came to; all
 * ranks make the same calls in the same order, which are counted: the turn. A rank
 * without a job asks; rank 0 assigns some of those that are left, fewer as they run
 * out. mien train, extract and search call this; ranks_letters.c sends and receives,
 * ranks_turn.c keeps what becomes of the jobs, wire.c carries the messages. */
#define _GNU_SOURCE /* gethostname */
#include "base/ranks_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As MPI's own state, of the process. */
static mien_ranks *here;

mien_ranks *mien_ranks_here(void) {
    return here;
}

int mien_rank(const mien_ranks *ranks) {
    return ranks ? ranks->rank : 0;
}

int mien_ranks_count(const mien_ranks *ranks) {
    return ranks ? ranks->count : 1;
}

/* ---- opening, closing --------------------------------------------------------------
 */

mien_status mien_ranks_open(double patience_s, mien_ranks **ranks) {
    mien_wire *wire = NULL;
    mien_status status = mien_wire_open(&wire);
    *ranks = NULL;
    if (status != MIEN_OK || !wire) {
        return status;
    }
    mien_ranks *r = mien_alloc(1, sizeof *r);
    int count = mien_wire_count(wire);
    mien_peer *peers = mien_alloc((size_t)count, sizeof *peers);
    if (!r || !peers) {
        mien_free(r);
        mien_free(peers);
        return MIEN_ENOMEM; /* The process ends, and mpirun the others. */
    }
    *r = (mien_ranks){.wire = wire,
        .rank = mien_wire_rank(wire),
        .count = count,
        .patience_s = patience_s,
        .whole = true,
        .peer = peers};
    gethostname(r->host, sizeof r->host - 1);
    for (int k = 0; k < count; k++) {
        peers[k].heard_s = mien_clock_s();
    }
    status = mien_lock_new(&r->lock);
    status =
        status == MIEN_OK ? mien_thread_new(mien_ranks_speak, r, &r->voice) : status;
    if (status == MIEN_OK) {
        *ranks = here = r;
    }
    return status;
}

static void leave(mien_ranks *r, mien_status status) {
    mien_lock_take(r->lock);
    if (r->rank == 0) {
        for (int k = 1; k < r->count; k++) {
            r->whole = r->whole && !r->peer[k].gone;
        }
        mien_ranks_post_all(r, MIEN_MESSAGE_END, (mien_message_head){.job = r->whole});
        for (int k = 1; k < r->count; k++) { /* They know what became of them. */
            r->peer[k].heard_s = INFINITY;
        }
    } else if (status != MIEN_OK && !r->ended) {
        char words[MIEN_ERROR_MAX];
        snprintf(words, sizeof words, "on %s: %s", r->host, mien_error());
        mien_ranks_post(r, 0, MIEN_MESSAGE_FAILED,
            (mien_message_head){.status = status}, words, strlen(words) + 1);
    }
    while (r->rank != 0 && !r->ended) {
        mien_lock_wait(r->lock);
    }
    mien_lock_give(r->lock);
}

void mien_ranks_close(mien_ranks **ranks, mien_status status) {
    if (!ranks || !*ranks) {
        return;
    }
    mien_ranks *r = *ranks;
    here = NULL;
    char words[MIEN_ERROR_MAX];
    snprintf(words, sizeof words, "%s", mien_error());
    leave(r, status);
    mien_ranks_wait_for_post(r, r->patience_s);
    mien_lock_take(r->lock);
    r->quit = true;
    mien_lock_give(r->lock);
    mien_thread_join(&r->voice);
    mien_wire_close(&r->wire, r->whole);
    for (mien_message *m;
         (m = mien_letters_shift(&r->out)) || (m = mien_letters_shift(&r->in));) {
        mien_message_free(m);
    }
    mien_lock_free(&r->lock);
    mien_free(r->peer);
    mien_free(r);
    *ranks = NULL;
    if (status != MIEN_OK) {
        mien_fail(status, "%s", words); /* It is still what there is to tell. */
    }
}

/* ---- running -----------------------------------------------------------------------
 */

/* The next job for a thread of rank 0; waits for those that may come back. */
static int64_t take_at_root(mien_ranks *r) {
    int64_t job = -1;
    mien_lock_take(r->lock);
    while (r->failed == MIEN_OK && r->ready < r->work->count &&
           (job = mien_ranks_assign_one(r, 0)) < 0) {
        mien_lock_wait(r->lock);
    }
    mien_lock_give(r->lock);
    return job;
}

static int64_t take_at_others(mien_ranks *r) {
    int64_t job = -1;
    mien_lock_take(r->lock);
    while (job < 0 && !r->turned && !r->ended) {
        if (r->queued) {
            job = r->queue[0];
            memmove(r->queue, r->queue + 1, (size_t)--r->queued * sizeof *r->queue);
        } else {
            if (!r->asked) {
                r->asked = true;
                mien_ranks_post(r, 0, MIEN_MESSAGE_ASK,
                    (mien_message_head){.turn = r->turn}, NULL, 0);
            }
            mien_lock_wait(r->lock);
        }
    }
    mien_lock_give(r->lock);
    return job;
}

static void finish_at_root(mien_ranks *r, int64_t job, mien_status status) {
    mien_lock_take(r->lock);
    if (status != MIEN_OK) {
        mien_ranks_keep_failure(r, job, status, mien_error());
    }
    r->state[job] = MIEN_JOB_READY;
    r->ready++;
    mien_lock_wake(r->lock);
    mien_lock_give(r->lock);
}

static void finish_at_others(mien_ranks *r, int64_t job, mien_status status) {
    const mien_ranks_work *work = r->work;
    mien_string bytes;
    mien_string_init(&bytes);
    if (status == MIEN_OK && work->pack) {
        status = work->pack(work->context, job, &bytes);
        status = status == MIEN_OK ? mien_string_status(&bytes) : status;
    }
    mien_lock_take(r->lock);
    mien_message_head head = {.turn = r->turn, .job = job, .status = status};
    const char *words = mien_error();
    bool good = status == MIEN_OK;
    mien_ranks_post(r, 0, MIEN_MESSAGE_DONE, head, good ? bytes.text : words,
        good ? bytes.length : strlen(words) + 1);
    mien_lock_give(r->lock);
    mien_string_clear(&bytes);
}

/* What one thread of a rank does in a turn. */
static mien_status do_jobs(void *context, int64_t index, int worker) {
    mien_ranks *r = context;
    (void)index;
    for (;;) {
        int64_t job = r->rank == 0 ? take_at_root(r) : take_at_others(r);
        if (job < 0) {
            return MIEN_OK;
        }
        mien_status status = r->work->work(r->work->context, job, worker);
        if (r->rank == 0) {
            finish_at_root(r, job, status);
        } else {
            finish_at_others(r, job, status);
        }
    }
}

static mien_status begin_turn(mien_ranks *r, const mien_ranks_work *work) {
    unsigned char *state = NULL;
    int *owner = NULL;
    if (r->rank == 0) {
        state = mien_alloc((size_t)work->count, sizeof *state);
        owner = mien_alloc((size_t)work->count, sizeof *owner);
        if (!state || !owner) {
            mien_free(state);
            mien_free(owner);
            return MIEN_ENOMEM;
        }
    }
    mien_lock_take(r->lock);
    r->turn++;
    r->work = work;
    r->state = state;
    r->owner = owner;
    r->next = r->ready = 0;
    r->queued = 0;
    r->asked = r->turned = r->stopped = false;
    r->failed = r->ended && r->rank ? MIEN_EIO : MIEN_OK;
    if (r->rank == 0) {
        mien_ranks_answer_all(r);
    }
    mien_lock_give(r->lock);
    return MIEN_OK;
}

/* Waits for the last of the others, and lets all of them go on. */
static mien_status end_turn(mien_ranks *r) {
    mien_lock_take(r->lock);
    while (r->rank == 0 && mien_ranks_is_awaited(r)) {
        mien_lock_wait(r->lock);
    }
    mien_status status = r->failed;
    r->over = r->turn;
    if (r->rank == 0) {
        mien_ranks_answer_all(r);
    }
    r->work = NULL;
    mien_free(r->state);
    mien_free(r->owner);
    r->state = NULL;
    r->owner = NULL;
    if (r->stopped) {
        mien_interrupt_clear();
    }
    if (r->rank && status == MIEN_OK && r->ended) {
        status = MIEN_EINTERRUPTED;
    }
    bool lost = r->rank && r->peer[0].gone;
    mien_lock_give(r->lock);
    return status == MIEN_OK ? MIEN_OK
           : r->rank == 0    ? mien_fail(status, "%s", r->words)
           : lost ? mien_fail(MIEN_EIO, "nothing is heard of rank 0: this rank ends")
                  : mien_fail(MIEN_EINTERRUPTED, "rank 0 has ended the work");
}

mien_status mien_ranks_run(mien_ranks *ranks, const mien_ranks_work *work) {
    mien_ranks *r = ranks;
    if (!r) {
        return mien_thread_pool_run(work->pool, work->count, work->work, work->context);
    }
    mien_status status = begin_turn(r, work);
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_thread_pool_run(
        work->pool, mien_thread_pool_threads(work->pool), do_jobs, r);
    mien_status ended = end_turn(r);
    return status == MIEN_OK ? ended : status;
}

mien_status mien_ranks_tell(mien_ranks *ranks, const char *bytes, size_t count) {
    mien_ranks *r = ranks;
    if (!r || r->rank == 0) {
        return MIEN_OK;
    }
    mien_lock_take(r->lock);
    mien_status status = mien_ranks_post(
        r, 0, MIEN_MESSAGE_NOTE, (mien_message_head){.turn = r->turn}, bytes, count);
    mien_lock_give(r->lock);
    return status;
}
