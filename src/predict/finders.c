/* SPDX-License-Identifier: MIT */
/* Faces of a picture, whatever network finds them. In comes a picture of any size; out
 * goes a list of faces in its pixels, each once. Called for every picture of `mien
 * extract --faces` and `mien predict` on faces, and for some frames of a film.
 *
 * The network looks at the picture scaled down to a canvas, a second time at a larger
 * one if the picture is large (small faces), and in tiles where that is asked for. What
 * all of them find is put together by its scores: of boxes that overlap the best stays.
 */
#include "predict/finder.h"
#include "base/need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mien/signal.h"

enum { SECOND = 1600, TILE = 640, TILE_OVERLAP = 128, CANDIDATES_MAX = 5000 };

static const mien_finder_kind *const rows[] = {
#define X(name) &mien_finder_kind_##name,
#include "predict/finders.def"
#undef X
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

struct mien_finder {
    const mien_finder_kind *kind;
    mien_finder_options options;
    void *own;
    char hash[65];
    mien_candidates found, kept; /* of the picture; of one look */
    mien_face *faces;
    int64_t faces_room;
};

int mien_finder_kind_count(void) {
    return ROWS;
}

const char *mien_finder_kind_name(int index) {
    return index >= 0 && index < ROWS ? rows[index]->name : NULL;
}

const char *mien_finder_kind_summary(int index) {
    return index >= 0 && index < ROWS ? rows[index]->summary : NULL;
}

mien_finder_options mien_finder_options_default(void) {
    return (mien_finder_options){.name = "yunet",
        .size = 640,
        .second = true,
        .score = 0.7,
        .overlap = 0.3,
        .minimum = 24,
        .threads = mien_cpu_count()};
}

static mien_status check_options(const mien_finder_options *o) {
    if (o->size != 0 && (o->size < 32 || o->size > 4096)) {
        return mien_fail(MIEN_EINVAL, "faces: size %d is not 0 or 32-4096", o->size);
    }
    if (!(o->score > 0 && o->score <= 1) || !(o->overlap >= 0 && o->overlap <= 1)) {
        return mien_fail(MIEN_EINVAL,
            "faces: score %g and overlap %g have to be between 0 and 1", o->score,
            o->overlap);
    }
    return o->minimum >= 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "faces: minimum %g is below 0", o->minimum);
}

mien_status mien_finder_open(const mien_finder_options *options, mien_finder **finder) {
    MIEN_NEED(finder);
    mien_finder_options o = options ? *options : mien_finder_options_default();
    const mien_finder_kind *kind = NULL;
    mien_status status = check_options(&o);
    for (int i = 0; i < ROWS && !kind; i++) {
        kind = strcmp(rows[i]->name, o.name ? o.name : rows[0]->name) == 0 ? rows[i]
                                                                           : NULL;
    }
    if (status == MIEN_OK && !kind) {
        status = mien_fail(MIEN_ENOTFOUND, "no finder of faces is called \"%s\": %s",
            o.name, rows[0]->name);
    }
    mien_finder *f = status == MIEN_OK ? mien_alloc(1, sizeof *f) : NULL;
    if (!f) {
        return status == MIEN_OK ? MIEN_ENOMEM : status;
    }
    f->kind = kind;
    f->options = o;
    status = kind->open(&o, f->hash, &f->own);
    if (status != MIEN_OK) {
        mien_finder_close(&f);
        return status;
    }
    *finder = f;
    return MIEN_OK;
}

void mien_finder_close(mien_finder **finder) {
    if (!finder || !*finder) {
        return;
    }
    mien_finder *f = *finder;
    if (f->own) {
        f->kind->close(&f->own);
    }
    mien_free(f->found.items);
    mien_free(f->kept.items);
    mien_free(f->faces);
    mien_free(f);
    *finder = NULL;
}

int mien_finder_plans(const mien_finder *finder) {
    MIEN_NEED_OR(0, finder);
    return finder->kind->plans(finder->own);
}

const char *mien_finder_hash(const mien_finder *finder) {
    MIEN_NEED_OR(NULL, finder);
    return finder->hash;
}

mien_status mien_candidates_add(
    mien_candidates *candidates, const mien_candidate *candidate) {
    mien_candidates *c = candidates;
    if (c->count == c->room) {
        int64_t room = c->room ? 2 * c->room : 64;
        mien_candidate *items =
            mien_realloc(c->items, (size_t)c->room, (size_t)room, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        c->items = items;
        c->room = room;
    }
    c->items[c->count++] = *candidate;
    return MIEN_OK;
}

/* ---- each face once ---------------------------------------------------------------
 */

static int by_score(const void *a, const void *b) {
    const mien_candidate *x = a, *y = b;
    if (x->face.score != y->face.score) {
        return x->face.score < y->face.score ? 1 : -1;
    }
    if (x->stride != y->stride) {
        return x->stride < y->stride ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

/* Leaves, of boxes that overlap, the one with the best score; in their order. */
static void suppress(mien_candidates *c, double overlap) {
    int64_t kept = 0;
    qsort(c->items, (size_t)c->count, sizeof *c->items, by_score);
    c->count = c->count < CANDIDATES_MAX ? c->count : CANDIDATES_MAX;
    for (int64_t i = 0; i < c->count; i++) {
        bool alone = true;
        for (int64_t k = 0; alone && k < kept; k++) {
            alone = mien_face_overlap(c->items[k].face.box, c->items[i].face.box) <=
                    overlap;
        }
        if (alone) {
            c->items[kept++] = c->items[i];
        }
    }
    c->count = kept;
}

/* ---- looking ----------------------------------------------------------------------
 */

static bool is_finite(const mien_face *face) {
    bool finite = isfinite(face->score);
    for (int i = 0; i < 4; i++) {
        finite = finite && isfinite(face->box[i]);
    }
    for (int i = 0; i < 10; i++) {
        finite = finite && isfinite(face->points[i]);
    }
    return finite && face->box[2] > 0 && face->box[3] > 0;
}

/* From the canvas into the picture: scaled, then moved. */
static void map_back(mien_face *face, const double scale[2], const double move[2]) {
    for (int i = 0; i < 4; i++) {
        face->box[i] = face->box[i] * scale[i % 2] + (i < 2 ? move[i] : 0);
    }
    for (int i = 0; i < 10; i++) {
        face->points[i] = face->points[i] * scale[i % 2] + move[i % 2];
    }
}

/* One look; what it finds is added with each face once, as far as it lies away from the
 * canvas' inner edges (a bit each: left, top, right, bottom). */
static mien_status look(mien_finder *f, const mien_tensor *canvas,
    const double scale[2], const double move[2], int edges) {
    f->kept.count = 0;
    mien_status status = f->kind->look(f->own, canvas, f->options.score, &f->kept);
    if (status == MIEN_OK && f->kept.count > 0) {
        suppress(&f->kept, f->options.overlap);
    }
    double width = (double)canvas->shape[1], height = (double)canvas->shape[0];
    for (int64_t i = 0; status == MIEN_OK && i < f->kept.count; i++) {
        mien_candidate c = f->kept.items[i];
        const double *b = c.face.box;
        bool cut = (edges & 1 && b[0] <= 0) || (edges & 2 && b[1] <= 0) ||
                   (edges & 4 && b[0] + b[2] >= width) ||
                   (edges & 8 && b[1] + b[3] >= height);
        map_back(&c.face, scale, move);
        if (!cut && is_finite(&c.face)) {
            status = mien_candidates_add(&f->found, &c);
        }
    }
    return status;
}

static int rounded(double size) {
    int whole = (int)floor(size + 0.5);
    return whole < 1 ? 1 : whole;
}

/* The whole picture, its long side brought down to `size` (0: as it is). */
static mien_status look_whole(mien_finder *f, const mien_tensor *image, int size) {
    const double none[2] = {0, 0}, one[2] = {1, 1};
    double width = (double)image->shape[1], height = (double)image->shape[0];
    double factor = size > 0 ? fmin(1, size / fmax(width, height)) : 1;
    if (factor >= 1) {
        return look(f, image, one, none, 0);
    }
    int to[2] = {rounded(width * factor), rounded(height * factor)};
    const double scale[2] = {width / to[0], height / to[1]};
    mien_tensor *canvas = NULL;
    mien_status status =
        mien_image_resize(image, to[1], to[0], MIEN_RESIZE_BILINEAR, NULL, &canvas);
    if (status == MIEN_OK) {
        status = look(f, canvas, scale, none, 0);
    }
    mien_tensor_free(&canvas);
    return status;
}

static mien_status look_at_tile(
    mien_finder *f, const mien_tensor *image, int64_t left, int64_t top) {
    int64_t height = image->shape[0], width = image->shape[1];
    int64_t right = left + TILE < width ? left + TILE : width;
    int64_t bottom = top + TILE < height ? top + TILE : height;
    const int64_t shape[3] = {bottom - top, right - left, 3};
    const double one[2] = {1, 1}, move[2] = {(double)left, (double)top};
    int edges =
        (left > 0) | (top > 0) << 1 | (right < width) << 2 | (bottom < height) << 3;
    mien_tensor *tile = NULL;
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &tile);
    for (int64_t y = top; status == MIEN_OK && y < bottom; y++) {
        memcpy((uint8_t *)tile->data + (y - top) * 3 * shape[1],
            (const uint8_t *)image->data + 3 * (y * width + left),
            (size_t)(3 * shape[1]));
    }
    if (status == MIEN_OK) {
        status = look(f, tile, one, move, edges);
    }
    mien_tensor_free(&tile);
    return status;
}

static mien_status look_at_tiles(mien_finder *f, const mien_tensor *image) {
    enum { STEP = TILE - TILE_OVERLAP };
    mien_status status = MIEN_OK;
    for (int64_t top = 0; status == MIEN_OK; top += STEP) {
        for (int64_t left = 0; status == MIEN_OK; left += STEP) {
            status = look_at_tile(f, image, left, top);
            if (left + TILE >= image->shape[1]) {
                break;
            }
        }
        if (top + TILE >= image->shape[0]) {
            break;
        }
    }
    return status;
}

/* ---- the list ---------------------------------------------------------------------
 */

static mien_status list_faces(mien_finder *f, int64_t *count) {
    if (f->found.count > f->faces_room) {
        mien_face *faces = mien_realloc(
            f->faces, (size_t)f->faces_room, (size_t)f->found.count, sizeof *faces);
        if (!faces) {
            return MIEN_ENOMEM;
        }
        f->faces = faces;
        f->faces_room = f->found.count;
    }
    *count = 0;
    for (int64_t i = 0; i < f->found.count; i++) {
        const mien_face *face = &f->found.items[i].face;
        if (fmin(face->box[2], face->box[3]) >= f->options.minimum) {
            f->faces[(*count)++] = *face;
        }
    }
    return MIEN_OK;
}

mien_status mien_finder_find(mien_finder *finder, const mien_tensor *image,
    const mien_face **faces, int64_t *count) {
    MIEN_NEED(finder, image, faces, count);
    mien_finder *f = finder;
    char text[96];
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] < 1 || image->shape[1] < 1) {
        return mien_fail(MIEN_ESHAPE,
            "faces are found in pictures [H, W, 3] u8, not in %s",
            mien_shape_text(image->rank, image->shape, text, sizeof text));
    }
    const mien_finder_options *o = &f->options;
    int64_t side =
        image->shape[0] > image->shape[1] ? image->shape[0] : image->shape[1];
    f->found.count = 0;
    mien_status status = look_whole(f, image, o->size);
    if (status == MIEN_OK && o->second && o->size > 0 && o->size < SECOND &&
        side > SECOND) {
        status = look_whole(f, image, SECOND);
    }
    if (status == MIEN_OK && o->tiles && o->size > 0 && side > o->size) {
        status = look_at_tiles(f, image);
    }
    if (status == MIEN_OK && f->found.count > 0) {
        suppress(&f->found, o->overlap);
    }
    if (status == MIEN_OK) {
        status = list_faces(f, count);
        *faces = f->faces;
    }
    return status;
}
