/* SPDX-License-Identifier: MIT */
/* Tensors: shapes, sharing, comparing, printing. */
#include "support/support.h"

#include "mien/tensor.h"

#include <math.h>
#include <string.h>

#define SHAPE(...)                                                                     \
    (int)(sizeof((int64_t[]){__VA_ARGS__}) / 8), (int64_t[]) {                         \
        __VA_ARGS__                                                                    \
    }

static void every_dtype_has_size_and_name(void **state) {
    (void)state;
    static const size_t sizes[] = {4, 8, 2, 2, 1, 1, 2, 2, 4, 8, 1};
    for (int d = 0; d < MIEN_DTYPES; d++) {
        assert_int_equal(mien_dtype_size((mien_dtype)d), sizes[d]);
        assert_string_not_equal(mien_dtype_name((mien_dtype)d), "unknown");
    }
    assert_string_equal(mien_dtype_name(MIEN_BF16), "bf16");
    assert_int_equal(mien_dtype_size(MIEN_DTYPES), 0);
}

static void a_shape_counts_its_values(void **state) {
    (void)state;
    assert_int_equal(mien_shape_count(0, NULL), 1);
    assert_int_equal(mien_shape_count(SHAPE(2, 3, 4)), 24);
    assert_int_equal(mien_shape_count(SHAPE(INT64_MAX, 0)), 0);
    assert_int_equal(mien_shape_count(SHAPE(INT64_MAX, 0, INT64_MAX)), -1);
    assert_int_equal(mien_shape_count(SHAPE(INT64_MAX, 2)), -1);
    assert_non_null(strstr(mien_error(), "too many"));
    assert_int_equal(mien_shape_count(SHAPE(2, -1)), -1);
    assert_non_null(strstr(mien_error(), "[2, -1]"));
    assert_int_equal(mien_shape_count(9, (int64_t[9]){1, 1, 1, 1, 1, 1, 1, 1, 1}), -1);
    assert_int_equal(mien_shape_count(-1, NULL), -1);
}

static void a_shape_reads_as_a_list(void **state) {
    (void)state;
    char text[64];
    assert_string_equal(
        mien_shape_text(SHAPE(2, 3, 224), text, sizeof text), "[2, 3, 224]");
    assert_string_equal(mien_shape_text(0, NULL, text, sizeof text), "[]");
    assert_string_equal(mien_shape_text(SHAPE(2, 3, 224), text, 6), "[2, 3");
}

static void a_new_tensor_is_zero_and_aligned(void **state) {
    (void)state;
    mien_tensor *t = NULL;
    assert_good(mien_tensor_new(MIEN_F32, SHAPE(3, 5), &t));
    assert_int_equal((uintptr_t)t->data % 64, 0);
    assert_int_equal(mien_tensor_count(t), 15);
    assert_int_equal(mien_tensor_bytes(t), 60);
    assert_false(t->borrowed);
    for (int i = 0; i < 15; i++) {
        assert_true(((float *)t->data)[i] == 0);
    }
    mien_tensor_free(&t);
    assert_null(t);
    mien_tensor_free(&t);
}

static void bad_shapes_make_no_tensor(void **state) {
    (void)state;
    mien_tensor *t = NULL;
    assert_fails(mien_tensor_new(MIEN_F32, SHAPE(1, -2), &t), MIEN_ESHAPE, "negative");
    assert_fails(mien_tensor_new(MIEN_DTYPES, SHAPE(1), &t), MIEN_ESHAPE, "dtype");
    assert_fails(
        mien_tensor_new(MIEN_F64, SHAPE(INT64_MAX), &t), MIEN_ENOMEM, "memory");
    assert_fails(
        mien_tensor_over(MIEN_F32, SHAPE(1), NULL, &t), MIEN_EINVAL, "data is NULL");
    assert_null(t);
}

static void a_view_shares_rows(void **state) {
    (void)state;
    float data[12];
    for (int i = 0; i < 12; i++) {
        data[i] = (float)i;
    }
    mien_tensor *t = NULL, *view = NULL;
    assert_good(mien_tensor_over(MIEN_F32, SHAPE(4, 3), data, &t));
    assert_good(mien_tensor_view(t, 1, 2, &view));
    assert_int_equal(view->shape[0], 2);
    assert_true(((float *)view->data)[0] == 3);
    ((float *)view->data)[5] = -1;
    assert_true(data[8] == -1);
    mien_tensor_free(&view);
    assert_fails(mien_tensor_view(t, 3, 2, &view), MIEN_ESHAPE, "has 4");
    assert_fails(mien_tensor_view(t, -1, 1, &view), MIEN_ESHAPE, "rows");
    assert_fails(mien_tensor_view(t, 1, INT64_MAX, &view), MIEN_ESHAPE, "rows");
    assert_good(mien_tensor_view(t, 4, 0, &view));
    assert_int_equal(mien_tensor_count(view), 0);
    mien_tensor_free(&view);
    mien_tensor *copy = NULL;
    assert_good(mien_tensor_copy(t, &copy));
    assert_memory_equal(copy->data, data, sizeof data);
    assert_ptr_not_equal(copy->data, data);
    mien_tensor_free(&copy);
    mien_tensor_free(&t);
}

static void reshape_keeps_the_count(void **state) {
    (void)state;
    float data[6] = {0};
    mien_tensor *t = NULL;
    assert_good(mien_tensor_over(MIEN_F32, SHAPE(2, 3), data, &t));
    assert_good(mien_tensor_reshape(t, SHAPE(1, 6, 1)));
    assert_int_equal(t->rank, 3);
    assert_int_equal(t->shape[1], 6);
    assert_fails(
        mien_tensor_reshape(t, SHAPE(7)), MIEN_ESHAPE, "[1, 6, 1] cannot become [7]");
    assert_int_equal(t->rank, 3);
    mien_tensor_free(&t);
}

static mien_tensor_difference compare(const float *a, const float *b, int64_t n) {
    mien_tensor *x = NULL, *y = NULL;
    mien_tensor_difference d = {0};
    assert_good(mien_tensor_over(MIEN_F32, 1, &n, (void *)(uintptr_t)a, &x));
    assert_good(mien_tensor_over(MIEN_F32, 1, &n, (void *)(uintptr_t)b, &y));
    assert_good(mien_tensor_compare(x, y, &d));
    mien_tensor_free(&x);
    mien_tensor_free(&y);
    return d;
}

static void compare_finds_the_largest_difference(void **state) {
    (void)state;
    static float a[2000], b[2000];
    a[3] = 1;
    b[3] = 1.5F;
    a[1700] = 2;
    b[1700] = -8;
    mien_tensor_difference d = compare(a, b, 2000);
    assert_near(d.absolute, 10, 0);
    assert_near(d.reference, 8, 0);
    assert_int_equal(d.index, 1700);
}

static void no_number_differs_from_every_number(void **state) {
    (void)state;
    assert_true(isinf(compare((float[]){NAN}, (float[]){1}, 1).absolute));
    assert_true(isinf(compare((float[]){1}, (float[]){NAN}, 1).absolute));
    assert_near(compare((float[]){NAN}, (float[]){NAN}, 1).absolute, 0, 0);
    assert_near(compare((float[]){INFINITY}, (float[]){INFINITY}, 1).absolute, 0, 0);
    assert_true(isinf(compare((float[]){INFINITY}, (float[]){-INFINITY}, 1).absolute));
}

static void unlike_tensors_do_not_compare(void **state) {
    (void)state;
    mien_tensor *a = NULL, *b = NULL, *c = NULL;
    mien_tensor_difference d;
    assert_good(mien_tensor_new(MIEN_F32, SHAPE(2, 3), &a));
    assert_good(mien_tensor_new(MIEN_F32, SHAPE(3, 2), &b));
    assert_good(mien_tensor_new(MIEN_F64, SHAPE(2, 3), &c));
    assert_fails(mien_tensor_compare(a, b, &d), MIEN_ESHAPE, "[2, 3] and [3, 2]");
    assert_fails(mien_tensor_compare(a, c, &d), MIEN_ESHAPE, "f32 with f64");
    mien_tensor_free(&a);
    mien_tensor_free(&b);
    mien_tensor_free(&c);
}

static void print_shows_shape_type_and_first_values(void **state) {
    (void)state;
    float data[10] = {0.1F, 1};
    mien_tensor *t = NULL;
    assert_good(mien_tensor_over(MIEN_F32, SHAPE(2, 5), data, &t));
    char text[256] = "";
    FILE *file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    mien_tensor_print(t, file);
    fclose(file);
    assert_string_equal(text, "f32 [2, 5]: 0.1 1 0 0 0 0 0 0 …\n");
    mien_tensor_free(&t);
}

static mien_status make_all(void *context) {
    (void)context;
    mien_tensor *a = NULL, *b = NULL, *c = NULL;
    mien_status status = mien_tensor_new(MIEN_F32, SHAPE(4, 2), &a);
    if (status == MIEN_OK) {
        status = mien_tensor_view(a, 1, 2, &b);
    }
    if (status == MIEN_OK) {
        status = mien_tensor_convert(b, MIEN_F16, &c);
    }
    mien_tensor_free(&c);
    mien_tensor_free(&b);
    mien_tensor_free(&a);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    support_each_allocation_fails(make_all, NULL, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dtype_has_size_and_name),
        cmocka_unit_test(a_shape_counts_its_values),
        cmocka_unit_test(a_shape_reads_as_a_list),
        cmocka_unit_test(a_new_tensor_is_zero_and_aligned),
        cmocka_unit_test(bad_shapes_make_no_tensor),
        cmocka_unit_test(a_view_shares_rows),
        cmocka_unit_test(reshape_keeps_the_count),
        cmocka_unit_test(compare_finds_the_largest_difference),
        cmocka_unit_test(no_number_differs_from_every_number),
        cmocka_unit_test(unlike_tensors_do_not_compare),
        cmocka_unit_test(print_shows_shape_type_and_first_values),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
