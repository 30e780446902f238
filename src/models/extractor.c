/* SPDX-License-Identifier: MIT */
/* Runs a backbone up to the layers asked for and hands out their pooled values. */
#include "models/extractor.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/backbones/backbone.h"
#include "models/backbones/backbone_file.h"
#include "models/plan_set.h"
#include "nn/plan/aside.h"
#include "models/contract/members.h"
#include "models/layer_list.h"
#include "models/contract/verified.h"
#include "models/parameter_node.h"
#include "models/weights/weights.h"

#define ARENA_BLOCK 4096

struct mien_extractor {
    mien_arena *arena;
    mien_graph *graph;
    mien_parameters *parameters;
    mien_archive *archive; /* that weights are lent from; NULL: from none */
    mien_plan_set plans;
    float *views; /* a mirrored view's row for each lane; NULL if none is taken */
    float *kept;  /* and the lane's pictures, which a plan does not keep; NULL: only one
                     view by one backbone is taken */
    const mien_backbone *backbone;
    mien_extractor *next;   /* another backbone on the same pictures; NULL: none */
    int64_t offset, stride; /* of its values in a row of all, and that row's width */
    mien_node input;
    mien_node deepest; /* nodes after it are not run */
    mien_tap *taps;
    mien_node *outputs; /* of the plan */
    int taps_count;
    int64_t width;
    int image_height, image_width;
    int64_t item_values; /* of one picture or item */
    bool mirror;
    char hash[65];
};

mien_extractor_options mien_extractor_options_default(void) {
    return (mien_extractor_options){.layers = "pool", .batch = 16};
}

static mien_status check_options(
    const mien_extractor_options *options, int height, int width) {
    const mien_backbone *backbone = options->backbone;
    if (options->batch < 1) {
        return mien_fail(
            MIEN_EINVAL, "batch %lld is less than 1", (long long)options->batch);
    }
    const int64_t *item = options->item;
    for (int d = 0; item[0] > 0 && d < backbone->item_rank; d++) {
        const bool fixed = backbone->item_fixed || d == 0;
        if (fixed ? item[d] != backbone->item[d] : item[d] < backbone->item[d]) {
            return mien_fail(MIEN_EINVAL,
                "%s: dimension %d of an item is %lld, not %lld%s", backbone->name, d,
                (long long)item[d], (long long)backbone->item[d],
                fixed ? "" : " or more");
        }
    }
    if (backbone->item_rank > 0) {
        return options->mirror
                   ? mien_fail(MIEN_EUNSUPPORTED,
                         "%s reads no pictures that could be mirrored", backbone->name)
                   : MIEN_OK;
    }
    if (height < backbone->minimum_size || width < backbone->minimum_size) {
        return mien_fail(MIEN_EINVAL,
            "%s takes pictures of %d × %d and more, not %d × %d", backbone->name,
            backbone->minimum_size, backbone->minimum_size, width, height);
    }
    return MIEN_OK;
}

/* The whole network; unused operators are left out when the plan is made. */
static mien_status build_graph(
    mien_extractor *e, const mien_extractor_options *options) {
    const mien_backbone *backbone = options->backbone;
    if (backbone->preprocess) {
        mien_preprocess usual = backbone->preprocess();
        e->image_height = options->height ? options->height : usual.crop_height;
        e->image_width = options->width ? options->width : usual.crop_width;
    }
    mien_status status = check_options(options, e->image_height, e->image_width);
    if (status == MIEN_OK) {
        status = mien_graph_new(&e->graph);
    }
    int64_t shape[MIEN_RANK_MAX];
    const int rank = mien_backbone_shape(
        backbone, e->image_height, e->image_width, options->item, shape);
    if (status == MIEN_OK) {
        e->item_values = mien_shape_count(rank - 1, shape + 1);
        status = mien_graph_input(e->graph, "input", rank, shape, &e->input);
    }
    mien_node logits;
    if (status == MIEN_OK) {
        status = backbone->build(e->graph, e->input, &logits);
    }
    return status;
}

/* Adds the pooling a tap wants, where the plan can do it on its own layout. */
static mien_status add_pooling(mien_extractor *e, int index, mien_node *node) {
    const mien_tap *tap = &e->taps[index];
    if (!tap->pooled) {
        *node = tap->node;
        return MIEN_OK;
    }
    char name[32];
    snprintf(name, sizeof name, "tap %d", index);
    if (tap->deep) {
        return mien_reduce(e->graph, name, tap->node,
            tap->pooling == MIEN_POOLING_MAX ? MIEN_REDUCE_MAX : MIEN_REDUCE_MEAN,
            (const int[]){2, 3, 4}, 3, false, node);
    }
    if (tap->pooling == MIEN_POOLING_GRID) {
        return mien_adaptive_pool2d(e->graph, name, tap->node, MIEN_POOL_AVERAGE,
            tap->grid[0], tap->grid[1], node);
    }
    mien_pool_kind kind =
        tap->pooling == MIEN_POOLING_MAX ? MIEN_POOL_MAX : MIEN_POOL_AVERAGE;
    return mien_adaptive_pool2d(e->graph, name, tap->node, kind, 1, 1, node);
}

/* Two taps may want the same node: the plan gives it once. */
static int add_output(mien_node *outputs, int *count, mien_node node) {
    for (int i = 0; i < *count; i++) {
        if (outputs[i] == node) {
            return i;
        }
    }
    outputs[*count] = node;
    return (*count)++;
}

static mien_status add_taps(mien_extractor *e, const mien_extractor_options *options,
    mien_node **outputs, int *count) {
    mien_status status = mien_layer_list_parse(e->arena, e->graph, options->backbone,
        options->layers ? options->layers : "pool", &e->taps, &e->taps_count);
    if (status != MIEN_OK) {
        return status;
    }
    mien_node *nodes = mien_arena_alloc(e->arena, (size_t)e->taps_count, sizeof *nodes);
    if (!nodes) {
        return MIEN_ENOMEM;
    }
    *count = 0;
    for (int t = 0; status == MIEN_OK && t < e->taps_count; t++) {
        mien_node node;
        mien_tap *tap = &e->taps[t];
        e->deepest = tap->node > e->deepest ? tap->node : e->deepest;
        e->width += tap->values;
        status = add_pooling(e, t, &node);
        if (status == MIEN_OK) {
            tap->output = add_output(nodes, count, node);
        }
    }
    *outputs = nodes;
    return status;
}

/* Is the parameter ("layer1.0.conv1.weight") of an operator up to the deepest tap?
 * Nodes are numbered in the order in which they were added, each after its inputs. */
static bool is_needed(void *context, const char *name) {
    const mien_extractor *e = context;
    return mien_parameter_node(e->graph, name) <= e->deepest;
}

static mien_status check_hash(mien_extractor *e, const char *path, const char *want) {
    mien_status status = mien_verified_sha256(path, e->hash);
    if (status == MIEN_OK && want && strcmp(e->hash, want) != 0) {
        status = mien_fail(MIEN_EVERIFY,
            "%s: other weights than the model was made with (SHA-256 %.12s…, not "
            "%.12s…)",
            path, e->hash, want);
    }
    return status;
}

static mien_status load_weights(mien_extractor *e, const mien_backbone *backbone,
    const char *path, const char *sha256) {
    mien_weights_options options = mien_weights_options_of(backbone);
    options.wanted = is_needed;
    options.context = e;
    mien_status status = check_hash(e, path, sha256);
    if (status == MIEN_OK) {
        status = mien_archive_open(path, &e->archive);
    }
    if (status == MIEN_OK) {
        status = mien_weights_lend(e->parameters, e->archive, &options);
        if (status != MIEN_OK) {
            mien_fail_in(status, "%s", path);
        }
    }
    return status;
}

static mien_status fill_parameters(
    mien_extractor *e, const mien_extractor_options *options) {
    mien_status status = mien_parameters_new(e->graph, &e->parameters);
    if (status != MIEN_OK) {
        return status;
    }
    if (options->weights && strcmp(options->weights, "random") == 0) {
        mien_parameters_randomize_some(
            e->parameters, options->random_seed, is_needed, e);
        return MIEN_OK;
    }
    const mien_backbone_file *file = mien_backbone_file_of(options->backbone);
    if (file && !options->weights) {
        status = check_hash(e, options->backbone->name, options->sha256);
        return status ? status
                      : mien_backbone_file_fill(file, e->parameters, "", is_needed, e);
    }
    char *cached = NULL;
    if (!options->weights) {
        status = mien_backbone_weights(options->backbone, &cached);
    }
    if (status == MIEN_OK) {
        status = load_weights(
            e, options->backbone, cached ? cached : options->weights, options->sha256);
    }
    mien_free(cached);
    return status;
}

static int64_t pixels_of(const mien_extractor *e) {
    return e->item_values;
}

static mien_status make_lanes(mien_extractor *e, const mien_extractor_options *options,
    const mien_node *outputs, int outputs_count) {
    mien_plan_set_options plans = {.batch = options->batch,
        .threads = options->threads,
        .exact = options->exact,
        .batch_statistics = options->batch_statistics,
        .whole = options->steady,
        .single = options->single,
        .outputs = outputs,
        .outputs_count = outputs_count};
    char *cache = NULL;
    /* networks that share the memory take turns */
    mien_status status = options->single ? mien_cache_directory(&cache) : MIEN_OK;
    status = status || !cache ? status : mien_directory_make(cache);
    plans.aside = cache;
    status = status ? status
                    : mien_plan_set_init(&e->plans, e->graph, e->parameters, &plans);
    mien_free(cache);
    if (status == MIEN_OK && options->mirror) {
        e->views = mien_arena_alloc(
            e->arena, (size_t)(e->plans.count * e->width), sizeof *e->views);
        status = e->views ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

/* Frees parameters that lie packed in the plans, so that they are not kept a second
 * time. */
static void drop_parameters(mien_extractor *e) {
    bool read = false;
    for (int i = 0; i < e->plans.count; i++) {
        read = read || mien_plan_describe(e->plans.plans[i]).reads_parameters;
    }
    if (!read) {
        mien_parameters_free(&e->parameters);
        mien_archive_close(&e->archive);
    }
}

static mien_status open_all(
    mien_extractor *e, const mien_extractor_options *options, bool bare) {
    int outputs_count = 0;
    mien_status status = mien_arena_new(ARENA_BLOCK, &e->arena);
    if (status == MIEN_OK) {
        status = build_graph(e, options);
    }
    if (status == MIEN_OK) {
        status = add_taps(e, options, &e->outputs, &outputs_count);
    }
    if (status == MIEN_OK) {
        status = fill_parameters(e, options);
    }
    e->mirror = options->mirror;
    e->backbone = options->backbone;
    if (status != MIEN_OK || bare) {
        return status;
    }
    status = make_lanes(e, options, e->outputs, outputs_count);
    if (status == MIEN_OK) {
        drop_parameters(e);
    }
    return status;
}

static mien_status open_one(
    const mien_extractor_options *options, bool bare, mien_extractor **extractor) {
    mien_extractor *e = mien_alloc(1, sizeof *e);
    mien_status status = e ? open_all(e, options, bare) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_extractor_close(&e);
        return status;
    }
    *extractor = e;
    return MIEN_OK;
}

/* Parts of another backbone are told apart by its name. */
static mien_status name_parts(mien_extractor *e) {
    for (int t = 0; t < e->taps_count; t++) {
        char text[256];
        snprintf(text, sizeof text, "%s/%s", e->backbone->name, e->taps[t].text);
        e->taps[t].text = mien_arena_strdup(e->arena, text);
        if (!e->taps[t].text) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

/* Backbones beside the first: of the same pictures, weights as the table pins them. */
static mien_status open_others(mien_extractor *e, const mien_member *members, int count,
    const mien_extractor_options *options, bool bare) {
    mien_status status = MIEN_OK;
    bool random = options->weights && strcmp(options->weights, "random") == 0;
    for (int m = 1; status == MIEN_OK && m < count; m++) {
        mien_extractor_options o = *options;
        o.backbone = members[m].backbone;
        o.layers = members[m].layers;
        o.weights = random ? options->weights : NULL;
        o.sha256 = members[m].backbone->weights_sha256;
        o.height = e->image_height;
        o.width = e->image_width;
        status = open_one(&o, bare, &e->next);
        if (status == MIEN_OK) {
            e = e->next;
            status = name_parts(e);
        }
    }
    return status;
}

/* Where each stands in a row of all, and the pictures that all of them look at. */
static mien_status join(mien_extractor *e) {
    int64_t width = 0;
    for (mien_extractor *m = e; m; m = m->next) {
        m->offset = width;
        width += m->width;
    }
    for (mien_extractor *m = e; m; m = m->next) {
        m->stride = width;
    }
    if ((!e->mirror && !e->next) || e->plans.count == 0) {
        return MIEN_OK;
    }
    e->kept = mien_arena_alloc(e->arena,
        (size_t)(e->plans.count * e->plans.batch * pixels_of(e)), sizeof *e->kept);
    return e->kept ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status open_members(
    const mien_extractor_options *options, bool bare, mien_extractor **extractor) {
    if (!options->backbone) {
        return mien_fail(MIEN_EINVAL, "no backbone was given");
    }
    mien_extractor *e = NULL;
    mien_extractor_options first = *options;
    mien_member *members = mien_alloc(MIEN_MEMBERS_MAX, sizeof *members);
    int count = 0;
    mien_status status =
        members ? mien_members_of(options->backbone,
                      options->layers ? options->layers : "pool", members, &count)
                : MIEN_ENOMEM;
    if (status == MIEN_OK && count > 1 &&
        !(options->weights && strcmp(options->weights, "random") == 0)) {
        int given = options->weights ? 1 : 0; /* of the first alone */
        status = mien_members_weights(members + given, count - given);
    }
    if (status == MIEN_OK) {
        first.layers = members[0].layers;
        status = open_one(&first, bare, &e);
    }
    if (status == MIEN_OK) {
        status = open_others(e, members, count, options, bare);
    }
    if (status == MIEN_OK) {
        status = join(e);
    }
    mien_free(members);
    if (status != MIEN_OK) {
        mien_extractor_close(&e);
        return status;
    }
    *extractor = e;
    return MIEN_OK;
}

mien_status mien_extractor_open(
    const mien_extractor_options *options, mien_extractor **extractor) {
    MIEN_NEED(options);
    MIEN_NEED(extractor);
    return open_members(options, false, extractor);
}

mien_status mien_extractor_open_bare(
    const mien_extractor_options *options, mien_extractor **extractor) {
    return open_members(options, true, extractor);
}

bool mien_extractor_part_at(
    const mien_extractor *extractor, int index, mien_extractor_part *part) {
    const mien_extractor *e = extractor;
    for (; e && index > 0; index--) {
        e = e->next;
    }
    if (e) {
        *part = (mien_extractor_part){.backbone = e->backbone,
            .graph = e->graph,
            .parameters = e->parameters,
            .input = e->input,
            .taps = e->taps,
            .outputs = e->outputs,
            .taps_count = e->taps_count,
            .mirror = e->mirror};
    }
    return e != NULL;
}

void mien_extractor_close(mien_extractor **extractor) {
    if (!extractor || !*extractor) {
        return;
    }
    mien_extractor *e = *extractor;
    mien_extractor_close(&e->next);
    mien_plan_set_clear(&e->plans);
    mien_parameters_free(&e->parameters);
    mien_archive_close(&e->archive);
    mien_graph_free(&e->graph);
    mien_arena_free(&e->arena);
    mien_free(e);
    *extractor = NULL;
}

int64_t mien_extractor_width(const mien_extractor *extractor) {
    MIEN_NEED_OR(0, extractor);
    return extractor->stride;
}

int mien_extractor_parts(const mien_extractor *extractor) {
    int parts = 0;
    for (const mien_extractor *e = extractor; e; e = e->next) {
        parts += e->taps_count;
    }
    return parts;
}

/* The tap of a part, whichever backbone it is of; NULL: there is none. */
static const mien_tap *part_of(const mien_extractor *e, int part) {
    while (e && part >= e->taps_count) {
        part -= e->taps_count;
        e = e->next;
    }
    return e && part >= 0 ? &e->taps[part] : NULL;
}

int64_t mien_extractor_part_width(const mien_extractor *extractor, int part) {
    const mien_tap *tap = part_of(extractor, part);
    return tap ? tap->values : 0;
}

const char *mien_extractor_part_name(const mien_extractor *extractor, int part) {
    const mien_tap *tap = part_of(extractor, part);
    return tap ? tap->text : NULL;
}

const char *mien_extractor_hash(const mien_extractor *extractor) {
    MIEN_NEED_OR(NULL, extractor);
    return extractor->hash;
}

int mien_extractor_image_height(const mien_extractor *extractor) {
    MIEN_NEED_OR(0, extractor);
    return extractor->image_height;
}

int mien_extractor_image_width(const mien_extractor *extractor) {
    MIEN_NEED_OR(0, extractor);
    return extractor->image_width;
}

static void copy_mirrored(const float *from, int64_t rows, int64_t width, float *to) {
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t w = 0; w < width; w++) {
            to[r * width + w] = from[r * width + width - 1 - w];
        }
    }
}

static float deviation(const float *values, int64_t n) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (double)values[i];
    }
    double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++) {
        double d = (double)values[i] - mean;
        squares += d * d;
    }
    return (float)sqrt(squares / (double)n);
}

/* One picture's values of one tap out of what the plan gave for it. */
static void take(const mien_tap *tap, const float *from, bool mirrored, float *to) {
    int64_t area = tap->height * tap->width;
    if (tap->pooling == MIEN_POOLING_SD) {
        for (int64_t c = 0; c < tap->channels; c++) {
            to[c] = deviation(from + c * area, area);
        }
    } else if (tap->pooling == MIEN_POOLING_MAP && mirrored) {
        copy_mirrored(from, tap->channels * tap->height, tap->width, to);
    } else if (tap->pooling == MIEN_POOLING_GRID && mirrored) {
        copy_mirrored(from, tap->channels * tap->grid[0], tap->grid[1], to);
    } else {
        memcpy(to, from, (size_t)tap->values * sizeof *to);
    }
}

/* All taps of picture i of the batch, one after the other. */
static void take_all(
    const mien_extractor *e, int lane, int64_t i, bool mirrored, float *row) {
    for (int t = 0; t < e->taps_count; t++) {
        const mien_tap *tap = &e->taps[t];
        const mien_tensor *output = mien_plan_output(e->plans.plans[lane], tap->output);
        int64_t step = mien_tensor_count(output) / e->plans.batch;
        take(tap, (const float *)output->data + i * step, mirrored, row);
        row += tap->values;
    }
}

/* The pictures are in the plan's memory. */
static mien_status run_view(
    const mien_extractor *e, int lane, int64_t n, bool mirrored, float *features) {
    mien_status status = mien_plan_run(e->plans.plans[lane]);
    if (status != MIEN_OK) {
        return status;
    }
    float *view = mirrored ? e->views + lane * e->width : NULL;
    for (int64_t i = 0; i < n; i++) {
        float *row = features + i * e->stride + e->offset;
        take_all(e, lane, i, mirrored, mirrored ? view : row);
        for (int64_t k = 0; mirrored && k < e->width; k++) {
            row[k] = 0.5f * (row[k] + view[k]);
        }
    }
    return MIEN_OK;
}

/* The state of one call. */
typedef struct extraction {
    const mien_extractor *e;
    mien_extractor_fill *fill;
    void *context;
    float *features;
} extraction;

/* Runs both views of the pictures in the plan's memory; kept: the same pictures. */
static mien_status run_views(
    const mien_extractor *e, int lane, int64_t count, const float *kept, float *to) {
    float *input = mien_plan_input(e->plans.plans[lane], e->input);
    mien_status status = run_view(e, lane, count, false, to);
    if (status == MIEN_OK && e->mirror) {
        copy_mirrored(kept, count * 3 * e->image_height, e->image_width, input);
        status = run_view(e, lane, count, true, to);
    }
    return status;
}

/* Pictures as one backbone takes them, for another. */
static void renormalise(const mien_extractor *from, const mien_extractor *to,
    const float *pictures, int64_t count, float *out) {
    const mien_preprocess p = from->backbone->preprocess();
    const mien_preprocess q = to->backbone->preprocess();
    int64_t area = (int64_t)from->image_height * from->image_width;
    for (int64_t i = 0; i < 3 * count; i++) {
        int c = (int)(i % 3), s = p.bgr == q.bgr ? c : 2 - c;
        double a = p.deviation[s] * q.scale / (p.scale * q.deviation[c]);
        double b = (p.mean[s] * q.scale / p.scale - q.mean[c]) / q.deviation[c];
        const float *x = pictures + (i - c + s) * area;
        for (int64_t k = 0; k < area; k++) {
            out[i * area + k] = (float)(a * (double)x[k] + b);
        }
    }
}

static mien_status run_share(void *context, int lane, int64_t first, int64_t count) {
    const extraction *x = context;
    const mien_extractor *e = x->e;
    float *input = mien_plan_input(e->plans.plans[lane], e->input);
    float *to = x->features + first * e->stride;
    int64_t pixels = pixels_of(e);
    mien_status status = x->fill(x->context, first, count, input);
    if (status == MIEN_OK && !e->kept) {
        return run_view(e, lane, count, false, to);
    }
    float *kept = e->kept + lane * e->plans.batch * pixels;
    if (status == MIEN_OK) {
        memcpy(kept, input, (size_t)(count * pixels) * sizeof *kept);
        status = run_views(e, lane, count, kept, to);
    }
    for (const mien_extractor *m = e->next; status == MIEN_OK && m; m = m->next) {
        float *own = mien_plan_input(m->plans.plans[lane], m->input);
        renormalise(e, m, kept, count, own);
        if (m->mirror) {
            memcpy(kept, own, (size_t)(count * pixels) * sizeof *kept);
        }
        status = run_views(m, lane, count, kept, to);
        e = m->mirror ? m : e; /* what is kept is as this one takes it */
    }
    return status;
}

mien_status mien_extractor_run_filled(mien_extractor *extractor, int64_t n,
    mien_extractor_fill *fill, void *context, float *features) {
    extraction x = {extractor, fill, context, features};
    mien_status status = mien_plan_set_run(&extractor->plans, n, run_share, &x);
    for (int i = 0; i < extractor->plans.count; i++) {
        mien_plan_rest(extractor->plans.plans[i]);
    }
    return status;
}

/* Pictures that are in memory already. */
typedef struct held {
    const float *images;
    int64_t pixels;
} held;

static mien_status fill_held(
    void *context, int64_t first, int64_t count, float *images) {
    const held *h = context;
    memcpy(images, h->images + first * h->pixels,
        (size_t)(count * h->pixels) * sizeof *images);
    return MIEN_OK;
}

mien_status mien_extractor_run(
    mien_extractor *extractor, const float *images, int64_t n, float *features) {
    MIEN_NEED(extractor, images || n < 1, features || n < 1);
    held h = {images, pixels_of(extractor)};
    return mien_extractor_run_filled(extractor, n, fill_held, &h, features);
}
