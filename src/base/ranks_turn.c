/* SPDX-License-Identifier: MIT */
/* What the messages of a turn do: rank 0 assigns jobs to ranks that ask, keeps results
 * and failures, and assigns those of a rank that has ended again.
 *
 * In come messages of ranks_letters.c, whose thread calls this; ranks.c takes rank 0's
 * own jobs and failures here too. The lock is taken in all of it. */
#include "base/ranks_parts.h"

#include <stdio.h>
#include <string.h>

/* ---- on rank 0 ---------------------------------------------------------------------
 */

static void stop_all(mien_ranks *r) {
    if (!r->stopped) {
        r->stopped = true;
        mien_ranks_post_all(r, MIEN_MESSAGE_STOP, (mien_message_head){.turn = r->turn});
        mien_interrupt();
    }
}

/* Of several failures that of the lowest job is told, and what was only stopped last.
 */
void mien_ranks_keep_failure(
    mien_ranks *r, int64_t job, mien_status status, const char *words) {
    bool first = r->failed == MIEN_OK;
    bool better = (status == MIEN_EINTERRUPTED) == (r->failed == MIEN_EINTERRUPTED)
                      ? job < r->failed_job
                      : r->failed == MIEN_EINTERRUPTED;
    if (first || better) {
        r->failed = status;
        r->failed_job = job;
        snprintf(r->words, sizeof r->words, "%s", words);
    }
    stop_all(r);
}

/* The lowest job that is to be done; −1: none. */
static int64_t next_job(mien_ranks *r) {
    while (r->next < r->work->count && r->state[r->next] != MIEN_JOB_WAITING) {
        r->next++;
    }
    return r->next < r->work->count && r->failed == MIEN_OK ? r->next : -1;
}

int64_t mien_ranks_assign_one(mien_ranks *r, int to) {
    int64_t job = next_job(r);
    if (job >= 0) {
        r->state[job] = MIEN_JOB_ASSIGNED;
        r->owner[job] = to;
    }
    return job;
}

/* Whether a rank that is not gone still does a job of the turn. */
bool mien_ranks_is_awaited(const mien_ranks *r) {
    for (int64_t i = 0; i < r->work->count; i++) {
        if (r->state[i] == MIEN_JOB_ASSIGNED) {
            return true;
        }
    }
    return false;
}

static int64_t left(const mien_ranks *r) {
    int64_t count = 0;
    for (int64_t i = r->next; i < r->work->count; i++) {
        count += r->state[i] == MIEN_JOB_WAITING;
    }
    return count;
}

/* A share of what is left, so that all end at the same time. */
static void answer(mien_ranks *r, int to) {
    int64_t jobs[MIEN_RANKS_JOBS_MOST];
    size_t n = 0;
    mien_peer *p = &r->peer[to];
    if (p->gone || p->asks == 0) {
        return;
    }
    if (p->asks <= r->over) {
        mien_message_head over = {.turn = p->asks, .status = r->failed};
        mien_ranks_post(r, to, MIEN_MESSAGE_OVER, over, NULL, 0);
        p->asks = 0;
        return;
    }
    if (!r->work || p->asks != r->turn) {
        return; /* This rank has not come so far. */
    }
    int64_t share = left(r) / (4 * r->count);
    share = share < 1 ? 1 : share > MIEN_RANKS_JOBS_MOST ? MIEN_RANKS_JOBS_MOST : share;
    while ((int64_t)n < share && (jobs[n] = mien_ranks_assign_one(r, to)) >= 0) {
        n++;
    }
    if (n) {
        mien_ranks_post(r, to, MIEN_MESSAGE_JOBS, (mien_message_head){.turn = r->turn},
            jobs, n * sizeof *jobs);
        p->asks = 0;
    }
}

void mien_ranks_answer_all(mien_ranks *r) {
    for (int k = 1; k < r->count; k++) {
        answer(r, k);
    }
}

void mien_ranks_give_up(mien_ranks *r, int k, const char *why, bool gone) {
    int64_t again = 0;
    r->peer[k].gone = gone; /* One that failed still waits for the end. */
    r->peer[k].asks = 0;
    for (int64_t i = 0; r->work && i < r->work->count; i++) {
        if (r->state[i] == MIEN_JOB_ASSIGNED && r->owner[i] == k) {
            r->state[i] = MIEN_JOB_WAITING;
            r->next = i < r->next ? i : r->next;
            again++;
        }
    }
    if (again) {
        mien_log(MIEN_LOG_WARN, "ranks",
            "rank %d: %s; %lld of its jobs are assigned again", k, why,
            (long long)again);
    } else {
        mien_log(MIEN_LOG_WARN, "ranks", "rank %d: %s; the others go on", k, why);
    }
    mien_ranks_answer_all(r);
    mien_lock_wake(r->lock);
}

static void job_name(const mien_ranks *r, int64_t job, char name[128]) {
    const char *given = r->work->name ? r->work->name(r->work->context, job) : NULL;
    snprintf(name, 128, "job %lld", (long long)job);
    if (given) {
        snprintf(name, 128, "%s", given);
    }
}

/* Gives the lock while the caller's function runs. */
static mien_status take_result(mien_ranks *r, const mien_message *m) {
    const mien_ranks_work *work = r->work;
    const char *bytes = (const char *)(m->head + 1);
    mien_status status = MIEN_OK;
    mien_lock_give(r->lock);
    if (m->kind == MIEN_MESSAGE_NOTE && work->heard) {
        status = work->heard(work->context, bytes, m->count);
    } else if (m->kind == MIEN_MESSAGE_DONE && work->take) {
        status = work->take(work->context, m->head->job, bytes, m->count);
    }
    mien_lock_take(r->lock);
    return status;
}

static void hear_of_job(mien_ranks *r, const mien_message *m) {
    int64_t job = m->head->job;
    bool known = job >= 0 && job < r->work->count &&
                 r->state[job] == MIEN_JOB_ASSIGNED && r->owner[job] == m->peer;
    if (!known) {
        return;
    }
    mien_status status = (mien_status)m->head->status;
    if (status != MIEN_OK) {
        char words[MIEN_ERROR_MAX], name[128];
        job_name(r, job, name);
        snprintf(words, sizeof words, "%s, on rank %d: %s", name, m->peer,
            (const char *)(m->head + 1));
        mien_ranks_keep_failure(r, job, status, words);
    } else {
        status = take_result(r, m);
        if (status != MIEN_OK) {
            mien_ranks_keep_failure(r, job, status, mien_error());
        }
    }
    r->state[job] = MIEN_JOB_READY;
    r->ready++;
    mien_lock_wake(r->lock);
}

void mien_ranks_hear_at_root(mien_ranks *r, const mien_message *m) {
    bool now = r->work && m->head->turn == r->turn;
    switch (m->kind) {
    case MIEN_MESSAGE_ASK:
        r->peer[m->peer].asks = m->head->turn;
        answer(r, m->peer);
        break;
    case MIEN_MESSAGE_DONE:
        if (now) {
            hear_of_job(r, m);
        }
        break;
    case MIEN_MESSAGE_NOTE:
        if (now && take_result(r, m) != MIEN_OK) {
            mien_ranks_keep_failure(r, -1, MIEN_EIO, mien_error());
        }
        break;
    case MIEN_MESSAGE_FAILED:
        mien_ranks_give_up(r, m->peer, (const char *)(m->head + 1), false);
        break;
    default:
        break;
    }
}

/* ---- on the others ------------------------------------------------------------------
 */

void mien_ranks_hear_at_others(mien_ranks *r, mien_message *m, bool *kept) {
    switch (m->kind) {
    case MIEN_MESSAGE_JOBS:
        if (m->head->turn == r->turn && m->count <= sizeof r->queue) {
            memcpy(r->queue, m->head + 1, m->count);
            r->queued = (int)(m->count / sizeof *r->queue);
            r->asked = false;
        }
        break;
    case MIEN_MESSAGE_OVER:
        if (m->head->turn == r->turn) {
            r->failed = (mien_status)m->head->status;
            r->turned = true;
        }
        break;
    case MIEN_MESSAGE_STOP:
        if (m->head->turn == r->turn) {
            r->stopped = true;
            mien_interrupt();
        }
        break;
    case MIEN_MESSAGE_SHARE:
        mien_letters_append(&r->in, m);
        *kept = true;
        break;
    case MIEN_MESSAGE_END:
        r->ended = true;
        r->whole = m->head->job != 0;
        break;
    default:
        break;
    }
    mien_lock_wake(r->lock);
}

void mien_ranks_lose_root(mien_ranks *r) {
    r->ended = true;
    r->whole = false;
    r->failed = MIEN_EIO;
    r->stopped = true;
    r->peer[0].gone = true;
    mien_interrupt();
    mien_lock_wake(r->lock);
}
