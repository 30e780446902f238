/* SPDX-License-Identifier: MIT */
/* The table of backbones, found by name. */
#include "mien/models.h"

#include <stddef.h>
#include <string.h>

#define X(name) extern const mien_backbone mien_model_##name;
#include "models/models.def"
#undef X

static const mien_backbone *const rows[] = {
#define X(name) &mien_model_##name,
#include "models/models.def"
#undef X
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

int mien_backbone_count(void) {
    return ROWS;
}

const mien_backbone *mien_backbone_at(int index) {
    return index >= 0 && index < ROWS ? rows[index] : NULL;
}

mien_status mien_backbone_find(const char *name, const mien_backbone **backbone) {
    const mien_backbone *nearest = rows[0];
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(name, rows[i]->name) == 0) {
            *backbone = rows[i];
            return MIEN_OK;
        }
        if (mien_edit_distance(name, rows[i]->name) <
            mien_edit_distance(name, nearest->name)) {
            nearest = rows[i];
        }
    }
    return mien_fail(MIEN_ENOTFOUND, "no backbone is called \"%s\"; the nearest is %s",
        name, nearest->name);
}
