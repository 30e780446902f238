/* SPDX-License-Identifier: MIT */
/* YuNet as a finder: runs models/backbones/model_yunet.c over a canvas and reads its
 * maps.
 *
 * Of place (r, c) of the map of stride s, with b the four values of bbox and k the ten
 * of kps:
 *
 *     score = sqrt(sigmoid(cls) sigmoid(obj))
 *     centre = ((c + b0) s, (r + b1) s),  size = (exp(b2) s, exp(b3) s)
 *     point i = ((k[2i] + c) s, (k[2i + 1] + r) s)
 *
 * A plan is compiled for one size of canvas; the last few are kept. */
#include "predict/finder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/models.h"
#include "models/backbones/yunet.h"
#include "predict/planes.h"

enum { STEP = 32, LEVELS = MIEN_YUNET_LEVELS, PLANS_MAX = 8 };
/* Where the channels of a map begin. */
enum { CLS = 0, OBJ = 1, BBOX = 2, KPS = 6 };

/* The network for one size of canvas. */
typedef struct canvas {
    int height, width; /* multiples of STEP */
    mien_graph *graph;
    mien_parameters *parameters;
    mien_plan *plan;
    mien_node input;
    int64_t used; /* when it was used last */
} canvas;

typedef struct yunet {
    canvas weights; /* the smallest network, whose parameters the others copy */
    canvas canvases[PLANS_MAX];
    int count;
    int64_t uses;
    int threads;
} yunet;

static void canvas_clear(canvas *c) {
    mien_plan_free(&c->plan);
    mien_parameters_free(&c->parameters);
    mien_graph_free(&c->graph);
    *c = (canvas){0};
}

/* The network as it was published, only to read its weights. */
static mien_status build(const mien_backbone *backbone, canvas *c) {
    const int64_t shape[] = {MIEN_BATCH, 3, STEP, STEP};
    mien_node last;
    mien_status status = mien_graph_new(&c->graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(c->graph, "input", 4, shape, &c->input);
    }
    if (status == MIEN_OK) {
        status = backbone->build(c->graph, c->input, &last);
    }
    return status == MIEN_OK ? mien_parameters_new(c->graph, &c->parameters) : status;
}

static mien_status load_weights(const mien_backbone *backbone, char *hash, yunet *y) {
    char *path = NULL;
    mien_archive *archive = NULL;
    mien_status status = build(backbone, &y->weights);
    if (status == MIEN_OK) {
        status = mien_backbone_weights(backbone, &path);
    }
    if (status == MIEN_OK) {
        status = mien_archive_open(path, &archive);
    }
    if (status == MIEN_OK) {
        status = mien_weights_load(y->weights.parameters, archive, NULL);
    }
    snprintf(hash, 65, "%s", backbone->weights_sha256);
    mien_archive_close(&archive);
    mien_free(path);
    return status;
}

static void close(void **own) {
    yunet *y = *own;
    for (int i = 0; i < y->count; i++) {
        canvas_clear(&y->canvases[i]);
    }
    canvas_clear(&y->weights);
    mien_free(y);
    *own = NULL;
}

static mien_status open(const mien_finder_options *options, char *hash, void **own) {
    const mien_backbone *backbone = NULL;
    yunet *y = mien_alloc(1, sizeof *y);
    if (!y) {
        return MIEN_ENOMEM;
    }
    *own = y;
    y->threads = options->threads > 0 ? options->threads : mien_cpu_count();
    mien_status status = mien_backbone_find("yunet", &backbone);
    if (status == MIEN_OK) {
        status = load_weights(backbone, hash, y);
    }
    if (status != MIEN_OK) {
        close(own);
    }
    return status;
}

static int plans(const void *own) {
    return ((const yunet *)own)->count;
}

/* ---- plans ------------------------------------------------------------------------
 */

static mien_status compile(const yunet *y, int height, int width, canvas *c) {
    const int64_t shape[] = {MIEN_BATCH, 3, height, width};
    mien_node outputs[LEVELS];
    mien_plan_options o = mien_plan_options_default();
    c->height = height;
    c->width = width;
    mien_status status = mien_graph_new(&c->graph);
    if (status == MIEN_OK) {
        status = mien_graph_input(c->graph, "input", 4, shape, &c->input);
    }
    if (status == MIEN_OK) {
        status = mien_yunet_build(c->graph, c->input, outputs);
    }
    if (status == MIEN_OK) {
        status = mien_parameters_new(c->graph, &c->parameters);
    }
    if (status != MIEN_OK) {
        return status;
    }
    mien_yunet_copy(y->weights.parameters, c->parameters);
    o.threads = y->threads;
    o.outputs = outputs;
    o.outputs_count = LEVELS;
    o.measure = false;
    o.micro_batch = 1;
    return mien_plan_new(c->graph, c->parameters, &o, &c->plan);
}

/* The plan for this size: a kept one, or a new one in the place of the least used. */
static mien_status find_canvas(yunet *y, int height, int width, canvas **found) {
    int oldest = 0;
    for (int i = 0; i < y->count; i++) {
        canvas *c = &y->canvases[i];
        if (c->height == height && c->width == width) {
            c->used = ++y->uses;
            *found = c;
            return MIEN_OK;
        }
        oldest = c->used < y->canvases[oldest].used ? i : oldest;
    }
    canvas made = {0};
    int at = y->count < PLANS_MAX ? y->count : oldest;
    if (at < y->count) {
        canvas_clear(&y->canvases[at]);
        y->canvases[at] = y->canvases[--y->count];
        at = y->count;
    }
    mien_status status = compile(y, height, width, &made);
    if (status != MIEN_OK) {
        canvas_clear(&made);
        return status;
    }
    made.used = ++y->uses;
    y->canvases[at] = made;
    y->count = at + 1;
    *found = &y->canvases[at];
    return MIEN_OK;
}

/* ---- one look ---------------------------------------------------------------------
 */

/* The picture top left as planes of blue, green and red, zeros around it. */
static void fill_input(const canvas *c, const mien_tensor *image, float *input) {
    int64_t height = image->shape[0], width = image->shape[1];
    int64_t plane = (int64_t)c->height * c->width;
    const uint8_t *pixels = image->data;
    for (int64_t y = 0; y < c->height; y++) {
        float *blue = input + y * c->width, *green = blue + plane, *red = green + plane;
        const uint8_t *from = pixels + 3 * y * width;
        int64_t filled = y < height ? width : 0;
        size_t rest = (size_t)(c->width - filled) * sizeof *red;
        mien_planes_row(from, filled, red, green, blue);
        memset(red + filled, 0, rest);
        memset(green + filled, 0, rest);
        memset(blue + filled, 0, rest);
    }
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* Values of one stride's map, [1, 16, rows, columns]. */
typedef struct level {
    const float *map;
    int stride;
    int64_t rows, columns;
} level;

static void read_face(const level *l, int64_t i, double score, mien_candidate *c) {
    int64_t area = l->rows * l->columns;
    double s = l->stride, row = (double)(i / l->columns),
           column = (double)(i % l->columns);
    double b[4];
    for (int k = 0; k < 4; k++) {
        b[k] = (double)l->map[(BBOX + k) * area + i];
    }
    double width = exp(b[2]) * s, height = exp(b[3]) * s;
    *c = (mien_candidate){.stride = l->stride, .index = i};
    c->face.score = score;
    c->face.box[0] = (column + b[0]) * s - width / 2;
    c->face.box[1] = (row + b[1]) * s - height / 2;
    c->face.box[2] = width;
    c->face.box[3] = height;
    for (int k = 0; k < 10; k++) {
        double at = (double)l->map[(KPS + k) * area + i];
        c->face.points[k] = (at + (k % 2 ? row : column)) * s;
    }
}

static mien_status read_level(const level *l, double least, mien_candidates *found) {
    int64_t area = l->rows * l->columns;
    const float *cls = l->map + CLS * area, *obj = l->map + OBJ * area;
    /* neither sigmoid may be below least², or their product is: a little less, for
     * rounding */
    float enough = least * least < 1
                       ? (float)(log(least * least / (1 - least * least)) - 1e-3)
                       : 0;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < area; i++) {
        if (cls[i] < enough || obj[i] < enough) {
            continue;
        }
        double score = sqrt(sigmoid((double)cls[i]) * sigmoid((double)obj[i]));
        if (score >= least) {
            mien_candidate c;
            read_face(l, i, score, &c);
            status = mien_candidates_add(found, &c);
        }
    }
    return status;
}

static mien_status look(
    void *own, const mien_tensor *image, double score, mien_candidates *found) {
    enum { AREA_MAX = 16 << 20 };
    yunet *y = own;
    canvas *c = NULL;
    int64_t height = (image->shape[0] + STEP - 1) / STEP * STEP;
    int64_t width = (image->shape[1] + STEP - 1) / STEP * STEP;
    if (height > AREA_MAX / width) {
        return mien_fail(MIEN_ELIMIT,
            "%lld x %lld pixels are too many to look for faces in at once: "
            "give a size to scale down to",
            (long long)image->shape[1], (long long)image->shape[0]);
    }
    mien_status status = find_canvas(y, (int)height, (int)width, &c);
    if (status == MIEN_OK) {
        fill_input(c, image, mien_plan_input(c->plan, c->input));
        status = mien_plan_run(c->plan);
    }
    for (int k = 0; status == MIEN_OK && k < LEVELS; k++) {
        level l = {.stride = 8 << k,
            .rows = c->height / (8 << k),
            .columns = c->width / (8 << k)};
        l.map = mien_plan_output(c->plan, k)->data;
        status = read_level(&l, score, found);
    }
    return status;
}

const mien_finder_kind mien_finder_kind_yunet = {
    .name = "yunet",
    .summary = "YuNet (Wu, Peng & Yu 2023): boxes and five points, Apache-2.0",
    .open = open,
    .close = close,
    .look = look,
    .plans = plans,
};
