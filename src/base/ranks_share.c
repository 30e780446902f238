/* SPDX-License-Identifier: MIT */
/* Values that all ranks get: rank 0's bytes, sums, gathered rows. */
#include "base/ranks_parts.h"

#include <math.h>
#include <string.h>

#define BLOCK ((size_t)4 << 20)

static mien_status hand_out(mien_ranks *r, const char *bytes, size_t count) {
    mien_status status = MIEN_OK;
    size_t at = 0;
    do { /* Nothing at all is a message too. */
        size_t n = count - at < BLOCK ? count - at : BLOCK;
        mien_lock_take(r->lock);
        for (int k = 1; status == MIEN_OK && k < r->count; k++) {
            status = mien_ranks_post(r, k, MIEN_MESSAGE_SHARE,
                (mien_message_head){.turn = r->turn}, bytes + at, n);
        }
        mien_lock_give(r->lock);
        if (count > BLOCK) {
            mien_ranks_wait_for_post(r, INFINITY);
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
        mien_message *m = mien_letters_shift(&r->in);
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
        mien_message_free(m);
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
