/* SPDX-License-Identifier: MIT */
/* Pictures beside columns of features, planted: half of what was felt is in the colour
 * of the picture, half in a column. Who has both knows more than who has either, and a
 * column of noise that is often missing takes nothing from it. */
#include "train/trainers/booster.h"
#include "train/mixed.h"

static void both_know_more_than_either(void **state) {
    (void)state;
    double image = r_of("image", PICTURED "inputs: [image]\n");
    double mood = r_of("mood", "inputs: [mood, skin]\nmodel: {name: linear}\n");
    double both = r_of("both", PICTURED "inputs: [image, mood, skin]\n");
    print_message("image %.3f, mood %.3f, both %.3f\n", image, mood, both);
    assert_true(image < 0.9 && mood < 0.9);
    assert_true(both > image + 0.1 && both > mood + 0.1 && both > 0.9);
}

static void branches_are_said_by_maps(void **state) {
    (void)state;
    double r = r_of("map",
        PICTURED "inputs:\n"
                 "  image: {kind: picture}\n"
                 "  mood: {kind: features}\n"
                 "branches:\n"
                 "  image: [backbone, {hidden: {layers: 16, activation: none}}]\n"
                 "  mood: [{project: {width: 4}}]\n"
                 "fusion: {name: concat}\n");
    print_message("map %.3f\n", r);
    assert_true(r > 0.8);
}

/* The picture's frozen layer and columns side by side, one of which is often missing,
 * and the model predicts what was judged. */
static void a_fitted_head_reads_pictures_and_columns_together(void **state) {
    (void)state;
    double image = r_of("ridge-image", "method: ridge\n" PICTURED "inputs: [image]\n");
    double mood = r_of("ridge-mood", "method: ridge\ninputs: [mood, skin]\n");
    double both =
        r_of("ridge-both", "method: ridge\n" PICTURED "inputs: [image, mood, skin]\n");
    print_message("image %.3f, mood %.3f, both %.3f\n", image, mood, both);
    assert_true(image < 0.9 && mood < 0.9);
    assert_true(both > image + 0.1 && both > mood + 0.1);
    if (mien_booster_check() == MIEN_OK) {
        double trees =
            r_of("trees-both", "method: trees\ntrees: {kind: forest, count: "
                               "50}\n" PICTURED "inputs: [image, mood, skin]\n");
        print_message("trees %.3f\n", trees);
        assert_true(trees > 0.6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_know_more_than_either),
        cmocka_unit_test(branches_are_said_by_maps),
        cmocka_unit_test(a_fitted_head_reads_pictures_and_columns_together),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
