/* SPDX-License-Identifier: MIT */
/* A machine for Python's pickle streams that builds plain values and asks its owner
 * what the few names and stored objects in them mean; there is nothing in it that could
 * run code. */
#ifndef MIEN_IO_PICKLE_H
#define MIEN_IO_PICKLE_H

#include "mien/io.h"

/** Limits of one stream: bytes, steps (operations plus items copied), and memory of its
 * values, which no honest file of 100,000 tensors needs. */
#define MIEN_PICKLE_BYTES_MAX ((size_t)100 << 20)
#define MIEN_PICKLE_STEPS_MAX 8000000
#define MIEN_PICKLE_MEMORY_MAX ((size_t)64 << 20)

typedef enum mien_pickle_kind {
    MIEN_PICKLE_NONE,
    MIEN_PICKLE_BOOL,
    MIEN_PICKLE_INT,
    MIEN_PICKLE_FLOAT,
    MIEN_PICKLE_TEXT,
    MIEN_PICKLE_BYTES,
    MIEN_PICKLE_LONG, /**< an integer beyond 64 bits */
    MIEN_PICKLE_TUPLE,
    MIEN_PICKLE_LIST,
    MIEN_PICKLE_DICT,
    MIEN_PICKLE_NAME,  /**< the owner's number of a name such as collections.OrderedDict
                        */
    MIEN_PICKLE_CLASS, /**< a name the owner does not know: "module.name" as bytes. It
                          is never called; it may only say what an instance is */
    MIEN_PICKLE_STORED,   /**< what the owner made of a persistent id */
    MIEN_PICKLE_OBJECT,   /**< what the owner made of a call */
    MIEN_PICKLE_INSTANCE, /**< of such a class: a mien_pickle_instance */
    MIEN_PICKLE_OPAQUE    /**< a value of a kind the owner knows and does not need: its
                             name    as bytes. What is done to it is passed over */
} mien_pickle_kind;

typedef struct mien_pickle_value mien_pickle_value;
struct mien_pickle_value {
    mien_pickle_kind kind;
    bool entered; /* a walker is inside of it: seen again, it contains itself */
    union {
        int64_t i; /* BOOL, INT, NAME */
        double x;
        struct { /* TEXT, BYTES, LONG, CLASS, OPAQUE: lent from the stream, or the
                    arena's */
            const unsigned char *bytes;
            size_t length;
        };
        struct { /* TUPLE, LIST; DICT: key, value, key, value, … */
            mien_pickle_value **items;
            uint32_t count, room;
        };
        void *object; /* STORED, OBJECT, INSTANCE */
    };
};

/** An instance of a class whose code is not known nor run: its name and what was set.
 */
typedef struct mien_pickle_instance {
    const mien_pickle_value *of;    /* the CLASS */
    const mien_pickle_value *state; /* a DICT; NULL: nothing was set */
} mien_pickle_instance;

typedef struct mien_pickle mien_pickle;

/** The rules that the owner of a machine decides. */
typedef struct mien_pickle_rules {
    /** The number of module.name, −1 if it has none. */
    int64_t (*name)(const mien_pickle_value *module, const mien_pickle_value *name);
    /** The value of a call of name number `function` with a tuple. */
    mien_status (*call)(mien_pickle *p, int64_t function, const mien_pickle_value *args,
        mien_pickle_value **result);
    /** The object with this persistent id. */
    mien_status (*stored)(
        mien_pickle *p, const mien_pickle_value *id, mien_pickle_value **result);
} mien_pickle_rules;

struct mien_pickle {
    const char *file; /* for messages */
    const mien_pickle_rules *rules;
    void *context;     /* the owner's */
    mien_arena *arena; /* of all values; the owner's */
    const unsigned char *bytes;
    size_t count, next;
    int64_t steps;
    mien_pickle_value **stack;
    size_t depth, stack_room;
    size_t *marks; /* stack depths */
    size_t mark_count, mark_room;
    mien_pickle_value **memo;
    size_t memo_count, memo_room;
    unsigned char *slab; /* where the next values come from */
    size_t slab_left, memory;
};

/** Runs the stream that starts at bytes[p->next] and leaves p->next after it. */
mien_status mien_pickle_run(mien_pickle *p, const mien_pickle_value **value);
/** Frees the machine's own memory; the values stay in the arena. */
void mien_pickle_clear(mien_pickle *p);

/** For the owner: zeroed memory that lives as long as the arena; MIEN_ELIMIT as text.
 */
void *mien_pickle_alloc(mien_pickle *p, size_t size);
/** A new value; counts `more` further steps; appends to a container. */
mien_pickle_value *mien_pickle_new(mien_pickle *p, mien_pickle_kind kind);
mien_status mien_pickle_step(mien_pickle *p, int64_t more);
mien_status mien_pickle_append(
    mien_pickle *p, mien_pickle_value *container, mien_pickle_value *item);
/** Fails with the file and how far into the stream. */
mien_status mien_pickle_fail(
    const mien_pickle *p, mien_status status, const char *what);
/** Whether a TEXT (or the bytes of a name) equals a text. */
bool mien_pickle_is(const mien_pickle_value *value, const char *text);
/** Text for people: printable ASCII, others as '?', cut to the buffer. */
const char *mien_pickle_print(
    const mien_pickle_value *value, char *buffer, size_t size);

#endif
