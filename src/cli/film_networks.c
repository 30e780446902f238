/* SPDX-License-Identifier: MIT */
/* The families of a film that networks compute: ResNet-50, I3D, FlowNetS, VGGish.
 *
 * In: pictures of a film, of which each family keeps its own resized bytes until a
 * segment is complete, or the segment's sound. Out: one row a segment. Weights are
 * those that `mien models pull` has put in the cache. Called through the table in
 * film_families.c. */
#include "cli/film_families.h"

#include <stdio.h>
#include <string.h>

#include "models/extractor.h"

enum { SHORT_SIDE = 224, I3D_SHORT = 256, PLANE_MAX = 4096, PICTURES = 4 };

/* A network, and how pictures become what it reads. */
typedef struct network {
    mien_extractor *run;
    mien_preprocess preprocess;
    mien_preprocessor *pictures;
    int64_t frames; /* of the clip that `run` is made for */
    float *rows;    /* [rows_room, width] */
    int64_t rows_room;
    const uint8_t *const *kept; /* of the segment at hand */
    char hash[65];
    /* VGGish */
    mien_logmel *logmel;
    float *examples;
    int64_t examples_room;
    mien_tensor *vectors, *means;
    char pca_hash[65];
} network;

/* ---- what the families share ----------------------------------------------------- */

static void network_close(cli_extraction *e) {
    network *n = e->state;
    mien_extractor_close(&n->run);
    mien_preprocessor_free(&n->pictures);
    mien_logmel_free(&n->logmel);
    mien_tensor_free(&n->vectors);
    mien_tensor_free(&n->means);
    mien_free(n->examples);
    mien_free(n->rows);
    mien_free(n);
}

/* The weights file of a backbone: from "BACKBONE=FILE,…" if that names it, else from
 * the cache. */
mien_status cli_family_weights(
    const cli_film_settings *settings, const char *backbone, char **path) {
    const mien_backbone *row = NULL;
    const size_t length = strlen(backbone);
    const char *list = settings->weights;
    while (list && *list) {
        const size_t all = strcspn(list, ",");
        if (strncmp(list, backbone, length) == 0 && list[length] == '=') {
            *path = mien_strndup(list + length + 1, all - length - 1);
            return *path ? MIEN_OK : MIEN_ENOMEM;
        }
        list += all + (list[all] == ',');
    }
    mien_status status = mien_backbone_find(backbone, &row);
    return status ? status : mien_backbone_weights(row, path);
}

/* FlowNetS and VGGish have no batch-norms. */
static bool uses_batch(const cli_extraction *e) {
    const char *backbone = e->family->backbone;
    return e->settings.batch_statistics &&
           (strcmp(backbone, "resnet50") == 0 || strcmp(backbone, "i3d") == 0);
}

/* Opens the network for items of this size (NULL: pictures of `side`). */
static mien_status open_run(cli_extraction *e, const char *backbone,
    const int64_t *item, int side, int64_t batch, const char *layer) {
    network *n = e->state;
    char *weights = NULL;
    mien_extractor_options o = mien_extractor_options_default();
    mien_status status = mien_backbone_find(backbone, &o.backbone);
    status = status ? status : cli_family_weights(&e->settings, backbone, &weights);
    o.weights = weights;
    o.layers = layer;
    o.height = o.width = side;
    o.batch = batch;
    o.threads = e->settings.threads;
    o.exact = e->settings.exact;
    o.batch_statistics = uses_batch(e);
    o.steady = true;
    o.single = true; /* several networks share the memory */
    if (item) {
        memcpy(o.item, item, sizeof o.item);
    }
    mien_extractor_close(&n->run);
    status = status ? status : mien_extractor_open(&o, &n->run);
    if (status == MIEN_OK) {
        snprintf(n->hash, sizeof n->hash, "%s", mien_extractor_hash(n->run));
    }
    mien_free(weights);
    return status;
}

static mien_status open_state(cli_extraction *e, int64_t width) {
    e->state = mien_alloc(1, sizeof(network));
    e->rank = 1;
    e->shape[0] = width;
    return e->state ? MIEN_OK : MIEN_ENOMEM;
}

/* Begins a family over pictures: it keeps of each picture what the preprocessing
 * keeps. */
static mien_status begin_pictures(cli_extraction *e) {
    network *n = e->state;
    mien_preprocessor_free(&n->pictures);
    e->frame_bytes = (size_t)3 * (size_t)n->preprocess.crop_height *
                     (size_t)n->preprocess.crop_width;
    return mien_preprocessor_new(&n->preprocess, &n->pictures);
}

static mien_status keep(cli_extraction *e, const mien_tensor *image, uint8_t *kept) {
    network *n = e->state;
    return mien_preprocessor_keep(n->pictures, image, kept);
}

/* The size with this short side that Pillow's users cut to: the long one is rounded
 * down. */
static mien_status resized(
    mien_preprocess *p, int64_t height, int64_t width, int short_side) {
    const int64_t least = height < width ? height : width;
    const int64_t side = short_side > 0 ? short_side : least;
    p->fit = MIEN_FIT_SQUASH;
    p->crop_height = (int)(height == least ? side : side * height / width);
    p->crop_width = (int)(height == least ? side * width / height : side);
    if (p->crop_height > PLANE_MAX || p->crop_width > PLANE_MAX) {
        return mien_fail(MIEN_ELIMIT,
            "pictures of %lld × %lld: networks take sides up "
            "to %d",
            (long long)width, (long long)height, (int)PLANE_MAX);
    }
    return mien_preprocess_check(p);
}

static mien_status rows_for(network *n, int64_t count, int64_t width) {
    if (count <= n->rows_room) {
        return MIEN_OK;
    }
    mien_free(n->rows);
    n->rows_room = 0;
    n->rows = mien_alloc((size_t)(count * width), sizeof *n->rows);
    n->rows_room = n->rows ? count : 0;
    return n->rows ? MIEN_OK : MIEN_ENOMEM;
}

/* The mean of rows, each as often as it counts: the last one `last` times. */
static void mean_of(
    const float *rows, int64_t count, int64_t width, int last, float *values) {
    for (int64_t k = 0; k < width; k++) {
        double sum = 0;
        for (int64_t i = 0; i < count; i++) {
            sum += (double)rows[i * width + k];
        }
        sum += (last - 1) * (double)rows[(count - 1) * width + k];
        values[k] = (float)(sum / (double)(count + last - 1));
    }
}

static void describe_pictures(const cli_extraction *e, mien_value *map) {
    const cli_film_settings *s = &e->settings;
    mien_value_set(map, "frames", mien_value_new_int(s->frames));
    mien_value_set(map, "frame_rate",
        s->frame_rate_hz > 0 ? mien_value_new_number(s->frame_rate_hz)
                             : mien_value_new_text("native"));
    mien_value_set(map, "resize", mien_value_new_text("bilinear"));
    mien_value_set(map, "colour",
        mien_value_new_text("swscale bicubic, matrix and range of the film"));
}

static mien_value *describe(const cli_extraction *e, const char *backbone) {
    const network *n = e->state;
    mien_value *map = mien_value_new_map();
    mien_value_set(map, "feature", mien_value_new_text(e->family->name));
    mien_value_set(map, "backbone", mien_value_new_text(backbone));
    mien_value_set(map, "weights_sha256", mien_value_new_text(n->hash));
    mien_value_set(
        map, "statistics", mien_value_new_text(uses_batch(e) ? "batch" : "eval"));
    mien_value_set(map, "convolutions",
        mien_value_new_text(e->settings.exact ? "direct" : "fast"));
    if (e->family->least_frames) {
        describe_pictures(e, map);
    }
    return map;
}

/* ---- ResNet-50 ------------------------------------------------------------------- */

static mien_status resnet_open(cli_extraction *e) {
    mien_status status = open_state(e, 2048);
    if (status == MIEN_OK) {
        network *n = e->state;
        n->preprocess = mien_preprocess_imagenet();
        n->preprocess.size = SHORT_SIDE;
        status = open_run(e, "resnet50", NULL, SHORT_SIDE, PICTURES, "pool");
    }
    return status;
}

static mien_status resnet_begin(cli_extraction *e, int64_t height, int64_t width) {
    (void)height;
    (void)width;
    return begin_pictures(e);
}

static mien_status fill_pictures(
    void *context, int64_t first, int64_t count, float *images) {
    const network *n = context;
    const int64_t values = (int64_t)3 * SHORT_SIDE * SHORT_SIDE;
    for (int64_t i = 0; i < count; i++) {
        mien_preprocessor_spread(
            n->pictures, n->kept[first + i], false, images + i * values);
    }
    return MIEN_OK;
}

static mien_status resnet_run(
    cli_extraction *e, const uint8_t *const *frames, int64_t count, float *values) {
    network *n = e->state;
    mien_status status = rows_for(n, count, e->shape[0]);
    n->kept = frames;
    if (status == MIEN_OK && uses_batch(e) && n->frames != count) {
        status = open_run(e, "resnet50", NULL, SHORT_SIDE, count, "pool");
        n->frames = status == MIEN_OK ? count : 0;
    }
    status = status
                 ? status
                 : mien_extractor_run_filled(n->run, count, fill_pictures, n, n->rows);
    if (status == MIEN_OK) {
        mean_of(n->rows, count, e->shape[0], 1, values);
    }
    return status;
}

static mien_value *resnet_contract(const cli_extraction *e) {
    mien_value *map = describe(e, "resnet50");
    mien_value_set(map, "short_side", mien_value_new_int(SHORT_SIDE));
    mien_value_set(map, "crop", mien_value_new_int(SHORT_SIDE));
    return map;
}

/* ---- I3D ------------------------------------------------------------------------- */

static bool is_s5(const cli_extraction *e) {
    const char *dash = strchr(e->family->name, '-');
    return dash && !strcmp(dash, "-s5");
}

static mien_status i3d_open(cli_extraction *e) {
    static const int64_t smallest[4] = {3, 8, 32, 32};
    mien_status status = open_state(e, 1024);
    /* the weights are looked at before any film is */
    status = status ? status : open_run(e, "i3d", smallest, 0, 1, "pool");
    if (status == MIEN_OK) {
        network *n = e->state;
        n->preprocess = mien_preprocess_imagenet();
        n->frames = 0;
    }
    return status;
}

static mien_status i3d_begin(cli_extraction *e, int64_t height, int64_t width) {
    network *n = e->state;
    mien_preprocess *p = &n->preprocess;
    mien_status status = MIEN_OK;
    if (is_s5(e)) {
        status = resized(p, height, width, SHORT_SIDE);
    } else {
        p->size = I3D_SHORT;
        p->crop_height = p->crop_width = SHORT_SIDE;
        p->scale = 1 / 127.5;
        for (int c = 0; c < 3; c++) {
            p->mean[c] = p->deviation[c] = 1;
        }
    }
    n->frames = 0; /* made anew for this size */
    return status ? status : begin_pictures(e);
}

/* [3, T, H, W] of T pictures. */
static mien_status fill_clip(void *context, int64_t first, int64_t count, float *clip) {
    const network *n = context;
    const int64_t plane = (int64_t)n->preprocess.crop_height * n->preprocess.crop_width;
    (void)first;
    (void)count;
    for (int64_t t = 0; t < n->frames; t++) {
        mien_preprocessor_spread(n->pictures, n->kept[t], false, n->examples);
        for (int c = 0; c < 3; c++) {
            memcpy(clip + (c * n->frames + t) * plane, n->examples + c * plane,
                (size_t)plane * sizeof *clip);
        }
    }
    return MIEN_OK;
}

static mien_status i3d_run(
    cli_extraction *e, const uint8_t *const *frames, int64_t count, float *values) {
    network *n = e->state;
    mien_status status = MIEN_OK;
    const int64_t plane = (int64_t)n->preprocess.crop_height * n->preprocess.crop_width;
    if (n->frames != count) {
        const int64_t item[4] = {
            3, count, n->preprocess.crop_height, n->preprocess.crop_width};
        n->frames = 0;
        mien_free(n->examples);
        n->examples = mien_alloc((size_t)(3 * plane), sizeof *n->examples);
        status = n->examples ? open_run(e, "i3d", item, 0, 1, "pool") : MIEN_ENOMEM;
        n->frames = status == MIEN_OK ? count : 0;
    }
    n->kept = frames;
    return status ? status : mien_extractor_run_filled(n->run, 1, fill_clip, n, values);
}

static mien_value *i3d_contract(const cli_extraction *e) {
    mien_value *map = describe(e, "i3d");
    mien_value_set(
        map, "short_side", mien_value_new_int(is_s5(e) ? SHORT_SIDE : I3D_SHORT));
    mien_value_set(map, "crop",
        is_s5(e) ? mien_value_new_text("none") : mien_value_new_int(SHORT_SIDE));
    mien_value_set(
        map, "input", mien_value_new_text(is_s5(e) ? "ImageNet" : "[-1, 1]"));
    mien_value_set(map, "pool", mien_value_new_text("global"));
    mien_value_set(map, "epsilon", mien_value_new_number(1e-3));
    return map;
}

/* ---- FlowNetS -------------------------------------------------------------------- */

static mien_status flow_open(cli_extraction *e) {
    static const int64_t smallest[4] = {6, 64, 64};
    mien_status status = open_state(e, 1024);
    return status ? status : open_run(e, "flownets", smallest, 0, 1, "pool");
}

static mien_status flow_begin(cli_extraction *e, int64_t height, int64_t width) {
    static const double mean[3] = {0.411, 0.432, 0.45};
    network *n = e->state;
    mien_preprocess *p = &n->preprocess;
    *p = mien_preprocess_imagenet();
    for (int c = 0; c < 3; c++) {
        p->mean[c] = mean[c];
        p->deviation[c] = 1;
    }
    mien_status status = resized(p, height, width, e->settings.flow_size);
    const int64_t item[4] = {6, p->crop_height, p->crop_width};
    status = status ? status : open_run(e, "flownets", item, 0, 1, "pool");
    return status ? status : begin_pictures(e);
}

/* Pair i: picture i in the first three channels, the next in the others. */
static mien_status fill_pairs(
    void *context, int64_t first, int64_t count, float *pairs) {
    const network *n = context;
    const int64_t half =
        (int64_t)3 * n->preprocess.crop_height * n->preprocess.crop_width;
    for (int64_t i = 0; i < count; i++) {
        for (int k = 0; k < 2; k++) {
            mien_preprocessor_spread(
                n->pictures, n->kept[first + i + k], false, pairs + (2 * i + k) * half);
        }
    }
    return MIEN_OK;
}

static mien_status flow_run(
    cli_extraction *e, const uint8_t *const *frames, int64_t count, float *values) {
    network *n = e->state;
    const int64_t pairs = count - 1;
    mien_status status = rows_for(n, pairs, e->shape[0]);
    n->kept = frames;
    status = status ? status
                    : mien_extractor_run_filled(n->run, pairs, fill_pairs, n, n->rows);
    if (status == MIEN_OK) {
        mean_of(n->rows, pairs, e->shape[0], is_s5(e) ? 2 : 1, values);
    }
    return status;
}

static mien_value *flow_contract(const cli_extraction *e) {
    mien_value *map = describe(e, "flownets");
    mien_value_set(map, "flow_size",
        e->settings.flow_size ? mien_value_new_int(e->settings.flow_size)
                              : mien_value_new_text("native"));
    mien_value_set(map, "layer", mien_value_new_text("conv6"));
    mien_value_set(map, "last_pair_counts", mien_value_new_int(is_s5(e) ? 2 : 1));
    return map;
}

/* ---- VGGish ---------------------------------------------------------------------- */

/* E [128, 128] and μ [128] of the file that whitens. */
static mien_status read_pca(cli_extraction *e) {
    static const char *const names[] = {"pca_eigen_vectors", "pca_means"};
    network *n = e->state;
    mien_archive *archive = NULL;
    mien_tensor **to[] = {&n->vectors, &n->means};
    const int64_t want[] = {MIEN_VGGISH_WIDTH * MIEN_VGGISH_WIDTH, MIEN_VGGISH_WIDTH};
    const char *path = e->settings.pca;
    mien_status status = mien_sha256_file(path, n->pca_hash);
    status = status ? status : mien_archive_open(path, &archive);
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        const int64_t at = mien_archive_find(archive, names[k]);
        mien_tensor *loaded = NULL;
        status = at < 0 ? mien_fail(MIEN_EFORMAT, "%s: there is no %s", path, names[k])
                        : mien_archive_load(archive, at, &loaded);
        if (status == MIEN_OK && mien_tensor_count(loaded) != want[k]) {
            status = mien_fail(MIEN_EFORMAT, "%s: %s has %lld values, not %lld", path,
                names[k], (long long)mien_tensor_count(loaded), (long long)want[k]);
        }
        status = status ? status : mien_tensor_convert(loaded, MIEN_F32, to[k]);
        mien_tensor_free(&loaded);
    }
    mien_archive_close(&archive);
    return status;
}

static mien_status vggish_open(cli_extraction *e) {
    const mien_logmel_options o = mien_logmel_options_vggish();
    mien_status status = open_state(e, MIEN_VGGISH_WIDTH);
    if (status != MIEN_OK) {
        return status;
    }
    network *n = e->state;
    status = cli_logmel_open(e, &n->logmel, &n->examples_room);
    if (status == MIEN_OK) {
        n->examples = mien_alloc(
            (size_t)(n->examples_room * o.frames * o.bands), sizeof *n->examples);
        status = n->examples ? rows_for(n, n->examples_room, e->shape[0]) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = open_run(e, "vggish", NULL, 0, n->examples_room,
            e->settings.embedding_linear ? "embeddings.4" : "embeddings.5");
    }
    return status == MIEN_OK && e->settings.pca ? read_pca(e) : status;
}

/* Whitened and in bytes, as AudioSet's are. */
static void whiten(network *n, int64_t count) {
    float y[MIEN_VGGISH_WIDTH];
    uint8_t bytes[MIEN_VGGISH_WIDTH];
    for (int64_t i = 0; i < count; i++) {
        float *row = n->rows + i * MIEN_VGGISH_WIDTH;
        mien_vggish_pca(n->vectors->data, n->means->data, row, 1, y);
        mien_vggish_quantise(y, MIEN_VGGISH_WIDTH, bytes);
        for (int k = 0; k < MIEN_VGGISH_WIDTH; k++) {
            row[k] = bytes[k];
        }
    }
}

static mien_status vggish_run(
    cli_extraction *e, const float *sound, int64_t count, float *values) {
    network *n = e->state;
    const int64_t examples =
        cli_logmel_examples(e, n->logmel, sound, count, n->examples_room, n->examples);
    mien_status status = mien_extractor_run(n->run, n->examples, examples, n->rows);
    if (status == MIEN_OK && n->vectors) {
        whiten(n, examples);
    }
    if (status == MIEN_OK) {
        mean_of(n->rows, examples, e->shape[0], 1, values);
    }
    return status;
}

static mien_value *vggish_contract(const cli_extraction *e) {
    const network *n = e->state;
    mien_value *map = describe(e, "vggish");
    mien_value_set(map, "rate_hz", mien_value_new_int(e->settings.rate_hz));
    mien_value_set(map, "embedding",
        mien_value_new_text(e->settings.embedding_linear ? "linear" : "relu"));
    mien_value_set(
        map, "pca", mien_value_new_text(n->vectors ? "whitened, in bytes" : "none"));
    if (n->vectors) {
        mien_value_set(map, "pca_sha256", mien_value_new_text(n->pca_hash));
    }
    return map;
}

/* ---- rows ------------------------------------------------------------------------ */

const cli_family cli_family_resnet50 = {.name = "resnet50",
    .backbone = "resnet50",
    .summary = "2048 values of pictures, the mean over frames",
    .least_frames = 1,
    .open = resnet_open,
    .close = network_close,
    .begin = resnet_begin,
    .keep = keep,
    .run_frames = resnet_run,
    .contract = resnet_contract};

const cli_family cli_family_i3d = {.name = "i3d",
    .backbone = "i3d",
    .summary = "1024 values of a clip",
    .least_frames = 8,
    .open = i3d_open,
    .close = network_close,
    .begin = i3d_begin,
    .keep = keep,
    .run_frames = i3d_run,
    .contract = i3d_contract};

const cli_family cli_family_i3d_s5 = {.name = "i3d-s5",
    .backbone = "i3d",
    .summary = "the same as AttendAffectNet takes it",
    .least_frames = 8,
    .open = i3d_open,
    .close = network_close,
    .begin = i3d_begin,
    .keep = keep,
    .run_frames = i3d_run,
    .contract = i3d_contract};

const cli_family cli_family_flownet = {.name = "flownet",
    .backbone = "flownets",
    .summary = "1024 values of motion, the mean over pairs of frames",
    .least_frames = 2,
    .open = flow_open,
    .close = network_close,
    .begin = flow_begin,
    .keep = keep,
    .run_frames = flow_run,
    .contract = flow_contract};

const cli_family cli_family_flownet_s5 = {.name = "flownet-s5",
    .backbone = "flownets",
    .summary = "the same as AttendAffectNet takes it",
    .least_frames = 2,
    .open = flow_open,
    .close = network_close,
    .begin = flow_begin,
    .keep = keep,
    .run_frames = flow_run,
    .contract = flow_contract};

const cli_family cli_family_vggish = {.name = "vggish",
    .backbone = "vggish",
    .summary = "128 values of sound, the mean over blocks of 0.96 s",
    .least_s = 0.975,
    .open = vggish_open,
    .close = network_close,
    .run = vggish_run,
    .contract = vggish_contract};
