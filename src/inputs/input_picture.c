/* SPDX-License-Identifier: MIT */
/* Pictures: decoded and resized into bytes that a cache can hold, then spread over a
 * network's input, augmented on the way. The one preprocessing of training and
 * prediction is mien_preprocessor; this file hands it the settings that stand in
 * studies and contracts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/picture.h"
#include "base/need.h"

static const char *const fits[] = {
    [MIEN_FIT_NONE] = "none",
    [MIEN_FIT_SHORT] = "short",
    [MIEN_FIT_SQUASH] = "squash",
    [MIEN_FIT_PAD] = "pad",
    NULL,
};
const char *const mien_picture_orders[] = {"rgb", "bgr", "grey", NULL};

static const mien_option options[] = {
    {.name = "fit",
        .type = MIEN_OPTION_CHOICE,
        .initial = "short",
        .choices = fits,
        .help = "how a picture is brought to size: its short side to `size`, then cut; "
                "squashed; padded with the mean; or none: it has the size"},
    {.name = "size",
        .type = MIEN_OPTION_INT,
        .initial = "256",
        .minimum = 0,
        .maximum = 65536,
        .help = "short side before it is cut (fit=short)"},
    {.name = "height",
        .type = MIEN_OPTION_INT,
        .initial = "224",
        .minimum = 0,
        .maximum = 65536,
        .help = "of the network's input"},
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "224",
        .minimum = 0,
        .maximum = 65536,
        .help = "of the network's input"},
    {.name = "resize",
        .type = MIEN_OPTION_TEXT,
        .initial = "bilinear",
        .help = "kernel, named by whose results it equals"},
    {.name = "order",
        .type = MIEN_OPTION_CHOICE,
        .initial = "rgb",
        .choices = mien_picture_orders,
        .help = "of the colours; grey: three equal channels of luma"},
    {.name = "scale",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.00392156862745098",
        .help = "pixel values 0 to 255 are multiplied by it first"},
    {.name = "mean",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.485,0.456,0.406",
        .help = "of each colour, in that order, taken off then"},
    {.name = "deviation",
        .type = MIEN_OPTION_TEXT,
        .initial = "0.229,0.224,0.225",
        .help = "of each colour, divided by then"},
    {0},
};

/* ---- settings ------------------------------------------------------------------- */

mien_status mien_picture_three(
    const char *kind, const mien_options *given, const char *key, double numbers[3]) {
    const char *text = mien_options_text(given, key);
    const char *next = text;
    char item[64];
    for (int i = 0; i < 3; i++) {
        size_t length = strcspn(next, ",");
        snprintf(item, sizeof item, "%.*s", (int)length, next);
        if (length >= sizeof item || !mien_parse_number(item, &numbers[i]) ||
            !isfinite(numbers[i]) || (i < 2) != (next[length] == ',')) {
            return mien_fail(
                MIEN_EINVAL, "%s: %s: \"%s\" is not three numbers", kind, key, text);
        }
        next += length + (next[length] == ',');
    }
    return MIEN_OK;
}

mien_status mien_picture_colours(
    const char *kind, const mien_options *given, mien_preprocess *preprocess) {
    mien_preprocess *p = preprocess;
    const char *order = mien_options_text(given, "order");
    p->bgr = strcmp(order, "bgr") == 0;
    p->grey = strcmp(order, "grey") == 0;
    p->scale = mien_options_number(given, "scale");
    mien_status status = mien_picture_three(kind, given, "mean", p->mean);
    return status == MIEN_OK
               ? mien_picture_three(kind, given, "deviation", p->deviation)
               : status;
}

static mien_status preprocess_of(const mien_options *given, mien_preprocess *out) {
    mien_preprocess p = {
        .size = (int)mien_options_int(given, "size"),
        .crop_height = (int)mien_options_int(given, "height"),
        .crop_width = (int)mien_options_int(given, "width"),
    };
    for (int f = 0; fits[f]; f++) {
        if (strcmp(mien_options_text(given, "fit"), fits[f]) == 0) {
            p.fit = (mien_picture_fit)f;
        }
    }
    mien_status status =
        mien_resize_parse(mien_options_text(given, "resize"), &p.resize);
    if (status == MIEN_OK) {
        status = mien_picture_colours("picture", given, &p);
    }
    if (status == MIEN_OK) {
        status = mien_preprocess_check(&p);
    }
    if (status == MIEN_OK) {
        *out = p;
    }
    return status;
}

static char *write_three(const double numbers[3], char *text, size_t size) {
    char one[3][32];
    snprintf(text, size, "%s,%s,%s", mien_format_double(numbers[0], one[0]),
        mien_format_double(numbers[1], one[1]), mien_format_double(numbers[2], one[2]));
    return text;
}

mien_status mien_input_picture(
    const char *name, const mien_preprocess *preprocess, mien_input *input) {
    MIEN_NEED(name, preprocess, input);
    const mien_preprocess *p = preprocess;
    char size[16], height[16], width[16], scale[32], mean[128], deviation[128];
    mien_status status = mien_preprocess_check(p);
    mien_options *given = NULL;
    if (status == MIEN_OK) {
        status = mien_options_new(options, &given);
    }
    if (status == MIEN_OK) {
        snprintf(size, sizeof size, "%d", p->size);
        snprintf(height, sizeof height, "%d", p->crop_height);
        snprintf(width, sizeof width, "%d", p->crop_width);
        const char *const pairs[][2] = {{"fit", fits[p->fit]}, {"size", size},
            {"height", height}, {"width", width},
            {"resize", mien_resize_name(p->resize)},
            {"order", mien_preprocess_order(p)},
            {"scale", mien_format_double(p->scale, scale)},
            {"mean", write_three(p->mean, mean, sizeof mean)},
            {"deviation", write_three(p->deviation, deviation, sizeof deviation)}};
        for (size_t i = 0; status == MIEN_OK && i < sizeof pairs / sizeof *pairs; i++) {
            status = mien_options_set(given, "picture", pairs[i][0], pairs[i][1]);
        }
    }
    mien_input made;
    if (status == MIEN_OK) {
        status = mien_input_init(&made, "picture", name);
    }
    if (status == MIEN_OK) {
        status = mien_input_settings(&made, given);
    }
    if (status == MIEN_OK) {
        status = mien_input_measure(&made, NULL);
    }
    mien_options_free(&given);
    if (status == MIEN_OK) {
        *input = made;
    }
    return status;
}

mien_status mien_input_preprocess(
    const mien_input *input, mien_preprocess *preprocess) {
    MIEN_NEED(input, preprocess);
    mien_options *given = NULL;
    bool face = strcmp(input->kind, "face") == 0;
    if (!face && strcmp(input->kind, "picture") != 0) {
        return mien_fail(MIEN_EINVAL, "input %s is of kind %s, not picture",
            input->name, input->kind);
    }
    mien_status status = mien_input_options(input, &given);
    if (status == MIEN_OK) {
        status = face ? mien_face_preprocess(given, preprocess)
                      : preprocess_of(given, preprocess);
    }
    mien_options_free(&given);
    return status;
}

/* ---- reading -------------------------------------------------------------------- */

typedef struct picture {
    mien_preprocess preprocess;
    mien_image_options image;
    mien_preprocessor *preprocessor;
    mien_augmenter *augmenter; /* NULL: nothing is augmented */
    size_t values;             /* of an item */
    bool keeps;                /* the kept form is bytes; else the item's floats */
} picture;

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    mien_preprocess p;
    (void)example;
    mien_status status = preprocess_of(given, &p);
    if (status == MIEN_OK && (p.crop_height < 1 || p.crop_width < 1)) {
        status = mien_fail(MIEN_EINVAL, "pictures of a batch need one size; set height "
                                        "and width");
    }
    if (status == MIEN_OK) {
        *out = (mien_item_shape){
            .rank = 3, .size = {3, p.crop_height, p.crop_width}, .steps = 1};
    }
    return status;
}

static void close(void **reader) {
    picture *p = *reader;
    mien_preprocessor_free(&p->preprocessor);
    mien_augmenter_free(&p->augmenter);
    mien_free(p);
    *reader = NULL;
}

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **reader) {
    picture *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    mien_status status = preprocess_of(given, &p->preprocess);
    if (status == MIEN_OK) {
        status = mien_preprocessor_new(&p->preprocess, &p->preprocessor);
    }
    if (status == MIEN_OK && augment) {
        status = mien_augmenter_new(augment, &p->preprocess, &p->augmenter);
    }
    p->image = mien_image_options_default();
    p->image.scale_short_min = mien_preprocess_short_side(&p->preprocess);
    p->values = (size_t)mien_item_values(&input->shape);
    p->keeps = mien_preprocess_keeps(&p->preprocess);
    *reader = p;
    if (status != MIEN_OK) {
        close(reader);
    }
    return status;
}

static size_t bytes(const void *reader) {
    const picture *p = reader;
    return p->values * (p->keeps ? 1 : sizeof(float));
}

static mien_status load_image(void *reader, const mien_tensor *image, void *kept) {
    picture *p = reader;
    return p->keeps ? mien_preprocessor_keep(p->preprocessor, image, kept)
                    : mien_preprocessor_run(p->preprocessor, image, false, kept);
}

static mien_status load(void *reader, const mien_place *place, void *kept) {
    picture *p = reader;
    mien_tensor *image = NULL;
    mien_status status = mien_image_read(place->file, &p->image, &image);
    if (status == MIEN_OK) {
        status = load_image(reader, image, kept);
        status = status == MIEN_OK ? status : mien_fail_in(status, "%s", place->file);
    }
    mien_tensor_free(&image);
    return status;
}

static mien_status make(void *reader, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    picture *p = reader;
    if (p->keeps) {
        mien_preprocessor_spread(p->preprocessor, kept, false, values);
    } else {
        memcpy(values, kept, p->values * sizeof *values);
    }
    if (seen) {
        *seen = 1;
    }
    return draw && p->augmenter ? mien_augmenter_run(p->augmenter, draw, values, values)
                                : MIEN_OK;
}

const mien_input_kind mien_input_kind_picture = {
    .name = "picture",
    .summary = "Pictures, resized, cut and scaled as the settings say",
    .column = "image",
    .options = options,
    .traits = MIEN_INPUT_DRAWS,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .load_image = load_image,
    .make = make,
    .close = close,
};
