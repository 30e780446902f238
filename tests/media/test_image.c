/* SPDX-License-Identifier: MIT */
/* Picture files to pixels. */
#include "support/support.h"

#include "mien/media.h"

static void a_real_jpeg_has_its_size(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    assert_good(mien_image_read(support_shared("data/pictures/owl.jpg"), NULL, &image));
    assert_int_equal(image->shape[2], 3);
    mien_tensor_free(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_jpeg_has_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
