/* SPDX-License-Identifier: MIT */
/* Prints the features that a backbone's layers give pictures, a line a picture. */
#include <mien/mien.h>

#include <stdio.h>

/* What stays the same from picture to picture. */
typedef struct features {
    mien_preprocess preprocess;
    mien_extractor *extractor;
    float *image; /* [3, H, W] */
    float *row;   /* [width] */
} features;

static mien_status features_open(
    features *f, const char *backbone, const char *layers) {
    mien_extractor_options options = mien_extractor_options_default();
    mien_status status = mien_backbone_find(backbone, &options.backbone);
    if (status != MIEN_OK) {
        return status;
    }
    options.layers = layers;
    options.batch = 1;
    status = mien_extractor_open(&options, &f->extractor);
    if (status != MIEN_OK) {
        return status;
    }
    f->preprocess = options.backbone->preprocess();
    size_t pixels = (size_t)mien_extractor_image_height(f->extractor) *
                    (size_t)mien_extractor_image_width(f->extractor);
    f->image = mien_alloc(3 * pixels, sizeof *f->image);
    f->row = mien_alloc((size_t)mien_extractor_width(f->extractor), sizeof *f->row);
    return f->image && f->row ? MIEN_OK : MIEN_ENOMEM;
}

static void features_close(features *f) {
    mien_extractor_close(&f->extractor);
    mien_free(f->image);
    mien_free(f->row);
}

static mien_status print_picture(features *f, const char *path) {
    mien_tensor *picture = NULL; /* [height, width, 3], 8 bits */
    mien_status status = mien_image_read(path, NULL, &picture);
    if (status == MIEN_OK) {
        status = mien_preprocess_run(&f->preprocess, picture, false, f->image);
    }
    if (status == MIEN_OK) {
        status = mien_extractor_run(f->extractor, f->image, 1, f->row);
    }
    mien_tensor_free(&picture);
    if (status != MIEN_OK) {
        return status;
    }
    printf("%s", path);
    for (int64_t i = 0; i < mien_extractor_width(f->extractor); i++) {
        printf("\t%.9g", (double)f->row[i]);
    }
    printf("\n");
    return MIEN_OK;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: extract BACKBONE LAYER[,LAYER...] PICTURE...\n");
        return 2;
    }
    features f = {0};
    mien_status status = features_open(&f, argv[1], argv[2]);
    for (int i = 3; status == MIEN_OK && i < argc; i++) {
        status = print_picture(&f, argv[i]);
    }
    if (status != MIEN_OK) {
        fprintf(stderr, "extract: %s\n", mien_error());
    }
    features_close(&f);
    return status != MIEN_OK;
}
