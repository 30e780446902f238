/* SPDX-License-Identifier: MIT */
/* Messages between ranks: those that wait to be sent, and the thread of its own that
 * sends and receives, so that a rank that computes is heard all the same.
 *
 * In come messages of ranks.c, ranks_turn.c and ranks_share.c, and those of other ranks
 * from wire.c; what arrives goes to ranks_turn.c. */
#include "base/ranks_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BEATS 8 /* within the time after which a rank is given up */

void mien_letters_append(mien_letters *l, mien_message *m) {
    m->next = NULL;
    if (l->last) {
        l->last->next = m;
    } else {
        l->first = m;
    }
    l->last = m;
}

mien_message *mien_letters_shift(mien_letters *l) {
    mien_message *m = l->first;
    if (m) {
        l->first = m->next;
        l->last = l->first ? l->last : NULL;
    }
    return m;
}

void mien_message_free(mien_message *m) {
    if (m) {
        mien_free(m->head);
    }
    mien_free(m);
}

/* The lock is taken. */
mien_status mien_ranks_post(mien_ranks *r, int to, int kind, mien_message_head head,
    const void *bytes, size_t count) {
    if (r->peer[to].gone) {
        return MIEN_OK;
    }
    mien_message *m = mien_alloc(1, sizeof *m);
    mien_message_head *room = m ? mien_alloc(1, sizeof head + count) : NULL;
    if (!room) {
        mien_free(m);
        return MIEN_ENOMEM;
    }
    *room = head;
    if (count) {
        memcpy(room + 1, bytes, count);
    }
    *m = (mien_message){.peer = to, .kind = kind, .count = count, .head = room};
    mien_letters_append(&r->out, m);
    return MIEN_OK;
}

void mien_ranks_post_all(mien_ranks *r, int kind, mien_message_head head) {
    for (int k = 1; k < r->count; k++) {
        mien_ranks_post(r, k, kind, head, NULL, 0);
    }
}

void mien_ranks_wait_for_post(mien_ranks *r, double most_s) {
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

/* ---- the thread -------------------------------------------------------------------
 */

static mien_status send_letters(mien_ranks *r) {
    mien_status status = MIEN_OK;
    mien_lock_take(r->lock);
    for (mien_message *m; status == MIEN_OK && (m = mien_letters_shift(&r->out));) {
        if (!r->peer[m->peer].gone) {
            mien_message_head *head = m->head;
            m->head = NULL;
            status = mien_wire_send(
                r->wire, m->peer, m->kind, head, sizeof *head + m->count);
        }
        mien_message_free(m);
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
        mien_message *m = mien_alloc(1, sizeof *m);
        if (!m || count < sizeof(mien_message_head)) {
            mien_free(bytes);
            mien_free(m);
            return m ? mien_fail(MIEN_EFORMAT, "rank %d sent no message", from)
                     : MIEN_ENOMEM;
        }
        *m = (mien_message){.peer = from,
            .kind = kind,
            .count = count - sizeof(mien_message_head),
            .head = bytes};
        bool kept = false;
        *some = true;
        mien_lock_take(r->lock);
        if (!r->peer[from].gone) {
            r->peer[from].heard_s = mien_clock_s();
            if (r->rank == 0) {
                mien_ranks_hear_at_root(r, m);
            } else {
                mien_ranks_hear_at_others(r, m, &kept);
            }
        }
        mien_lock_give(r->lock);
        if (!kept) {
            mien_message_free(m);
        }
    }
    return status;
}

static void look_after(mien_ranks *r, double now) {
    mien_lock_take(r->lock);
    if (r->rank != 0 && !r->ended && now - r->peer[0].heard_s > r->patience_s) {
        mien_ranks_lose_root(r);
    }
    for (int k = 1; r->rank == 0 && k < r->count; k++) {
        if (!r->peer[k].gone && now - r->peer[k].heard_s > r->patience_s) {
            mien_ranks_give_up(r, k, "nothing is heard of it", true);
        }
    }
    mien_lock_give(r->lock);
}

static void beat(mien_ranks *r) {
    mien_lock_take(r->lock);
    if (r->rank == 0) {
        mien_ranks_post_all(r, MIEN_MESSAGE_BEAT, (mien_message_head){0});
    } else {
        mien_ranks_post(r, 0, MIEN_MESSAGE_BEAT, (mien_message_head){0}, NULL, 0);
    }
    mien_lock_give(r->lock);
}

mien_status mien_ranks_speak(void *context) {
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
        mien_ranks_lose_root(r);
        for (int k = 0; k < r->count; k++) {
            r->peer[k].gone = k != r->rank;
        }
        snprintf(r->words, sizeof r->words, "%s", mien_error());
        mien_lock_give(r->lock);
    }
    return status;
}
