/* SPDX-License-Identifier: MIT */
/* Designs of networks over features: their settings, checks and graphs. */
#include "models/design_features.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WIDTH_MAX (1 << 20)
#define OUTPUTS_MAX 4096
#define CONTEXT_MAX 512
#define MASK "mask"

/* ---- settings ------------------------------------------------------------------- */

static char *trimmed(char *text) {
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        text[--length] = '\0';
    }
    return text;
}

/* One "key=value". */
static mien_status set_one(mien_options *options, const char *kind, char *item) {
    char *equals = strchr(item, '=');
    if (!equals) {
        return mien_fail(MIEN_EINVAL, "%s: \"%s\" is not key=value", kind, item);
    }
    *equals = '\0';
    return mien_options_set(options, kind, trimmed(item), trimmed(equals + 1));
}

static mien_status set_all(mien_options *options, const mien_design *design) {
    char text[sizeof design->settings], *next = text;
    mien_status status = MIEN_OK;
    strcpy(text, design->settings);
    while (status == MIEN_OK && next) {
        char *item = next, *end = strchr(next, ';');
        next = end ? end + 1 : NULL;
        if (end) {
            *end = '\0';
        }
        item = trimmed(item);
        status = *item ? set_one(options, design->kind, item) : MIEN_OK;
    }
    return status;
}

mien_status mien_design_options(const mien_design *design, mien_options **options) {
    const mien_network_kind *kind = NULL;
    mien_options *made = NULL;
    mien_status status = mien_network_kind_find(design->kind, &kind);
    if (status == MIEN_OK) {
        status = mien_options_new(kind->options, &made);
    }
    if (status == MIEN_OK) {
        status = set_all(made, design);
    }
    if (status != MIEN_OK) {
        mien_options_free(&made);
        return status;
    }
    *options = made;
    return MIEN_OK;
}

/* A value as one text whatever way it was written. */
static void add_value(
    mien_string *out, const mien_option *option, const mien_options *given) {
    char number[32];
    switch (option->type) {
    case MIEN_OPTION_FLAG:
        mien_string_add(out, mien_options_flag(given, option->name) ? "true" : "false");
        break;
    case MIEN_OPTION_INT:
        mien_string_addf(out, "%lld", (long long)mien_options_int(given, option->name));
        break;
    case MIEN_OPTION_NUMBER:
    case MIEN_OPTION_SECONDS:
        mien_string_add(
            out, mien_format_double(mien_options_number(given, option->name), number));
        break;
    case MIEN_OPTION_TEXT:
    case MIEN_OPTION_CHOICE:
    case MIEN_OPTION_LIST:
        mien_string_add(out, mien_options_text(given, option->name));
        break;
    }
}

static mien_status write_settings(
    mien_design *design, const mien_option *table, const mien_options *given) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; table[i].name; i++) {
        mien_string_addf(&text, "%s%s=", i ? "; " : "", table[i].name);
        add_value(&text, &table[i], given);
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && text.length >= sizeof design->settings) {
        status = mien_fail(MIEN_ELIMIT, "%s: its options need more than %zu letters",
            design->kind, sizeof design->settings - 1);
    }
    if (status == MIEN_OK) {
        strcpy(design->settings, text.text);
    }
    mien_string_clear(&text);
    return status;
}

mien_status mien_design_settings(mien_design *design, const mien_options *given) {
    const mien_network_kind *kind = NULL;
    mien_options *defaults = NULL;
    mien_status status = mien_network_kind_find(design->kind, &kind);
    if (status == MIEN_OK && !given) {
        status = mien_options_new(kind->options, &defaults);
    }
    if (status == MIEN_OK) {
        status = write_settings(design, kind->options, given ? given : defaults);
    }
    mien_options_free(&defaults);
    return status;
}

mien_status mien_design_settle(mien_design *design) {
    mien_options *options = NULL;
    mien_status status = mien_design_options(design, &options);
    if (status == MIEN_OK) {
        status = mien_design_settings(design, options);
    }
    mien_options_free(&options);
    return status;
}

/* ---- checks ---------------------------------------------------------------------- */

static bool good_name(const char *name) {
    size_t i = 0;
    for (; name[i]; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-') {
            return false;
        }
    }
    return i > 0 && strcmp(name, MASK) != 0;
}

static mien_status check_inputs(const mien_design *d) {
    if (d->inputs_count < 1 || d->inputs_count > MIEN_INPUTS_MAX) {
        return mien_fail(MIEN_EINVAL, "%d inputs; 1 to %d are allowed", d->inputs_count,
            MIEN_INPUTS_MAX);
    }
    for (int i = 0; i < d->inputs_count; i++) {
        const mien_design_input *input = &d->inputs[i];
        if (!good_name(input->name)) {
            return mien_fail(MIEN_EINVAL,
                "input %d: \"%s\" is no name of letters, digits, _ and - (nor may it "
                "be "
                "\"" MASK "\")",
                i, input->name);
        }
        if (input->width < 1 || input->width > WIDTH_MAX) {
            return mien_fail(MIEN_EINVAL, "input %s: %lld values; 1 to %d are allowed",
                input->name, (long long)input->width, WIDTH_MAX);
        }
        for (int k = 0; k < i; k++) {
            if (strcmp(input->name, d->inputs[k].name) == 0) {
                return mien_fail(MIEN_EINVAL, "input %s is there twice", input->name);
            }
        }
    }
    return MIEN_OK;
}

static mien_status check_context(const mien_design *d, const mien_network_kind *kind) {
    if (d->context_before < 0 || d->context_after < 0 ||
        d->context_before > CONTEXT_MAX || d->context_after > CONTEXT_MAX) {
        return mien_fail(MIEN_EINVAL,
            "a context of %d segments before and %d after; 0 to %d are allowed",
            d->context_before, d->context_after, CONTEXT_MAX);
    }
    if (mien_design_segments(d) > 1 && !kind->temporal) {
        return mien_fail(MIEN_EINVAL,
            "%s looks at one segment: it takes no context before or after", kind->name);
    }
    if (mien_design_segments(d) > 1 && !d->masks) {
        return mien_fail(MIEN_EINVAL,
            "a context needs masks: the first and last segments of a film have no "
            "others beside them");
    }
    return MIEN_OK;
}

mien_status mien_design_check_features(const mien_design *design) {
    const mien_network_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_network_kind_find(design->kind, &kind);
    if (status == MIEN_OK) {
        status = mien_design_options(design, &options);
    }
    if (status == MIEN_OK) {
        status = check_inputs(design);
    }
    if (status == MIEN_OK) {
        status = check_context(design, kind);
    }
    if (status == MIEN_OK && (design->outputs < 1 || design->outputs > OUTPUTS_MAX)) {
        status = mien_fail(MIEN_EINVAL, "%lld outputs; 1 to %d are allowed",
            (long long)design->outputs, OUTPUTS_MAX);
    }
    if (status == MIEN_OK && kind->check) {
        status = kind->check(design, options);
    }
    mien_options_free(&options);
    return status;
}

/* ---- graphs ---------------------------------------------------------------------- */

int64_t mien_design_segments(const mien_design *design) {
    return (int64_t)design->context_before + 1 + design->context_after;
}

int64_t mien_design_values(const mien_design *design) {
    int64_t sum = 0;
    for (int i = 0; i < design->inputs_count; i++) {
        sum += design->inputs[i].width;
    }
    return sum * mien_design_segments(design);
}

mien_status mien_design_add_inputs(
    const mien_design *design, mien_graph *graph, mien_node *inputs, mien_node *mask) {
    int64_t segments = mien_design_segments(design);
    const int64_t seen[] = {MIEN_BATCH, segments, design->inputs_count};
    mien_status status = mien_design_check_features(design);
    for (int i = 0; status == MIEN_OK && i < design->inputs_count; i++) {
        const mien_design_input *input = &design->inputs[i];
        const int64_t row[] = {MIEN_BATCH, input->width};
        const int64_t rows[] = {MIEN_BATCH, segments, input->width};
        status = segments > 1
                     ? mien_graph_input(graph, input->name, 3, rows, &inputs[i])
                     : mien_graph_input(graph, input->name, 2, row, &inputs[i]);
    }
    *mask = -1;
    if (status == MIEN_OK && design->masks) {
        status = mien_graph_input(graph, MASK, 3, seen, mask);
    }
    return status;
}

static mien_status check_nodes(const mien_design *d, const mien_graph *graph,
    const mien_node *inputs, mien_node mask) {
    int64_t segments = mien_design_segments(d), shape[MIEN_RANK_MAX];
    for (int i = 0; i < d->inputs_count; i++) {
        int rank = mien_graph_shape(graph, inputs[i], shape);
        if (rank != (segments > 1 ? 3 : 2) || shape[rank - 1] != d->inputs[i].width ||
            (rank == 3 && shape[1] != segments)) {
            return mien_fail(MIEN_ESHAPE, "the network's input %s must be [N, %s%lld]",
                d->inputs[i].name, segments > 1 ? "T, " : "",
                (long long)d->inputs[i].width);
        }
    }
    if ((mask >= 0) != d->masks) {
        return mien_fail(MIEN_ESHAPE, "the network %s",
            d->masks ? "takes a mask, which is not given" : "takes no mask");
    }
    if (mask >= 0 && (mien_graph_shape(graph, mask, shape) != 3 ||
                         shape[1] != segments || shape[2] != d->inputs_count)) {
        return mien_fail(MIEN_ESHAPE, "the network's mask must be [N, %lld, %d]",
            (long long)segments, d->inputs_count);
    }
    return MIEN_OK;
}

mien_status mien_design_build_features(const mien_design *design, mien_graph *graph,
    const mien_node *inputs, mien_node mask, mien_node *output) {
    const mien_network_kind *kind = NULL;
    mien_options *options = NULL;
    mien_node end = -1;
    mien_status status = mien_design_check_features(design);
    if (status == MIEN_OK) {
        status = check_nodes(design, graph, inputs, mask);
    }
    if (status == MIEN_OK) {
        status = mien_network_kind_find(design->kind, &kind);
    }
    if (status == MIEN_OK) {
        status = mien_design_options(design, &options);
    }
    if (status == MIEN_OK) {
        status = kind->build(design, options, graph, inputs, mask, &end);
    }
    mien_options_free(&options);
    if (status == MIEN_OK) {
        *output = end;
    }
    return status;
}

mien_status mien_design_randomize(
    const mien_design *design, mien_parameters *parameters, uint64_t seed) {
    const mien_network_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_network_kind_find(design->kind, &kind);
    if (status == MIEN_OK) {
        status = mien_design_options(design, &options);
    }
    if (status == MIEN_OK) {
        mien_parameters_randomize(parameters, seed);
        if (kind->start) {
            kind->start(options, parameters);
        }
    }
    mien_options_free(&options);
    return status;
}
