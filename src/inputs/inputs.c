/* SPDX-License-Identifier: MIT */
/* The table of kinds of inputs, and what every input has whatever its kind: name,
 * column, settings, shape. Studies, model files and prediction describe their inputs
 * with this. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mien/inputs.h"

#define X(name) extern const mien_input_kind mien_input_kind_##name;
#include "base/need.h"
#include "inputs/inputs.def"
#undef X

static const mien_input_kind *const rows[] = {
#define X(name) &mien_input_kind_##name,
#include "inputs/inputs.def"
#undef X
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

int mien_input_kind_count(void) {
    return ROWS;
}

const mien_input_kind *mien_input_kind_at(int index) {
    return index >= 0 && index < ROWS ? rows[index] : NULL;
}

mien_status mien_input_kind_find(const char *name, const mien_input_kind **kind) {
    MIEN_NEED(name, kind);
    const mien_input_kind *nearest = rows[0];
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
        "no kind of input is called \"%s\"; the nearest is %s", name, nearest->name);
}

bool mien_input_is_picture(const mien_input *input) {
    MIEN_NEED_OR(false, input);
    const mien_input_kind *kind = NULL;
    return mien_input_kind_find(input->kind, &kind) == MIEN_OK && kind->load_image;
}

/* ---- shapes --------------------------------------------------------------------- */

int64_t mien_item_values(const mien_item_shape *shape) {
    MIEN_NEED_OR(0, shape);
    int64_t values = 1;
    for (int d = 0; d < shape->rank; d++) {
        values *= shape->size[d];
    }
    return values;
}

bool mien_item_same_shape(const mien_item_shape *a, const mien_item_shape *b) {
    MIEN_NEED_OR(false, a, b);
    bool same = a->rank == b->rank && a->steps == b->steps;
    for (int d = 0; same && d < a->rank; d++) {
        same = a->size[d] == b->size[d];
    }
    return same;
}

/* ---- inputs --------------------------------------------------------------------- */

/* Graph inputs, tensors of model files and columns are named after inputs. */
mien_status mien_input_check_name(const char *name) {
    MIEN_NEED(name);
    static const char *const reserved[] = {"mask", "golden", "input", "row"};
    mien_input *room = NULL;
    size_t length = strlen(name);
    bool good = length > 0 && length < sizeof room->name;
    for (size_t i = 0; good && i < length; i++) {
        good = isalnum((unsigned char)name[i]) || name[i] == '_' || name[i] == '-';
    }
    for (size_t i = 0; good && i < sizeof reserved / sizeof *reserved; i++) {
        good = strcmp(name, reserved[i]) != 0;
    }
    return good ? MIEN_OK
                : mien_fail(MIEN_EINVAL,
                      "\"%s\" is no name of an input: letters, digits, _ and -, fewer "
                      "than "
                      "%zu, and not mask, golden, input or row",
                      name, sizeof room->name);
}

mien_status mien_input_init(mien_input *input, const char *kind, const char *name) {
    MIEN_NEED(input, kind, name);
    const mien_input_kind *row = NULL;
    mien_input made = {.shape = {.steps = 1}};
    mien_status status = mien_input_kind_find(kind, &row);
    if (status == MIEN_OK) {
        status = mien_input_check_name(name);
    }
    if (status != MIEN_OK) {
        return status;
    }
    size_t length = strlen(row->column);
    bool named = row->column[length - 1] == '.';
    snprintf(made.name, sizeof made.name, "%s", name);
    snprintf(made.kind, sizeof made.kind, "%s", row->name);
    bool plain = row->traits & MIEN_INPUT_PLAIN;
    snprintf(made.column, sizeof made.column, "%s%s", plain ? "" : row->column,
        named || plain ? name : "");
    status = mien_input_settings(&made, NULL);
    if (status == MIEN_OK) {
        *input = made;
    }
    return status;
}

mien_status mien_input_options(const mien_input *input, mien_options **options) {
    MIEN_NEED(input, options);
    const mien_input_kind *kind = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    return status == MIEN_OK ? mien_settings_read(
                                   input->kind, kind->options, input->settings, options)
                             : status;
}

mien_status mien_input_settings(mien_input *input, const mien_options *given) {
    MIEN_NEED(input);
    const mien_input_kind *kind = NULL;
    mien_options *defaults = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status == MIEN_OK && !given) {
        status = mien_options_new(kind->options, &defaults);
    }
    if (status == MIEN_OK) {
        status = mien_settings_write(input->kind, kind->options,
            given ? given : defaults, input->settings, sizeof input->settings);
    }
    mien_options_free(&defaults);
    return status;
}

mien_status mien_input_measure(mien_input *input, const mien_place *example) {
    MIEN_NEED(input);
    const mien_input_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status == MIEN_OK) {
        status =
            mien_settings_read(input->kind, kind->options, input->settings, &options);
    }
    if (status == MIEN_OK) {
        status = kind->shape(options, example, &input->shape);
    }
    mien_options_free(&options);
    return status == MIEN_OK ? status : mien_fail_in(status, "input %s", input->name);
}

mien_status mien_input_parts(
    const mien_input *input, mien_input_part part[MIEN_INPUT_PARTS_MAX], int *count) {
    MIEN_NEED(input, part, count);
    const mien_input_kind *kind = NULL;
    mien_options *options = NULL;
    *count = 0;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status != MIEN_OK || !kind->parts) {
        return status;
    }
    status = mien_input_options(input, &options);
    if (status == MIEN_OK) {
        *count = kind->parts(options, part);
    }
    mien_options_free(&options);
    return status;
}

mien_status mien_input_check(const mien_input *input) {
    MIEN_NEED(input);
    enum { VALUES_MAX = 1 << 26 };
    mien_options *options = NULL;
    mien_status status = mien_input_check_name(input->name);
    if (status == MIEN_OK) {
        status = mien_input_options(input, &options);
    }
    mien_options_free(&options);
    const mien_item_shape *s = &input->shape;
    bool good = s->rank >= 1 && s->rank < MIEN_RANK_MAX && s->steps >= 1;
    int64_t values = 1;
    for (int d = 0; good && d < s->rank; d++) {
        good = s->size[d] >= 1 && s->size[d] <= VALUES_MAX / values;
        values *= good ? s->size[d] : 1;
    }
    if (status == MIEN_OK && !good) {
        status = mien_fail(MIEN_EINVAL,
            "input %s: its shape is not 1 to %d sizes whose product is at most %d",
            input->name, MIEN_RANK_MAX - 1, VALUES_MAX);
    }
    return status;
}
