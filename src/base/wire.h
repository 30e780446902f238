/* SPDX-License-Identifier: MIT */
/* Messages between the processes that mpirun started; the only door of MPI. */
#ifndef MIEN_BASE_WIRE_H
#define MIEN_BASE_WIRE_H

#include "mien/base.h"

typedef struct mien_wire mien_wire;

/** The longest message, bytes. */
#define MIEN_WIRE_MAX ((size_t)1 << 30)

/** Starts MPI if mpirun (or srun --mpi=pmix) started this process and this build has
 * it; else *wire is NULL. */
mien_status mien_wire_open(mien_wire **wire);
/** whole: all processes close together; false where some have ended before. */
void mien_wire_close(mien_wire **wire, bool whole);
int mien_wire_rank(const mien_wire *wire);
int mien_wire_count(const mien_wire *wire);

/** Begins to send and takes the bytes over, which mien_free() gets when they are gone.
 * Messages from one rank to another arrive in order. One thread sends and receives. */
mien_status mien_wire_send(
    mien_wire *wire, int to, int kind, void *bytes, size_t count);
/** A message that has arrived, if there is one: from is its rank, else −1. bytes go to
 * the caller (mien_free()). Never waits. */
mien_status mien_wire_receive(
    mien_wire *wire, int *from, int *kind, void **bytes, size_t *count);
/** Messages to a rank that are still on their way out. */
int64_t mien_wire_unsent(mien_wire *wire, int to);
/** Whether something is on its way in or out: then it moves only by asking again. */
bool mien_wire_busy(mien_wire *wire);

/** Sums over all processes, and rows of all at each (see mien_ranks_sum(),
 * mien_ranks_gather()); wait, on any one thread, until done or `given_up` says true. */
mien_status mien_wire_sum(mien_wire *wire, float *values, int64_t count,
    bool (*given_up)(void *context), void *context);
mien_status mien_wire_gather(mien_wire *wire, const int64_t *first, int64_t width,
    float *values, bool (*given_up)(void *context), void *context);

#endif
