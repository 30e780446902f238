/* SPDX-License-Identifier: MIT */
/* The layers an extractor was asked for: parsing "features.13,layer4:sd,pool". */
#include "models/layer_list.h"

#include <stdio.h>
#include <string.h>

#define TAPS_MAX 64

static const char *const poolings[] = {
    [MIEN_POOLING_AVERAGE] = "average",
    [MIEN_POOLING_MAX] = "max",
    [MIEN_POOLING_SD] = "sd",
    [MIEN_POOLING_MAP] = "map",
};
#define POOLINGS ((int)(sizeof poolings / sizeof poolings[0]))

static mien_status parse_pooling(const char *word, mien_tap *tap) {
    for (int p = 0; p < POOLINGS; p++) {
        if (strcmp(word, poolings[p]) == 0) {
            tap->pooling = (mien_pooling)p;
            return MIEN_OK;
        }
    }
    int length = 0;
    if (sscanf(word, "%4dx%4d%n", &tap->grid[0], &tap->grid[1], &length) == 2 &&
        word[length] == 0 && tap->grid[0] > 0 && tap->grid[1] > 0) {
        tap->pooling = MIEN_POOLING_GRID;
        return MIEN_OK;
    }
    return mien_fail(MIEN_EINVAL,
        "layer \"%s\": \"%s\" is no pooling; allowed are average, max, sd, map and a "
        "grid "
        "such as 7x7",
        tap->text, word);
}

/* Is it in the list already? */
static bool is_listed(const mien_string *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list->text; (at = strstr(at, name)) != NULL; at++) {
        bool begins = at == list->text || at[-1] == ' ';
        if (begins && (at[length] == ',' || !at[length])) {
            return true;
        }
    }
    return false;
}

mien_status mien_layer_names(
    const mien_graph *graph, const mien_backbone *backbone, mien_string *out) {
    char name[96];
    (void)backbone;
    for (mien_node node = 0; *mien_graph_name(graph, node); node++) {
        const char *whole = mien_graph_name(graph, node);
        /* "layer3.0.conv1" is within "layer3" and "layer3.0"; "features.7.conv.0"
         * within "features.7" */
        for (int dots = 0; dots < 2; dots++) {
            size_t length = strcspn(whole, ".");
            if (dots == 1 && whole[length]) {
                length += 1 + strcspn(whole + length + 1, ".");
            }
            snprintf(
                name, sizeof name, "%.*s", (int)(length < 95 ? length : 95), whole);
            int64_t shape[MIEN_RANK_MAX];
            mien_node found = mien_graph_find(graph, name);
            if (found > 0 && mien_graph_shape(graph, found, shape) >= 2 &&
                !is_listed(out, name)) {
                mien_string_addf(out, "%s%s", out->length ? ", " : "", name);
            }
        }
    }
    if (!is_listed(out, "pool")) {
        mien_string_addf(out, "%spool", out->length ? ", " : "");
    }
    return mien_string_status(out);
}

static mien_status no_such_layer(
    const mien_graph *graph, const mien_backbone *backbone, const char *name) {
    const char *nearest = mien_graph_nearest(graph, name);
    if (mien_edit_distance(name, "pool") < mien_edit_distance(name, nearest)) {
        nearest = "pool";
    }
    mien_string all;
    mien_string_init(&all);
    mien_status status = mien_layer_names(graph, backbone, &all);
    bool close = mien_edit_distance(name, nearest) <= 2;
    if (status == MIEN_OK) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s has no layer \"%s\"%s%s; its layers (`mien models show %s` lists them) "
            "are %s",
            backbone->name, name, close ? "; the nearest is " : "",
            close ? nearest : "", backbone->name, all.text);
    }
    mien_string_clear(&all);
    return status;
}

/* Reads the node's shape into the tap and counts what it hands out. */
static mien_status measure(const mien_graph *graph, mien_tap *tap) {
    int64_t shape[MIEN_RANK_MAX];
    int rank = mien_graph_shape(graph, tap->node, shape);
    if (rank != 2 && rank != 4 && rank != 5) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "layer \"%s\" has %d dimensions; only maps [N, C, H, W], [N, C, T, H, W] "
            "and rows [N, F] can be taken",
            tap->text, rank);
    }
    tap->deep = rank == 5;
    tap->channels = shape[1];
    tap->height = rank == 4 ? shape[2] : rank == 5 ? shape[2] * shape[3] : 1;
    tap->width = rank > 2 ? shape[rank - 1] : 1;
    bool whole = tap->pooling == MIEN_POOLING_MAP;
    tap->values = whole ? tap->channels * tap->height * tap->width : tap->channels;
    bool grid = tap->pooling == MIEN_POOLING_GRID;
    if (rank == 5 && grid) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "layer \"%s\" is of clips: it is averaged over all of them, not to a grid",
            tap->text);
    }
    if (rank == 2 && (grid || tap->pooling == MIEN_POOLING_SD)) {
        return mien_fail(MIEN_EINVAL,
            "layer \"%s\" is a row of values without a map: it has no %s", tap->text,
            grid ? "grid" : "deviation");
    }
    if (grid) {
        tap->values = tap->channels * tap->grid[0] * tap->grid[1];
        tap->pooled = true;
        return MIEN_OK;
    }
    /* one value per channel is the same whichever way it is pooled */
    tap->pooled =
        tap->height * tap->width > 1 &&
        (tap->pooling == MIEN_POOLING_AVERAGE || tap->pooling == MIEN_POOLING_MAX);
    return MIEN_OK;
}

mien_status mien_layer_find(const mien_graph *graph, const mien_backbone *backbone,
    const char *name, mien_node *node) {
    *node =
        mien_graph_find(graph, strcmp(name, "pool") == 0 ? backbone->feature : name);
    return *node < 0 ? no_such_layer(graph, backbone, name) : MIEN_OK;
}

/* part is the tap's text, cut up here. */
static mien_status parse_one(
    const mien_graph *graph, const mien_backbone *backbone, char *part, mien_tap *tap) {
    /* names of ONNX nodes may have colons of their own */
    char *colon = mien_graph_find(graph, part) < 0 ? strrchr(part, ':') : NULL;
    if (colon) {
        *colon = 0;
        mien_status status = parse_pooling(colon + 1, tap);
        if (status != MIEN_OK) {
            return status;
        }
    }
    mien_status status = mien_layer_find(graph, backbone, part, &tap->node);
    return status == MIEN_OK ? measure(graph, tap) : status;
}

/* The next part of the list without blanks around it, twice: for keeps and for cutting
 * up. */
static char *next_part(mien_arena *arena, const char **list, char **copy) {
    static const char blanks[] = " \t";
    const char *start = *list + strspn(*list, blanks);
    const char *end = start + strcspn(start, ",");
    *list = *end == ',' ? end + 1 : NULL;
    while (end > start && strchr(blanks, end[-1])) {
        end--;
    }
    size_t length = (size_t)(end - start);
    char *part = mien_arena_alloc(arena, length + 1, 1);
    *copy = mien_arena_alloc(arena, length + 1, 1);
    if (!part || !*copy) {
        return NULL;
    }
    memcpy(part, start, length);
    memcpy(*copy, start, length);
    return part;
}

mien_status mien_layer_list_parse(mien_arena *arena, const mien_graph *graph,
    const mien_backbone *backbone, const char *layers, mien_tap **taps, int *count) {
    mien_tap *all = mien_arena_alloc(arena, TAPS_MAX, sizeof *all);
    if (!all) {
        return MIEN_ENOMEM;
    }
    int n = 0;
    for (const char *rest = layers; rest; n++) {
        if (n == TAPS_MAX) {
            return mien_fail(
                MIEN_ELIMIT, "more than %d layers: \"%s\"", TAPS_MAX, layers);
        }
        char *copy;
        all[n].text = next_part(arena, &rest, &copy);
        if (!all[n].text) {
            return MIEN_ENOMEM;
        }
        if (all[n].text[0] == 0) {
            return mien_fail(
                MIEN_EINVAL, "layers \"%s\": part %d is empty", layers, n + 1);
        }
        mien_status status = parse_one(graph, backbone, copy, &all[n]);
        if (status != MIEN_OK) {
            return status;
        }
    }
    *taps = all;
    *count = n;
    return MIEN_OK;
}
