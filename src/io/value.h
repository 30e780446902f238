/* SPDX-License-Identifier: MIT */
/* The inside of a document's value, for the YAML and JSON readers and writers. */
#ifndef MIEN_IO_VALUE_H
#define MIEN_IO_VALUE_H

#include "io/index.h"
#include "mien/io.h"

#define MIEN_VALUE_BYTES_MAX ((size_t)16 << 20)
#define MIEN_VALUE_DEPTH_MAX 64
#define MIEN_VALUE_COUNT_MAX 1000000

struct mien_value {
    mien_value_kind kind;
    int line;
    const char *file; /* of the value it was read with; NULL: made */
    char *file_own;   /* set in the root only */
    union {
        bool b;
        int64_t i;
        double x;
        char *text;
        struct {
            mien_value **items;
            char **keys; /* NULL for a list */
            int64_t count, room;
            mien_index index; /* of the keys, once there are many */
        };
    };
};

/** A root value for a file: its name is kept in the root for all that is read below it.
 */
mien_status mien_value_name_file(mien_value *root, const char *name);
/** Reads what a plain YAML scalar means (core schema of YAML 1.2); MIEN_ELIMIT for an
 * integer that does not fit. */
mien_status mien_yaml_resolve(const char *text, mien_value **value);

#endif
