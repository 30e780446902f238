/* SPDX-License-Identifier: MIT */
/* The whole path from a picture file to a network's input, against Pillow + torchvision
 * on real pictures. */
#include "support/support.h"

#include "mien/media.h"
#include "mien/signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One step of 255 in the decoded pixel, in units of the smallest ImageNet deviation, is
 * 0.0175; the decoders' DCT and the resize may each differ in rounding. */
#define TOLERANCE 0.02f

static float out[3 * 224 * 224];

static void check_picture(const char *line, const mien_preprocess *p) {
    char name[128], path[256], *end = NULL;
    int used = 0;
    assert_int_equal(sscanf(line, "%127[^,],%n", name, &used), 1);
    snprintf(path, sizeof path, "data/oasis/images/%s", name);
    mien_image_options options = mien_image_options_default();
    options.scale_short_min = mien_preprocess_short_side(p);
    mien_tensor *image = NULL;
    assert_good(mien_image_read(support_shared(path), &options, &image));
    assert_good(mien_preprocess_run(p, image, false, out));
    mien_tensor_free(&image);
    const char *at = line + used;
    for (int k = 0; *at > ' '; k++) {
        float want = strtof(at, &end), got = out[k * 7919 % (3 * 224 * 224)];
        if (!(fabsf(got - want) <= TOLERANCE)) {
            fail_msg("%s: sample %d: got %.7g, want %.7g", name, k, (double)got,
                (double)want);
        }
        at = *end == ' ' ? end + 1 : end;
    }
}

static void files_become_the_inputs_torchvision_makes(void **state) {
    (void)state;
    char line[1024];
    int rows = 0;
    support_shared("data/oasis/images");
    mien_preprocess p = mien_preprocess_imagenet();
    FILE *file = fopen(support_source("tests/golden/preprocess_oasis.csv"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        check_picture(line, &p);
        rows++;
    }
    fclose(file);
    assert_true(rows >= 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_become_the_inputs_torchvision_makes),
    };
    return cmocka_run_group_tests_name("contract/picture_path", tests, NULL, NULL);
}
