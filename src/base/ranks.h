/* SPDX-License-Identifier: MIT */
/* Processes that do one piece of work together, on one machine or many: mpirun -np K.
 *
 * Rank 0 hands jobs to whoever has nothing to do and gets what they came to; it alone
 * writes tables and talks to the terminal. A process that was not started by mpirun, or
 * a build without MPI, is alone: the handle is NULL, which every call takes. */
#ifndef MIEN_BASE_RANKS_H
#define MIEN_BASE_RANKS_H

#include "mien/base.h"

typedef struct mien_ranks mien_ranks;

/** Joins the processes that mpirun started. *ranks is NULL where there is only this one
 * (no mpirun, -np 1, a build without MPI). Once in a process. MIEN_EUNSUPPORTED where
 * libmpi cannot be loaded. A rank from which nothing is heard for patience_s seconds is
 * given up. */
mien_status mien_ranks_open(double patience_s, mien_ranks **ranks);
/** What this process has joined; NULL: it is alone. A process is one rank, as MPI has
 * it, so this is not passed about. Lent until mien_ranks_close(). */
mien_ranks *mien_ranks_here(void);
/** Leaves them. Rank 0, whatever status its work had, ends the others' waiting; another
 * rank that failed hands its words to rank 0 and waits for that. */
void mien_ranks_close(mien_ranks **ranks, mien_status status);
/** 0 of one that is alone. */
int mien_rank(const mien_ranks *ranks);
/** How many there were in the beginning; 1 of one that is alone. */
int mien_ranks_count(const mien_ranks *ranks);

/** Jobs that any rank can do. All ranks make the same call, with the same count. */
typedef struct mien_ranks_work {
    int64_t count;
    mien_thread_pool
        *pool; /**< on whose threads this rank does jobs; NULL: the caller */
    /** Does a job, on whichever rank. */
    mien_thread_pool_work *work;
    /** On a rank other than 0, after work: what rank 0 needs of it. NULL: nothing. */
    mien_status (*pack)(void *context, int64_t job, mien_string *bytes);
    /** On rank 0, for a job done elsewhere; on a thread of its own, one at a time. */
    mien_status (*take)(void *context, int64_t job, const char *bytes, size_t count);
    /** On rank 0: what another rank told by mien_ranks_tell(). NULL: not listened to.
     */
    mien_status (*heard)(void *context, const char *bytes, size_t count);
    /** What errors call a job; NULL: "job 3". */
    const char *(*name)(void *context, int64_t job);
    void *context;
} mien_ranks_work;
/** Does them all; on rank 0 returns when all are done. Jobs of a rank that ended are
 * assigned again. The failure of the lowest failed job, with its name and rank, on rank
 * 0; the others then get MIEN_EINTERRUPTED: it has been told. Alone:
 * mien_thread_pool_run(). */
mien_status mien_ranks_run(mien_ranks *ranks, const mien_ranks_work *work);
/** Within mien_ranks_run(), from any thread of a rank other than 0. */
mien_status mien_ranks_tell(mien_ranks *ranks, const char *bytes, size_t count);
/** Rank 0 hands bytes [count] to all others, which get them in the same place. */
mien_status mien_ranks_share(mien_ranks *ranks, void *bytes, size_t count);
/** values [count] become their sums over all ranks, the same bits on each. No rank may
 * be lost meanwhile: MIEN_EIO says that one is. */
mien_status mien_ranks_sum(mien_ranks *ranks, float *values, int64_t count);
/** Rows of rank k: first[k] to first[k + 1] of values [.., width]; after the call every
 * rank has all. first [ranks + 1]. */
mien_status mien_ranks_gather(
    mien_ranks *ranks, const int64_t *first, int64_t width, float *values);

#endif
