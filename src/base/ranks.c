/* SPDX-License-Identifier: MIT */
/* Jobs dealt over processes by rank 0.
 *
 * In come a count of jobs and functions that do one, pack and take what it came to; all
 * ranks make the same calls in the same order, which are counted: the turn. A thread of
 * its own, the voice, sends and receives on each rank, so that a rank that computes is
 * heard all the same. A rank without a job asks; rank 0 deals some of those that are
 * left, fewer as they run out, and deals those of a rank that has ended again.
 * mien train, extract and search call this; wire.c carries the messages. */
#define _GNU_SOURCE /* gethostname */
#include "base/ranks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"
#include "base/wire.h"

/* A rank asks with ASK and is answered with JOBS (numbers, for its queue) or OVER. DONE
 * brings what a job came to, or an error's words; NOTE what was told meanwhile. STOP
 * makes a rank give up what it does, FAILED says why one does nothing more, END lets
 * all go home. */
enum { BEAT = 1, ASK, JOBS, DONE, NOTE, OVER, STOP, SHARE, FAILED, END };
enum { DEALT_MOST = 32, HOST = 64 };
#define BLOCK ((size_t)4 << 20)
#define BEATS 8 /* within the time after which a rank is given up */

/* Every message begins with it. */
typedef struct header {
    int64_t turn, job, status;
} header;

typedef struct message {
    struct message *next;
    int peer, kind;
    size_t count; /* of bytes behind the header */
    header *head;
} message;

typedef struct letters {
    message *first, *last;
} letters;

typedef struct peer {
    double heard_s;
    bool gone;
    int64_t asks; /* the turn whose jobs it asks for; 0: it does not */
} peer;

enum { WAITING, DEALT, READY };

struct mien_ranks {
    mien_wire *wire;
    int rank, count;
    double patience_s, beat_s;
    char host[HOST];
    mien_lock *lock; /* of all that follows */
    mien_thread *voice;
    bool quit;
    letters out, in; /* in: of mien_ranks_share() */
    peer *peer;      /* [count] */
    int64_t turn;
    const mien_ranks_work *work; /* of the turn; NULL: there is none */
    /* of a turn, on rank 0 */
    unsigned char *state;      /* [work->count] */
    int *owner;                /* of those that are dealt */
    int64_t next, ready, over; /* over: the last turn that is */
    int64_t failed_job;
    mien_status failed; /* of the lowest job, or of the wire */
    bool stopped;       /* by this rank's or rank 0's word, not by the user */
    char words[MIEN_ERROR_MAX];
    /* of a turn, on the others */
    int64_t queue[DEALT_MOST];
    int queued;
    bool asked, turned;
    bool ended, whole; /* rank 0 let go; whole: of all ranks */
};

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

/* ---- messages ------------------------------------------------------------------ */

static void append(letters *l, message *m) {
    m->next = NULL;
    if (l->last) {
        l->last->next = m;
    } else {
        l->first = m;
    }
    l->last = m;
}

static message *shift(letters *l) {
    message *m = l->first;
    if (m) {
        l->first = m->next;
        l->last = l->first ? l->last : NULL;
    }
    return m;
}

static void message_free(message *m) {
    if (m) {
        mien_free(m->head);
    }
    mien_free(m);
}

/* The lock is taken. */
static mien_status post(
    mien_ranks *r, int to, int kind, header head, const void *bytes, size_t count) {
    if (r->peer[to].gone) {
        return MIEN_OK;
    }
    message *m = mien_alloc(1, sizeof *m);
    header *room = m ? mien_alloc(1, sizeof head + count) : NULL;
    if (!room) {
        mien_free(m);
        return MIEN_ENOMEM;
    }
    *room = head;
    if (count) {
        memcpy(room + 1, bytes, count);
    }
    *m = (message){.peer = to, .kind = kind, .count = count, .head = room};
    append(&r->out, m);
    return MIEN_OK;
}

static void post_all(mien_ranks *r, int kind, header head) {
    for (int k = 1; k < r->count; k++) {
        post(r, k, kind, head, NULL, 0);
    }
}

/* ---- the turn, on rank 0; the lock is taken -------------------------------------- */

static void stop_all(mien_ranks *r) {
    if (!r->stopped) {
        r->stopped = true;
        post_all(r, STOP, (header){.turn = r->turn});
        mien_interrupt();
    }
}

/* Of several failures that of the lowest job is told, and what was only stopped last.
 */
static void keep_failure(
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
    while (r->next < r->work->count && r->state[r->next] != WAITING) {
        r->next++;
    }
    return r->next < r->work->count && r->failed == MIEN_OK ? r->next : -1;
}

static int64_t deal_one(mien_ranks *r, int to) {
    int64_t job = next_job(r);
    if (job >= 0) {
        r->state[job] = DEALT;
        r->owner[job] = to;
    }
    return job;
}

/* Whether a rank that is not gone still does a job of the turn. */
static bool is_awaited(const mien_ranks *r) {
    for (int64_t i = 0; i < r->work->count; i++) {
        if (r->state[i] == DEALT) {
            return true;
        }
    }
    return false;
}

static int64_t left(const mien_ranks *r) {
    int64_t count = 0;
    for (int64_t i = r->next; i < r->work->count; i++) {
        count += r->state[i] == WAITING;
    }
    return count;
}

/* A share of what is left, so that all end at the same time. */
static void answer(mien_ranks *r, int to) {
    int64_t jobs[DEALT_MOST];
    size_t n = 0;
    peer *p = &r->peer[to];
    if (p->gone || p->asks == 0) {
        return;
    }
    if (p->asks <= r->over) {
        header over = {.turn = p->asks, .status = r->failed};
        post(r, to, OVER, over, NULL, 0);
        p->asks = 0;
        return;
    }
    if (!r->work || p->asks != r->turn) {
        return; /* This rank has not come so far. */
    }
    int64_t share = left(r) / (4 * r->count);
    share = share < 1 ? 1 : share > DEALT_MOST ? DEALT_MOST : share;
    while ((int64_t)n < share && (jobs[n] = deal_one(r, to)) >= 0) {
        n++;
    }
    if (n) {
        post(r, to, JOBS, (header){.turn = r->turn}, jobs, n * sizeof *jobs);
        p->asks = 0;
    }
}

static void answer_all(mien_ranks *r) {
    for (int k = 1; k < r->count; k++) {
        answer(r, k);
    }
}

static void give_up(mien_ranks *r, int k, const char *why, bool gone) {
    int64_t again = 0;
    r->peer[k].gone = gone; /* One that failed still waits for the end. */
    r->peer[k].asks = 0;
    for (int64_t i = 0; r->work && i < r->work->count; i++) {
        if (r->state[i] == DEALT && r->owner[i] == k) {
            r->state[i] = WAITING;
            r->next = i < r->next ? i : r->next;
            again++;
        }
    }
    if (again) {
        mien_log(MIEN_LOG_WARN, "ranks",
            "rank %d: %s; %lld of its jobs are dealt again", k, why, (long long)again);
    } else {
        mien_log(MIEN_LOG_WARN, "ranks", "rank %d: %s; the others go on", k, why);
    }
    answer_all(r);
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
static mien_status take_result(mien_ranks *r, const message *m) {
    const mien_ranks_work *work = r->work;
    const char *bytes = (const char *)(m->head + 1);
    mien_status status = MIEN_OK;
    mien_lock_give(r->lock);
    if (m->kind == NOTE && work->heard) {
        status = work->heard(work->context, bytes, m->count);
    } else if (m->kind == DONE && work->take) {
        status = work->take(work->context, m->head->job, bytes, m->count);
    }
    mien_lock_take(r->lock);
    return status;
}

static void hear_of_job(mien_ranks *r, const message *m) {
    int64_t job = m->head->job;
    bool known = job >= 0 && job < r->work->count && r->state[job] == DEALT &&
                 r->owner[job] == m->peer;
    if (!known) {
        return;
    }
    mien_status status = (mien_status)m->head->status;
    if (status != MIEN_OK) {
        char words[MIEN_ERROR_MAX], name[128];
        job_name(r, job, name);
        snprintf(words, sizeof words, "%s, on rank %d: %s", name, m->peer,
            (const char *)(m->head + 1));
        keep_failure(r, job, status, words);
    } else {
        status = take_result(r, m);
        if (status != MIEN_OK) {
            keep_failure(r, job, status, mien_error());
        }
    }
    r->state[job] = READY;
    r->ready++;
    mien_lock_wake(r->lock);
}

static void hear_at_root(mien_ranks *r, const message *m) {
    bool now = r->work && m->head->turn == r->turn;
    switch (m->kind) {
    case ASK:
        r->peer[m->peer].asks = m->head->turn;
        answer(r, m->peer);
        break;
    case DONE:
        if (now) {
            hear_of_job(r, m);
        }
        break;
    case NOTE:
        if (now && take_result(r, m) != MIEN_OK) {
            keep_failure(r, -1, MIEN_EIO, mien_error());
        }
        break;
    case FAILED:
        give_up(r, m->peer, (const char *)(m->head + 1), false);
        break;
    default:
        break;
    }
}

/* ---- the turn, on the others; the lock is taken -----------------------------------
 */

static void hear_at_others(mien_ranks *r, message *m, bool *kept) {
    switch (m->kind) {
    case JOBS:
        if (m->head->turn == r->turn && m->count <= sizeof r->queue) {
            memcpy(r->queue, m->head + 1, m->count);
            r->queued = (int)(m->count / sizeof *r->queue);
            r->asked = false;
        }
        break;
    case OVER:
        if (m->head->turn == r->turn) {
            r->failed = (mien_status)m->head->status;
            r->turned = true;
        }
        break;
    case STOP:
        if (m->head->turn == r->turn) {
            r->stopped = true;
            mien_interrupt();
        }
        break;
    case SHARE:
        append(&r->in, m);
        *kept = true;
        break;
    case END:
        r->ended = true;
        r->whole = m->head->job != 0;
        break;
    default:
        break;
    }
    mien_lock_wake(r->lock);
}

static void lose_root(mien_ranks *r) {
    r->ended = true;
    r->whole = false;
    r->failed = MIEN_EIO;
    r->stopped = true;
    r->peer[0].gone = true;
    mien_interrupt();
    mien_lock_wake(r->lock);
}

/* ---- the voice --------------------------------------------------------------------
 */

static mien_status send_letters(mien_ranks *r) {
    mien_status status = MIEN_OK;
    mien_lock_take(r->lock);
    for (message *m; status == MIEN_OK && (m = shift(&r->out));) {
        if (!r->peer[m->peer].gone) {
            header *head = m->head;
            m->head = NULL;
            status = mien_wire_send(
                r->wire, m->peer, m->kind, head, sizeof *head + m->count);
        }
        message_free(m);
    }
    mien_lock_give(r->lock);
    return status;
}

static mien_status read_letters(mien_ranks *r, bool *some) {
    int from = 0;
    mien_status status = MIEN_OK;
    *some = false;
    while (status == MIEN_OK && from >= 0) {
        int kind = 0;
        void *bytes = NULL;
        size_t count = 0;
        status = mien_wire_receive(r->wire, &from, &kind, &bytes, &count);
        if (status != MIEN_OK || from < 0) {
            continue;
        }
        message *m = mien_alloc(1, sizeof *m);
        if (!m || count < sizeof(header)) {
            mien_free(bytes);
            mien_free(m);
            return m ? mien_fail(MIEN_EFORMAT, "rank %d sent no message", from)
                     : MIEN_ENOMEM;
        }
        *m = (message){
            .peer = from, .kind = kind, .count = count - sizeof(header), .head = bytes};
        bool kept = false;
        *some = true;
        mien_lock_take(r->lock);
        if (!r->peer[from].gone) {
            r->peer[from].heard_s = mien_clock_s();
            if (r->rank == 0) {
                hear_at_root(r, m);
            } else {
                hear_at_others(r, m, &kept);
            }
        }
        mien_lock_give(r->lock);
        if (!kept) {
            message_free(m);
        }
    }
    return status;
}

static void look_after(mien_ranks *r, double now) {
    mien_lock_take(r->lock);
    if (r->rank != 0 && !r->ended && now - r->peer[0].heard_s > r->patience_s) {
        lose_root(r);
    }
    for (int k = 1; r->rank == 0 && k < r->count; k++) {
        if (!r->peer[k].gone && now - r->peer[k].heard_s > r->patience_s) {
            give_up(r, k, "nothing is heard of it", true);
        }
    }
    mien_lock_give(r->lock);
}

static void beat(mien_ranks *r) {
    mien_lock_take(r->lock);
    if (r->rank == 0) {
        post_all(r, BEAT, (header){0});
    } else {
        post(r, 0, BEAT, (header){0}, NULL, 0);
    }
    mien_lock_give(r->lock);
}

static mien_status speak(void *context) {
    mien_ranks *r = context;
    const struct timespec nap = {.tv_nsec = 500000}, blink = {.tv_nsec = 20000};
    mien_status status = MIEN_OK;
    bool quit = false, some;
    while (status == MIEN_OK && !quit) {
        double now = mien_clock_s();
        if (now >= r->beat_s) {
            beat(r);
            look_after(r, now);
            r->beat_s = now + r->patience_s / BEATS;
        }
        status = read_letters(r, &some);
        status = status == MIEN_OK ? send_letters(r) : status;
        mien_lock_take(r->lock);
        quit = r->quit;
        mien_lock_give(r->lock);
        if (!some && !quit) {
            nanosleep(mien_wire_busy(r->wire) ? &blink : &nap, NULL);
        }
    }
    if (status != MIEN_OK) { /* This rank hears and says no more. */
        mien_lock_take(r->lock);
        lose_root(r);
        for (int k = 0; k < r->count; k++) {
            r->peer[k].gone = k != r->rank;
        }
        snprintf(r->words, sizeof r->words, "%s", mien_error());
        mien_lock_give(r->lock);
    }
    return status;
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
    peer *peers = mien_alloc((size_t)count, sizeof *peers);
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
    status = status == MIEN_OK ? mien_thread_new(speak, r, &r->voice) : status;
    if (status == MIEN_OK) {
        *ranks = here = r;
    }
    return status;
}

/* Until what was posted has left for all that are still there, or for so long. */
static void wait_for_post(mien_ranks *r, double most_s) {
    const struct timespec nap = {.tv_nsec = 1000000};
    double until = mien_clock_s() + most_s;
    for (bool waits = true; waits && mien_clock_s() < until;) {
        mien_lock_take(r->lock);
        waits = r->out.first != NULL;
        for (int k = 0; !waits && k < r->count; k++) {
            waits = !r->peer[k].gone && mien_wire_unsent(r->wire, k) > 0;
        }
        mien_lock_give(r->lock);
        if (waits) {
            nanosleep(&nap, NULL);
        }
    }
}

static void leave(mien_ranks *r, mien_status status) {
    mien_lock_take(r->lock);
    if (r->rank == 0) {
        for (int k = 1; k < r->count; k++) {
            r->whole = r->whole && !r->peer[k].gone;
        }
        post_all(r, END, (header){.job = r->whole});
        for (int k = 1; k < r->count; k++) { /* They know what became of them. */
            r->peer[k].heard_s = INFINITY;
        }
    } else if (status != MIEN_OK && !r->ended) {
        char words[MIEN_ERROR_MAX];
        snprintf(words, sizeof words, "on %s: %s", r->host, mien_error());
        post(r, 0, FAILED, (header){.status = status}, words, strlen(words) + 1);
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
    wait_for_post(r, r->patience_s);
    mien_lock_take(r->lock);
    r->quit = true;
    mien_lock_give(r->lock);
    mien_thread_join(&r->voice);
    mien_wire_close(&r->wire, r->whole);
    for (message *m; (m = shift(&r->out)) || (m = shift(&r->in));) {
        message_free(m);
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
           (job = deal_one(r, 0)) < 0) {
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
                post(r, 0, ASK, (header){.turn = r->turn}, NULL, 0);
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
        keep_failure(r, job, status, mien_error());
    }
    r->state[job] = READY;
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
    header head = {.turn = r->turn, .job = job, .status = status};
    const char *words = mien_error();
    bool good = status == MIEN_OK;
    post(r, 0, DONE, head, good ? bytes.text : words,
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
        answer_all(r);
    }
    mien_lock_give(r->lock);
    return MIEN_OK;
}

/* Waits for the last of the others, and lets all of them go on. */
static mien_status end_turn(mien_ranks *r) {
    mien_lock_take(r->lock);
    while (r->rank == 0 && is_awaited(r)) {
        mien_lock_wait(r->lock);
    }
    mien_status status = r->failed;
    r->over = r->turn;
    if (r->rank == 0) {
        answer_all(r);
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
    mien_status status = post(r, 0, NOTE, (header){.turn = r->turn}, bytes, count);
    mien_lock_give(r->lock);
    return status;
}

/* ---- sharing ------------------------------------------------------------------------
 */

static mien_status hand_out(mien_ranks *r, const char *bytes, size_t count) {
    mien_status status = MIEN_OK;
    size_t at = 0;
    do { /* Nothing at all is a message too. */
        size_t n = count - at < BLOCK ? count - at : BLOCK;
        mien_lock_take(r->lock);
        for (int k = 1; status == MIEN_OK && k < r->count; k++) {
            status = post(r, k, SHARE, (header){.turn = r->turn}, bytes + at, n);
        }
        mien_lock_give(r->lock);
        if (count > BLOCK) {
            wait_for_post(r, INFINITY);
        }
        at += n;
    } while (status == MIEN_OK && at < count);
    return status;
}

static mien_status get_share(mien_ranks *r, char *bytes, size_t count) {
    size_t at = 0;
    bool got = false;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && (!got || at < count)) {
        mien_lock_take(r->lock);
        while (!r->in.first && !r->ended) {
            mien_lock_wait(r->lock);
        }
        message *m = shift(&r->in);
        mien_lock_give(r->lock);
        if (!m) {
            status = mien_fail(MIEN_EINTERRUPTED, "rank 0 has ended the work");
        } else if (m->head->turn != r->turn || m->count > count - at ||
                   (m->count == 0 && count > 0)) {
            status = mien_fail(MIEN_EVERIFY,
                "rank %d on %s does other work than rank 0", r->rank, r->host);
        } else {
            memcpy(bytes + at, m->head + 1, m->count);
            at += m->count;
            got = true;
        }
        message_free(m);
    }
    return status;
}

mien_status mien_ranks_share(mien_ranks *ranks, void *bytes, size_t count) {
    mien_ranks *r = ranks;
    if (!r) {
        return MIEN_OK;
    }
    mien_lock_take(r->lock);
    r->turn++;
    r->over = r->turn;
    mien_lock_give(r->lock);
    return r->rank == 0 ? hand_out(r, bytes, count) : get_share(r, bytes, count);
}

/* ---- sums
 * ---------------------------------------------------------------------------- */

static bool some_are_gone(void *context) {
    mien_ranks *r = context;
    mien_lock_take(r->lock);
    bool gone = r->ended;
    for (int k = 0; k < r->count; k++) {
        gone = gone || r->peer[k].gone;
    }
    mien_lock_give(r->lock);
    return gone;
}

mien_status mien_ranks_sum(mien_ranks *ranks, float *values, int64_t count) {
    return ranks ? mien_wire_sum(ranks->wire, values, count, some_are_gone, ranks)
                 : MIEN_OK;
}

mien_status mien_ranks_gather(
    mien_ranks *ranks, const int64_t *first, int64_t width, float *values) {
    return ranks ? mien_wire_gather(
                       ranks->wire, first, width, values, some_are_gone, ranks)
                 : MIEN_OK;
}
