/* SPDX-License-Identifier: MIT */
/* The table of networks over features, found by name. */
#include "mien/models.h"

#include <stddef.h>
#include <string.h>

#define X(name) extern const mien_network_kind mien_network_##name;
#include "models/networks.def"
#undef X

static const mien_network_kind *const rows[] = {
#define X(name) &mien_network_##name,
#include "models/networks.def"
#undef X
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

int mien_network_kind_count(void) {
    return ROWS;
}

const mien_network_kind *mien_network_kind_at(int index) {
    return index >= 0 && index < ROWS ? rows[index] : NULL;
}

mien_status mien_network_kind_find(const char *name, const mien_network_kind **kind) {
    const mien_network_kind *nearest = rows[0];
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(name, rows[i]->name) == 0) {
            *kind = rows[i];
            return MIEN_OK;
        }
        if (mien_edit_distance(name, rows[i]->name) <
            mien_edit_distance(name, nearest->name)) {
            nearest = rows[i];
        }
    }
    return mien_fail(MIEN_ENOTFOUND,
        "no network over features is called \"%s\"; the nearest is %s", name,
        nearest->name);
}
