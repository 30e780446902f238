/* SPDX-License-Identifier: MIT */
/* The tables of the room, whose rows are files of their own, found by name. */
#ifndef MIEN_MODELS_REGISTRY_H
#define MIEN_MODELS_REGISTRY_H

#include <stddef.h>
#include <string.h>

#include "base/need.h"

/* Defines PREFIX_count(), PREFIX_at() and PREFIX_find() over `rows`, an array of
 * pointers to rows that have a name. `what` is what a message calls a row: "backbone".
 */
#define MIEN_REGISTRY(type, prefix, rows, what)                                        \
    int prefix##_count(void) {                                                         \
        return (int)(sizeof(rows) / sizeof(rows)[0]);                                  \
    }                                                                                  \
    const type *prefix##_at(int index) {                                               \
        return index >= 0 && index < prefix##_count() ? (rows)[index] : NULL;          \
    }                                                                                  \
    mien_status prefix##_find(const char *name, const type **row) {                    \
        MIEN_NEED(name, row);                                                          \
        const type *nearest = (rows)[0];                                               \
        for (int i = 0; i < prefix##_count(); i++) {                                   \
            if (strcmp(name, (rows)[i]->name) == 0) {                                  \
                *row = (rows)[i];                                                      \
                return MIEN_OK;                                                        \
            }                                                                          \
            if (mien_edit_distance(name, (rows)[i]->name) <                            \
                mien_edit_distance(name, nearest->name)) {                             \
                nearest = (rows)[i];                                                   \
            }                                                                          \
        }                                                                              \
        return mien_fail(MIEN_ENOTFOUND,                                               \
            "no " what " is called \"%s\"; the nearest is %s", name, nearest->name);   \
    }

#endif
