/* SPDX-License-Identifier: MIT */
/* What the files of mien_ranks share: messages, the turn, the state of a process. Only
 * ranks*.c include this. */
#ifndef MIEN_BASE_RANKS_PARTS_H
#define MIEN_BASE_RANKS_PARTS_H

#include "base/ranks.h"
#include "base/thread.h"
#include "base/wire.h"

/* A rank asks with ASK and is answered with JOBS (numbers, for its queue) or OVER. DONE
 * brings what a job came to, or an error's words; NOTE what was told meanwhile. STOP
 * makes a rank give up what it does, FAILED says why one does nothing more, END lets
 * all go home. */
enum {
    MIEN_MESSAGE_BEAT = 1,
    MIEN_MESSAGE_ASK,
    MIEN_MESSAGE_JOBS,
    MIEN_MESSAGE_DONE,
    MIEN_MESSAGE_NOTE,
    MIEN_MESSAGE_OVER,
    MIEN_MESSAGE_STOP,
    MIEN_MESSAGE_SHARE,
    MIEN_MESSAGE_FAILED,
    MIEN_MESSAGE_END
};
enum { MIEN_RANKS_JOBS_MOST = 32, MIEN_RANKS_HOST = 64 };

/* Every message begins with it. */
typedef struct mien_message_head {
    int64_t turn, job, status;
} mien_message_head;

typedef struct mien_message {
    struct mien_message *next;
    int peer, kind;
    size_t count; /* of bytes behind the head */
    mien_message_head *head;
} mien_message;

typedef struct mien_letters {
    mien_message *first, *last;
} mien_letters;

typedef struct mien_peer {
    double heard_s;
    bool gone;
    int64_t asks; /* the turn whose jobs it asks for; 0: it does not */
} mien_peer;

enum { MIEN_JOB_WAITING, MIEN_JOB_ASSIGNED, MIEN_JOB_READY };

struct mien_ranks {
    mien_wire *wire;
    int rank, count;
    double patience_s, beat_s;
    char host[MIEN_RANKS_HOST];
    mien_lock *lock; /* of all that follows */
    mien_thread *voice;
    bool quit;
    mien_letters out, in; /* in: of mien_ranks_share() */
    mien_peer *peer;      /* [count] */
    int64_t turn;
    const mien_ranks_work *work; /* of the turn; NULL: there is none */
    /* of a turn, on rank 0 */
    unsigned char *state;      /* [work->count] */
    int *owner;                /* of those that are assigned */
    int64_t next, ready, over; /* over: the last turn that is */
    int64_t failed_job;
    mien_status failed; /* of the lowest job, or of the wire */
    bool stopped;       /* by this rank's or rank 0's word, not by the user */
    char words[MIEN_ERROR_MAX];
    /* of a turn, on the others */
    int64_t queue[MIEN_RANKS_JOBS_MOST];
    int queued;
    bool asked, turned;
    bool ended, whole; /* rank 0 let go; whole: of all ranks */
};

/* ---- ranks_letters.c: what is sent and received -----------------------------------
 */

void mien_letters_append(mien_letters *l, mien_message *m);
/** The first, taken out; NULL: there is none. */
mien_message *mien_letters_shift(mien_letters *l);
void mien_message_free(mien_message *m);
/** A message to one rank, and to all others; the lock is taken. */
mien_status mien_ranks_post(mien_ranks *r, int to, int kind, mien_message_head head,
    const void *bytes, size_t count);
void mien_ranks_post_all(mien_ranks *r, int kind, mien_message_head head);
/** Waits until what was posted has left for all that are still there, or for so long.
 */
void mien_ranks_wait_for_post(mien_ranks *r, double most_s);
/** The thread that sends and receives; the context is the mien_ranks. */
mien_status mien_ranks_speak(void *context);

/* ---- ranks_turn.c: what the messages of a turn do; the lock is taken ---------------
 */

/** Of several failures that of the lowest job is told, and what was only stopped last.
 */
void mien_ranks_keep_failure(
    mien_ranks *r, int64_t job, mien_status status, const char *words);
/** The lowest job that is to be done, now a rank's; −1: none. */
int64_t mien_ranks_assign_one(mien_ranks *r, int to);
/** Whether a rank that is not gone still does a job of the turn. */
bool mien_ranks_is_awaited(const mien_ranks *r);
/** Gives jobs of the turn, or its end, to those that have asked. */
void mien_ranks_answer_all(mien_ranks *r);
/** Puts the jobs of rank k back; gone: it is not spoken to any more. */
void mien_ranks_give_up(mien_ranks *r, int k, const char *why, bool gone);
void mien_ranks_hear_at_root(mien_ranks *r, const mien_message *m);
/** *kept: the message now belongs to r->in. */
void mien_ranks_hear_at_others(mien_ranks *r, mien_message *m, bool *kept);
/** Rank 0 is heard no more: this rank's work ends. */
void mien_ranks_lose_root(mien_ranks *r);

#endif
