/* SPDX-License-Identifier: MIT */
/* The table of operators, and what their rows share. */
#include "nn/ops/op.h"

#include <stdlib.h>
#include <string.h>

#define SIDE_MAX 65536

#define X(name) extern const mien_op mien_op_##name;
#include "nn/ops/ops.def"
#undef X

static const mien_op *const rows[] = {
#define X(name) &mien_op_##name,
#include "nn/ops/ops.def"
#undef X
};

int mien_op_count(void) {
    return (int)(sizeof rows / sizeof *rows);
}

const mien_op *mien_op_at(int index) {
    return rows[index];
}

const mien_op *mien_op_find(const char *name) {
    const mien_op *nearest = rows[0];
    int least = 1 << 20;
    for (int i = 0; i < mien_op_count(); i++) {
        if (!strcmp(rows[i]->name, name)) {
            return rows[i];
        }
        int distance = mien_edit_distance(rows[i]->name, name);
        if (distance < least) {
            least = distance;
            nearest = rows[i];
        }
    }
    mien_fail(MIEN_ENOTFOUND, "no operator \"%s\"; the nearest is \"%s\"", name,
        nearest->name);
    return NULL;
}

int mien_op_ints(const char *text, int most, int *values) {
    int count = 0;
    for (;;) {
        char *end;
        long value = strtol(text, &end, 10);
        if (end == text || count == most || value < -SIDE_MAX || value > SIDE_MAX) {
            return -1;
        }
        values[count++] = (int)value;
        if (!*end) {
            return count;
        }
        if (*end != ',') {
            return -1;
        }
        text = end + 1;
    }
}

mien_status mien_op_pair(
    const mien_options *given, const char *key, int minimum, int pair[2]) {
    const char *text = mien_options_text(given, key);
    int count = text ? mien_op_ints(text, 2, pair) : -1;
    if (count == 1) {
        pair[1] = pair[0];
    }
    if (count < 1 || pair[0] < minimum || pair[1] < minimum) {
        return mien_fail(MIEN_EINVAL,
            "%s: \"%s\" is not one or two whole numbers from %d to %d, divided by a "
            "comma",
            key, text ? text : "", minimum, SIDE_MAX);
    }
    return MIEN_OK;
}

mien_status mien_op_padding(
    const mien_options *given, const char *key, int padding[4]) {
    const char *text = mien_options_text(given, key);
    int count = text ? mien_op_ints(text, 4, padding) : -1;
    if (count == 1) {
        padding[1] = padding[2] = padding[3] = padding[0];
    } else if (count == 2) {
        padding[2] = padding[0];
        padding[3] = padding[1];
    }
    bool good = count == 1 || count == 2 || count == 4;
    for (int i = 0; good && i < 4; i++) {
        good = padding[i] >= 0;
    }
    if (!good) {
        return mien_fail(MIEN_EINVAL,
            "%s: \"%s\" is not one, two or four (top,left,bottom,right) whole numbers "
            "≥ 0",
            key, text ? text : "");
    }
    return MIEN_OK;
}

mien_status mien_op_same_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    node->rank = inputs[0]->rank;
    memcpy(node->shape, inputs[0]->shape, sizeof node->shape);
    return MIEN_OK;
}
