/* SPDX-License-Identifier: MIT */
/* Shared by the rows of branches.def, fusions.def and heads.def: names of nodes,
 * masks of inputs, options as settings. */
#include "models/parts/parts.h"
#include "base/need.h"

#include <stdio.h>
#include <string.h>

/* ---- nodes ---------------------------------------------------------------------- */

const char *mien_part_node(const mien_part_build *part, const char *what) {
    enum { RING = 4 };
    static _Thread_local char ring[RING][192];
    static _Thread_local int next;
    char *text = ring[next++ % RING];
    snprintf(
        text, sizeof ring[0], "%s%s%s", part->name, part->name[0] ? "." : "", what);
    return text;
}

int64_t mien_part_width(const mien_part_build *part, mien_node x) {
    int64_t shape[MIEN_RANK_MAX];
    int rank =
        part->b.status == MIEN_OK ? mien_graph_shape(part->b.graph, x, shape) : 0;
    return rank > 0 ? shape[rank - 1] : 1;
}

/* A node of the mask that the graph has already; -1: it has none of this name. */
static mien_node found_of(const mien_part_build *part, const char *what, int input) {
    char name[128];
    snprintf(
        name, sizeof name, "mask.%s.%s", what, part->architecture->inputs[input].name);
    return mien_graph_find(part->b.graph, name);
}

/* The input's column of the mask [N, T, M], as [N, 1] without context, else [N, T, 1],
 * or, for what reads segments as rows of the batch, [N × T, 1]: added to the graph when
 * it is first asked for. */
static mien_node seen_of(mien_part_build *part, int input, bool merged) {
    const mien_architecture *a = part->architecture;
    const int64_t one[] = {1};
    bool context = mien_architecture_steps(a) > 1;
    char name[128];
    mien_node y = part->mask;
    if (part->b.status != MIEN_OK) {
        return y;
    }
    const char *last = !context ? "row" : merged ? "merged" : "of";
    if (found_of(part, last, input) >= 0) {
        return found_of(part, last, input);
    }
    y = found_of(part, "of", input);
    if (y < 0) {
        snprintf(name, sizeof name, "mask.of.%s", a->inputs[input].name);
        part->b.status =
            mien_slice(part->b.graph, name, part->mask, 2, input, input + 1, &y);
    }
    if (!context) {
        return mien_build_reshape(
            &part->b, y, one, 1, "mask.row.%s", a->inputs[input].name);
    }
    snprintf(name, sizeof name, "mask.merged.%s", a->inputs[input].name);
    if (merged && part->b.status == MIEN_OK) {
        part->b.status = mien_merge_steps(part->b.graph, name, y, &y);
    }
    return y;
}

mien_node mien_part_masked(mien_part_build *part, int input) {
    const mien_architecture *a = part->architecture;
    mien_node x = part->x[input];
    char name[128];
    if (part->mask < 0 ||
        (!a->inputs[input].optional && mien_architecture_steps(a) == 1)) {
        return x;
    }
    mien_node seen = seen_of(part, input, false), y = x;
    snprintf(name, sizeof name, "masked.%s", a->inputs[input].name);
    if (part->b.status == MIEN_OK) {
        part->b.status = mien_multiply(part->b.graph, name, x, seen, &y);
    }
    return y;
}

mien_node mien_part_seen(mien_part_build *part, int input) {
    return part->mask < 0 ? -1 : seen_of(part, input, part->merged);
}

mien_node mien_part_row(mien_part_build *part, int input) {
    int64_t steps = mien_architecture_steps(part->architecture);
    mien_node x = mien_part_masked(part, input);
    const int64_t width = steps * mien_part_width(part, x);
    return steps == 1 ? x
                      : mien_build_reshape(&part->b, x, &width, 1, "segments.%s",
                            part->architecture->inputs[input].name);
}

mien_node mien_part_norm(mien_part_build *part, mien_node x, const char *what) {
    const mien_architecture *a = part->architecture;
    mien_builder *b = &part->b;
    const char *name = mien_part_node(part, what);
    if (part->mask < 0 || !a->inputs[part->input].optional ||
        (mien_architecture_steps(a) > 1 && !part->merged)) {
        return mien_build_norm(b, x, "%s", name);
    }
    mien_node seen = seen_of(part, part->input, part->merged), y = x;
    if (b->status == MIEN_OK) {
        b->status = mien_masked_batch_norm(b->graph, name, x, seen, 1e-5, 0.1, &y);
    }
    return y;
}

mien_node mien_part_dropout(
    mien_part_build *part, mien_node x, double rate, const char *what) {
    return rate > 0
               ? mien_build_dropout(&part->b, x, rate, "%s", mien_part_node(part, what))
               : x;
}

/* ---- options as settings ----------------------------------------------------------
 */

/* A text with the mark between settings would be read as other settings. */
static mien_status check_texts(
    const char *kind, const mien_option *table, const mien_options *given) {
    for (; table->name; table++) {
        bool text = table->type == MIEN_OPTION_TEXT || table->type == MIEN_OPTION_LIST;
        const char *value = text ? mien_options_text(given, table->name) : NULL;
        if (value && strpbrk(value, ";\n")) {
            return mien_fail(MIEN_EINVAL, "%s: %s: \"%s\" has a ; or a line end", kind,
                table->name, value);
        }
    }
    return MIEN_OK;
}

mien_status mien_part_choose(mien_part_choice *choice, const char *kind,
    const mien_option *table, const mien_options *given) {
    MIEN_NEED(choice, kind, table);
    mien_part_choice made = {0};
    mien_options *defaults = NULL;
    mien_status status = given ? MIEN_OK : mien_options_new(table, &defaults);
    snprintf(made.kind, sizeof made.kind, "%s", kind);
    if (status == MIEN_OK && given) {
        status = check_texts(kind, table, given);
    }
    if (status == MIEN_OK) {
        status = mien_settings_write(
            kind, table, given ? given : defaults, made.settings, sizeof made.settings);
    }
    mien_options_free(&defaults);
    if (status == MIEN_OK) {
        *choice = made;
    }
    return status;
}

mien_status mien_part_read(
    const mien_part_choice *choice, const mien_option *table, mien_options **options) {
    return mien_settings_read(choice->kind, table, choice->settings, options);
}

static bool has_option(const mien_option *table, const char *name) {
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A value of parsed options as text that sets it again. */
static const char *text_of(
    const mien_options *given, const mien_option *option, char number[32]) {
    switch (option->type) {
    case MIEN_OPTION_FLAG:
        return mien_options_flag(given, option->name) ? "true" : "false";
    case MIEN_OPTION_INT:
        snprintf(number, 32, "%lld", (long long)mien_options_int(given, option->name));
        return number;
    case MIEN_OPTION_NUMBER:
    case MIEN_OPTION_SECONDS:
        return mien_format_double(mien_options_number(given, option->name), number);
    case MIEN_OPTION_TEXT:
    case MIEN_OPTION_CHOICE:
    case MIEN_OPTION_LIST:
        break;
    }
    return mien_options_text(given, option->name);
}

mien_status mien_part_from(mien_part_choice *choice, const char *kind,
    const mien_option *table, const mien_options *given, const mien_option *given_table,
    const char *const pairs[][2], int pairs_count) {
    mien_options *options = NULL;
    mien_status status = mien_options_new(table, &options);
    char number[32];
    for (const mien_option *o = given_table; status == MIEN_OK && o->name; o++) {
        const char *text =
            has_option(table, o->name) ? text_of(given, o, number) : NULL;
        if (text) {
            status = mien_options_set(options, kind, o->name, text);
        }
    }
    for (int i = 0; status == MIEN_OK && i < pairs_count; i++) {
        status = mien_options_set(options, kind, pairs[i][0], pairs[i][1]);
    }
    if (status == MIEN_OK) {
        status = mien_part_choose(choice, kind, table, options);
    }
    mien_options_free(&options);
    return status;
}
