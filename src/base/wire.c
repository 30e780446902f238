/* SPDX-License-Identifier: MIT */
/* Messages by OpenMPI, which is loaded when mpirun started the process.
 *
 * In come bytes for a rank, out come those that arrived; sums and rows of all ranks are
 * for gradients. ranks.c calls this and nothing else does. MPI is asked by one thread
 * at a time, and is never waited for inside it: its own waiting spins, which takes the
 * core of whoever computes. */
#include "base/wire.h"

#ifndef MIEN_MPI_SONAME

struct mien_wire {
    int unused;
};

mien_status mien_wire_open(mien_wire **wire) {
    *wire = NULL;
    return MIEN_OK;
}

void mien_wire_close(mien_wire **wire, bool whole) {
    (void)wire;
    (void)whole;
}

int mien_wire_rank(const mien_wire *wire) {
    (void)wire;
    return 0;
}

int mien_wire_count(const mien_wire *wire) {
    (void)wire;
    return 1;
}

static mien_status has_none(void) {
    return mien_fail(MIEN_EUNSUPPORTED, "this build has no MPI");
}

mien_status mien_wire_send(
    mien_wire *wire, int to, int kind, void *bytes, size_t count) {
    (void)wire, (void)to, (void)kind, (void)bytes, (void)count;
    return has_none();
}

mien_status mien_wire_receive(
    mien_wire *wire, int *from, int *kind, void **bytes, size_t *count) {
    (void)wire, (void)from, (void)kind, (void)bytes, (void)count;
    return has_none();
}

int64_t mien_wire_unsent(mien_wire *wire, int to) {
    (void)wire, (void)to;
    return 0;
}

bool mien_wire_busy(mien_wire *wire) {
    (void)wire;
    return false;
}

mien_status mien_wire_sum(mien_wire *wire, float *values, int64_t count,
    bool (*given_up)(void *context), void *context) {
    (void)wire, (void)values, (void)count, (void)given_up, (void)context;
    return has_none();
}

mien_status mien_wire_gather(mien_wire *wire, const int64_t *first, int64_t width,
    float *values, bool (*given_up)(void *context), void *context) {
    (void)wire, (void)first, (void)width, (void)values, (void)given_up, (void)context;
    return has_none();
}

#else

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <time.h>

#include "base/library.h"

/* One pointer a function, named and typed like it; the address of each variable. */
typedef struct library {
#define X(kind, name) __typeof__(name) *name;
#define Y(kind, name) void *name;
#include "base/mpi.def"
#undef X
#undef Y
} library;

static const mien_symbol symbols[] = {
#define X(kind, name) {#name, offsetof(library, name)},
#define Y(kind, name) {#name, offsetof(library, name)},
#include "base/mpi.def"
#undef X
#undef Y
};

typedef struct sending {
    MPI_Request request;
    int to;
    void *bytes;
} sending;

/* A long message comes in parts: others are asked for when it is whole. */
typedef struct receiving {
    bool is;
    int from, kind, count;
    MPI_Request request;
    void *bytes;
} receiving;

struct mien_wire {
    library mpi;
    MPI_Comm world;
    int rank, count;
    mien_lock *lock; /* of all calls of MPI */
    receiving in;
    int64_t unsent, room;
    sending *sending; /* [room] the first `unsent` are on their way */
};

static mien_status check(int code, const char *what) {
    return code == MPI_SUCCESS ? MIEN_OK
                               : mien_fail(MIEN_EIO, "MPI: %s failed (%d)", what, code);
}

/* What mpirun, and srun with PMIx, set in each process that they start. */
static bool is_started(void) {
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK");
}

static mien_status start(mien_wire *w) {
    int level = 0;
    mien_status status = check(
        w->mpi.MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level), "start");
    if (status == MIEN_OK && level < MPI_THREAD_SERIALIZED) {
        status = mien_fail(MIEN_EUNSUPPORTED, "this MPI knows no threads");
    }
    if (status == MIEN_OK) {
        w->world = w->mpi.ompi_mpi_comm_world;
        w->mpi.MPI_Comm_set_errhandler(w->world, w->mpi.ompi_mpi_errors_return);
        w->mpi.MPI_Comm_rank(w->world, &w->rank);
        w->mpi.MPI_Comm_size(w->world, &w->count);
    }
    return status;
}

mien_status mien_wire_open(mien_wire **wire) {
    *wire = NULL;
    if (!is_started()) {
        return MIEN_OK;
    }
    mien_wire *w = mien_alloc(1, sizeof *w);
    mien_status status = w ? mien_lock_new(&w->lock) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_library_load(MIEN_MPI_SONAME, "mpirun needs OpenMPI's library",
            symbols, sizeof symbols / sizeof *symbols, &w->mpi);
    }
    status = status == MIEN_OK ? start(w) : status;
    if (status == MIEN_OK && w->count > 1) {
        *wire = w;
        return MIEN_OK;
    }
    if (status == MIEN_OK) {
        w->mpi.MPI_Finalize();
    }
    if (w) {
        mien_lock_free(&w->lock);
    }
    mien_free(w);
    return status;
}

void mien_wire_close(mien_wire **wire, bool whole) {
    if (!wire || !*wire) {
        return;
    }
    mien_wire *w = *wire;
    if (whole) { /* It waits for all; else what was sent may still be read. */
        w->mpi.MPI_Finalize();
        for (int64_t i = 0; i < w->unsent; i++) {
            mien_free(w->sending[i].bytes);
        }
        mien_free(w->sending);
        if (w->in.is) {
            mien_free(w->in.bytes);
        }
    }
    mien_lock_free(&w->lock);
    mien_free(w);
    *wire = NULL;
}

int mien_wire_rank(const mien_wire *wire) {
    return wire->rank;
}

int mien_wire_count(const mien_wire *wire) {
    return wire->count;
}

int64_t mien_wire_unsent(mien_wire *wire, int to) {
    int64_t count = 0;
    mien_lock_take(wire->lock);
    for (int64_t i = 0; i < wire->unsent; i++) {
        count += wire->sending[i].to == to;
    }
    mien_lock_give(wire->lock);
    return count;
}

/* ---- messages ------------------------------------------------------------------ */

static mien_status make_room(mien_wire *w) {
    int64_t room = w->room ? 2 * w->room : 16;
    if (w->unsent < w->room) {
        return MIEN_OK;
    }
    sending *more =
        mien_realloc(w->sending, (size_t)w->room, (size_t)room, sizeof *w->sending);
    if (!more) {
        return MIEN_ENOMEM;
    }
    w->sending = more;
    w->room = room;
    return MIEN_OK;
}

mien_status mien_wire_send(
    mien_wire *wire, int to, int kind, void *bytes, size_t count) {
    mien_wire *w = wire;
    if (count > MIEN_WIRE_MAX) {
        mien_free(bytes);
        return mien_fail(MIEN_ELIMIT, "a message of more than 1 GiB to another rank");
    }
    mien_lock_take(w->lock);
    mien_status status = make_room(w);
    if (status == MIEN_OK) {
        sending *s = &w->sending[w->unsent];
        status = check(w->mpi.MPI_Isend(bytes, (int)count, w->mpi.ompi_mpi_byte, to,
                           kind, w->world, &s->request),
            "sending");
        s->bytes = bytes;
        s->to = to;
        w->unsent += status == MIEN_OK;
    }
    mien_lock_give(w->lock);
    if (status != MIEN_OK) {
        mien_free(bytes);
    }
    return status;
}

/* Lets go of what has been sent. */
static void sweep(mien_wire *w) {
    for (int64_t i = 0; i < w->unsent;) {
        int done = 0;
        w->mpi.MPI_Test(&w->sending[i].request, &done, MPI_STATUS_IGNORE);
        if (done) {
            mien_free(w->sending[i].bytes);
            w->sending[i] = w->sending[--w->unsent];
        } else {
            i++;
        }
    }
}

/* Begins to receive what has been announced. */
static mien_status begin_receiving(mien_wire *w, const MPI_Status *found) {
    receiving *in = &w->in;
    w->mpi.MPI_Get_count(found, w->mpi.ompi_mpi_byte, &in->count);
    in->bytes = mien_alloc((size_t)in->count + 1, 1);
    in->from = found->MPI_SOURCE;
    in->kind = found->MPI_TAG;
    if (!in->bytes) {
        return MIEN_ENOMEM;
    }
    mien_status status =
        check(w->mpi.MPI_Irecv(in->bytes, in->count, w->mpi.ompi_mpi_byte, in->from,
                  in->kind, w->world, &in->request),
            "receiving");
    in->is = status == MIEN_OK;
    return status;
}

static mien_status look(mien_wire *w, bool *done) {
    MPI_Status found;
    int is = 0;
    mien_status status = MIEN_OK;
    *done = false;
    if (!w->in.is) {
        status =
            check(w->mpi.MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, w->world, &is, &found),
                "asking for messages");
        status = status == MIEN_OK && is ? begin_receiving(w, &found) : status;
    }
    if (status == MIEN_OK && w->in.is) {
        status =
            check(w->mpi.MPI_Test(&w->in.request, &is, MPI_STATUS_IGNORE), "receiving");
        *done = is;
    }
    return status;
}

mien_status mien_wire_receive(
    mien_wire *wire, int *from, int *kind, void **bytes, size_t *count) {
    mien_wire *w = wire;
    bool done;
    *from = -1;
    mien_lock_take(w->lock);
    sweep(w);
    mien_status status = look(w, &done);
    mien_lock_give(w->lock);
    if (status == MIEN_OK && done) {
        *from = w->in.from;
        *kind = w->in.kind;
        *bytes = w->in.bytes;
        *count = (size_t)w->in.count;
        w->in.is = false;
    }
    return status;
}

bool mien_wire_busy(mien_wire *wire) {
    mien_lock_take(wire->lock);
    bool busy = wire->in.is || wire->unsent > 0;
    mien_lock_give(wire->lock);
    return busy;
}

/* ---- all together -------------------------------------------------------------- */

enum { TRIES = 2000 }; /* before it sleeps between two looks */

static mien_status finish(mien_wire *w, MPI_Request *request,
    bool (*given_up)(void *context), void *context) {
    const struct timespec nap = {.tv_nsec = 50000};
    for (int64_t tries = 0;; tries++) {
        int done = 0;
        mien_lock_take(w->lock);
        int code = w->mpi.MPI_Test(request, &done, MPI_STATUS_IGNORE);
        mien_lock_give(w->lock);
        if (code != MPI_SUCCESS || done) {
            return check(code, "a sum over ranks");
        }
        if (tries > TRIES) {
            nanosleep(&nap, NULL);
        }
        if (given_up(context)) {
            return mien_fail(MIEN_EIO, "a rank has ended");
        }
    }
}

/* To rank 0 and back, not all to all at once: every rank gets the same bits. */
mien_status mien_wire_sum(mien_wire *wire, float *values, int64_t count,
    bool (*given_up)(void *context), void *context) {
    mien_wire *w = wire;
    mien_status status = MIEN_OK;
    for (int64_t at = 0; status == MIEN_OK && at < count;) {
        int n = count - at < INT_MAX ? (int)(count - at) : INT_MAX;
        MPI_Request request;
        mien_lock_take(w->lock);
        int code = w->mpi.MPI_Ireduce(w->rank == 0 ? MPI_IN_PLACE : values + at,
            w->rank == 0 ? values + at : NULL, n, w->mpi.ompi_mpi_float,
            w->mpi.ompi_mpi_op_sum, 0, w->world, &request);
        mien_lock_give(w->lock);
        status = check(code, "a sum over ranks");
        status = status == MIEN_OK ? finish(w, &request, given_up, context) : status;
        if (status == MIEN_OK) {
            mien_lock_take(w->lock);
            code = w->mpi.MPI_Ibcast(
                values + at, n, w->mpi.ompi_mpi_float, 0, w->world, &request);
            mien_lock_give(w->lock);
            status = check(code, "a sum over ranks");
        }
        status = status == MIEN_OK ? finish(w, &request, given_up, context) : status;
        at += n;
    }
    return status;
}

mien_status mien_wire_gather(mien_wire *wire, const int64_t *first, int64_t width,
    float *values, bool (*given_up)(void *context), void *context) {
    mien_wire *w = wire;
    int *counts = mien_alloc((size_t)w->count, sizeof *counts);
    int *places = mien_alloc((size_t)w->count, sizeof *places);
    mien_status status = counts && places ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && first[w->count] * width > INT_MAX) {
        status = mien_fail(MIEN_ELIMIT, "a batch of more than 2^31 outputs");
    }
    for (int k = 0; status == MIEN_OK && k < w->count; k++) {
        counts[k] = (int)((first[k + 1] - first[k]) * width);
        places[k] = (int)(first[k] * width);
    }
    if (status == MIEN_OK) {
        MPI_Request request;
        mien_lock_take(w->lock);
        int code = w->mpi.MPI_Iallgatherv(MPI_IN_PLACE, 0, w->mpi.ompi_mpi_float,
            values, counts, places, w->mpi.ompi_mpi_float, w->world, &request);
        mien_lock_give(w->lock);
        status = check(code, "rows of all ranks");
        status = status == MIEN_OK ? finish(w, &request, given_up, context) : status;
    }
    mien_free(counts);
    mien_free(places);
    return status;
}

#endif
