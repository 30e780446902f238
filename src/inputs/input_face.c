/* SPDX-License-Identifier: MIT */
/* Faces: a place with a region (and five points) is cut out of its picture, one without
 * is a crop already and only brought to size. Bytes are kept, then spread over the
 * network's input as pictures are. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/picture.h"
#include "base/need.h"

static const char *const crops[] = {
    [MIEN_FACE_SQUARE] = "square",
    [MIEN_FACE_BOX] = "box",
    [MIEN_FACE_ALIGNED] = "aligned",
    NULL,
};
static const char *const fills[] = {
    [MIEN_FACE_EDGE] = "edge",
    [MIEN_FACE_ZERO] = "zero",
    [MIEN_FACE_MEAN] = "mean",
    NULL,
};
static const char *const templates[] = {"arcface", "ddamfn", "fer", NULL};

static const mien_option options[] = {
    {.name = "crop",
        .type = MIEN_OPTION_CHOICE,
        .initial = "square",
        .choices = crops,
        .help = "square: of side margin times the box's larger side; box: margin times "
                "the box; aligned: five points are brought to a template's"},
    {.name = "template",
        .type = MIEN_OPTION_CHOICE,
        .initial = "fer",
        .choices = templates,
        .help = "where the five points belong (crop=aligned)"},
    {.name = "margin",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.969",
        .minimum = 0.1,
        .maximum = 10,
        .help = "of the crop over the box; the default shows faces as FER2013 does"},
    {.name = "shift-x",
        .type = MIEN_OPTION_NUMBER,
        .initial = "-0.003",
        .minimum = -2,
        .maximum = 2,
        .help = "of the crop's centre to the right, in sides of the crop"},
    {.name = "shift-y",
        .type = MIEN_OPTION_NUMBER,
        .initial = "-0.025",
        .minimum = -2,
        .maximum = 2,
        .help = "the same downwards"},
    {.name = "fill",
        .type = MIEN_OPTION_CHOICE,
        .initial = "edge",
        .choices = fills,
        .help = "what lies outside the picture: its nearest pixel, zero, or its mean"},
    {.name = "antialias",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "large faces are averaged first; false: single pixels, as OpenCV"},
    {.name = "height",
        .type = MIEN_OPTION_INT,
        .initial = "48",
        .minimum = 1,
        .maximum = 1024,
        .help = "of the crop"},
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "48",
        .minimum = 1,
        .maximum = 1024,
        .help = "of the crop"},
    {.name = "order",
        .type = MIEN_OPTION_CHOICE,
        .initial = "grey",
        .choices = mien_picture_orders,
        .help = "of the colours; grey: three equal channels of luma"},
    {.name = "scale",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.00392156862745098",
        .help = "pixel values 0 to 255 are multiplied by it first"},
    {.name = "mean",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.5,0.5,0.5",
        .help = "of each colour, in that order, taken off then"},
    {.name = "deviation",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.25,0.25,0.25",
        .help = "of each colour, divided by then"},
    {0},
};

typedef struct face {
    mien_face_frame frame;
    mien_preprocess preprocess; /* of whole pictures */
    mien_image_options image;
    mien_preprocessor *preprocessor;
    mien_augmenter *augmenter; /* NULL: nothing is augmented */
    size_t values;             /* of an item, and bytes of its kept form */
    float *crop;               /* [values] */
} face;

static int choice_of(
    const mien_options *given, const char *key, const char *const *of) {
    int at = 0;
    while (of[at + 1] && strcmp(of[at], mien_options_text(given, key)) != 0) {
        at++;
    }
    return at;
}

static mien_status frame_of(const mien_options *given, mien_face_frame *out) {
    mien_face_frame f = {
        .crop = (mien_face_crop)choice_of(given, "crop", crops),
        .margin = mien_options_number(given, "margin"),
        .shift_x = mien_options_number(given, "shift-x"),
        .shift_y = mien_options_number(given, "shift-y"),
        .fill = (mien_face_fill)choice_of(given, "fill", fills),
        .antialias = mien_options_flag(given, "antialias"),
        .height = (int)mien_options_int(given, "height"),
        .width = (int)mien_options_int(given, "width"),
    };
    snprintf(
        f.reference, sizeof f.reference, "%s", mien_options_text(given, "template"));
    mien_status status = mien_face_frame_check(&f);
    if (status == MIEN_OK) {
        *out = f;
    }
    return status;
}

mien_status mien_face_preprocess(
    const mien_options *given, mien_preprocess *preprocess) {
    mien_preprocess p = {.fit = MIEN_FIT_SQUASH,
        .resize = MIEN_RESIZE_BILINEAR,
        .crop_height = (int)mien_options_int(given, "height"),
        .crop_width = (int)mien_options_int(given, "width")};
    mien_status status = mien_picture_colours("face", given, &p);
    if (status == MIEN_OK) {
        status = mien_preprocess_check(&p);
    }
    if (status == MIEN_OK) {
        *preprocess = p;
    }
    return status;
}

mien_status mien_input_face(const mien_input *input, mien_face_frame *frame) {
    MIEN_NEED(input, frame);
    mien_options *given = NULL;
    if (strcmp(input->kind, "face") != 0) {
        return mien_fail(
            MIEN_EINVAL, "input %s is of kind %s, not face", input->name, input->kind);
    }
    mien_status status = mien_input_options(input, &given);
    if (status == MIEN_OK) {
        status = frame_of(given, frame);
    }
    mien_options_free(&given);
    return status;
}

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    (void)example;
    *out = (mien_item_shape){.rank = 3,
        .size = {3, mien_options_int(given, "height"),
            mien_options_int(given, "width")},
        .steps = 1};
    return MIEN_OK;
}

static void close(void **reader) {
    face *f = *reader;
    mien_preprocessor_free(&f->preprocessor);
    mien_augmenter_free(&f->augmenter);
    mien_free(f->crop);
    mien_free(f);
    *reader = NULL;
}

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **reader) {
    face *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    *reader = f;
    f->image = mien_image_options_default();
    f->values = (size_t)mien_item_values(&input->shape);
    mien_status status = frame_of(given, &f->frame);
    if (status == MIEN_OK) {
        status = mien_face_preprocess(given, &f->preprocess);
    }
    if (status == MIEN_OK) {
        status = mien_preprocessor_new(&f->preprocess, &f->preprocessor);
    }
    if (status == MIEN_OK && augment) {
        status = mien_augmenter_new(augment, &f->preprocess, &f->augmenter);
    }
    if (status == MIEN_OK) {
        f->crop = mien_alloc(f->values, sizeof *f->crop);
        status = f->crop ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        close(reader);
    }
    return status;
}

static size_t bytes(const void *reader) {
    return ((const face *)reader)->values;
}

static mien_status load_image(void *reader, const mien_tensor *image, void *kept) {
    return mien_preprocessor_keep(((face *)reader)->preprocessor, image, kept);
}

static mien_status load_region(
    void *reader, const mien_tensor *image, const mien_place *place, void *kept) {
    face *f = reader;
    uint8_t *to = kept;
    if (isnan(place->region[0])) {
        return load_image(reader, image, kept);
    }
    mien_status status =
        mien_face_cut(&f->frame, image, place->region, place->points, f->crop);
    for (size_t i = 0; status == MIEN_OK && i < f->values; i++) {
        to[i] = (uint8_t)lrintf(f->crop[i]);
    }
    return status;
}

static mien_status load(void *reader, const mien_place *place, void *kept) {
    face *f = reader;
    mien_tensor *image = NULL;
    mien_status status = mien_image_read(place->file, &f->image, &image);
    if (status == MIEN_OK) {
        status = load_region(reader, image, place, kept);
        status = status == MIEN_OK ? status : mien_fail_in(status, "%s", place->file);
    }
    mien_tensor_free(&image);
    return status;
}

static mien_status make(void *reader, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    face *f = reader;
    mien_preprocessor_spread(f->preprocessor, kept, false, values);
    if (seen) {
        *seen = 1;
    }
    return draw && f->augmenter ? mien_augmenter_run(f->augmenter, draw, values, values)
                                : MIEN_OK;
}

const mien_input_kind mien_input_kind_face = {
    .name = "face",
    .summary = "Faces cut out of pictures by their boxes or five points",
    .column = "image",
    .options = options,
    .traits = MIEN_INPUT_DRAWS | MIEN_INPUT_REGIONS,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .load_image = load_image,
    .load_region = load_region,
    .make = make,
    .close = close,
};
