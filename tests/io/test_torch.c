/* SPDX-License-Identifier: MIT */
/* Files of torch.save() in both formats: values, damage, and nothing that runs. */
#include "support/support.h"

#include "io/archive.h"

#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/torch/"

static void assert_refused(const char *name, mien_status status, const char *part) {
    mien_archive *archive = NULL;
    char path[200] = GOLDEN;
    strcat(path, name);
    assert_fails(mien_archive_open(support_source(path), &archive), status, part);
    assert_null(archive);
}

static void names_of_nested_containers_are_joined(void **state) {
    (void)state;
    static const char *const names[] = {"encoder.w", "heads.0", "heads.1.b", "0"};
    mien_archive *archive = NULL;
    assert_good(mien_archive_open(support_source(GOLDEN "nested_zip.pth"), &archive));
    assert_int_equal(mien_archive_count(archive), 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(mien_archive_name(archive, i), names[i]);
    }
    mien_archive_close(&archive);
}

static void the_state_of_a_checkpoint_is_taken(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    assert_good(
        mien_archive_open(support_source(GOLDEN "checkpoint_legacy.pth"), &archive));
    assert_string_equal(mien_archive_format(archive), "pth_legacy");
    assert_int_equal(mien_archive_find(archive, "layer.weight"), 0);
    assert_null(mien_archive_metadata(archive, "epoch"));
    mien_archive_close(&archive);
}

static void a_pickle_that_would_run_code_is_refused_by_name(void **state) {
    (void)state;
    assert_refused("os_system_zip.pth", MIEN_EUNSUPPORTED, "posix.system");
    assert_refused("os_system_legacy.pth", MIEN_EUNSUPPORTED, "posix.system");
    assert_refused("eval_zip.pth", MIEN_EUNSUPPORTED, "__builtin__.eval");
    assert_false(mien_file_exists("/tmp/mien-owned"));
}

static void assert_values(const char *name, const char *tensor, mien_dtype dtype,
    int64_t n, const float *want) {
    char path[200] = GOLDEN;
    mien_archive *archive = NULL;
    mien_tensor *got = NULL, *floats = NULL;
    strcat(path, name);
    assert_good(mien_archive_open(support_source(path), &archive));
    int64_t at = mien_archive_find(archive, tensor);
    assert_true(at >= 0);
    assert_good(mien_archive_load(archive, at, &got));
    assert_int_equal(got->dtype, dtype);
    assert_int_equal(mien_tensor_count(got), n);
    assert_good(mien_tensor_convert(got, MIEN_F32, &floats));
    assert_close(floats->data, want, n, 0, 0);
    mien_tensor_free(&floats);
    mien_tensor_free(&got);
    mien_archive_close(&archive);
}

/* NumPy's scalars and arrays, bytes, paths, times, sets, …: none of them is made. */
static void plain_values_beside_weights_are_passed_over(void **state) {
    (void)state;
    static const char *const names[] = {"beside_2_zip.pth", "beside_4_zip.pth",
        "beside_5_zip.pth", "beside_2_legacy.pth", "beside_3_legacy.pth",
        "beside_4_legacy.pth", "beside_5_legacy.pth"};
    static const float counted[] = {0, 1, 2, 3, 4, 5}, u16[] = {1, 65535};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_values(names[i], "fc.weight", MIEN_F32, 6, counted);
        assert_values(names[i], "u", MIEN_U16, 2, u16);
    }
}

static void tensors_of_uint16_may_share_their_values(void **state) {
    (void)state;
    static const float a[] = {2, 3, 4}, b[] = {1, 3};
    assert_values("uint16_shared_zip.pth", "a", MIEN_U16, 3, a);
    assert_values("uint16_shared_zip.pth", "b", MIEN_U16, 2, b);
}

static void types_that_are_not_read_are_named(void **state) {
    (void)state;
    assert_refused("complex_zip.pth", MIEN_EUNSUPPORTED, "torch.ComplexFloatStorage");
    assert_refused("quantised_zip.pth", MIEN_EUNSUPPORTED, "torch.QInt8Storage");
    assert_refused("uint32_zip.pth", MIEN_EUNSUPPORTED, "torch.uint32");
}

/* x.conj().imag: the storage holds the opposite of what the tensor means. */
static void values_stored_negated_are_refused(void **state) {
    (void)state;
    assert_refused("negative_zip.pth", MIEN_EUNSUPPORTED, ".resolve_neg()");
    assert_refused("negative_legacy.pth", MIEN_EUNSUPPORTED, ".resolve_neg()");
}

static void published_files_read_or_say_why(void **state) {
    (void)state;
    static const struct {
        const char *name, *part; /* part NULL: it reads */
    } cases[] = {{"07-negative-bit/neg.pth", "resolve_neg"},
        {"12-pth/complex.pth", "torch.ComplexFloatStorage"},
        {"12-pth/quantised.pth", "torch.QInt8Storage"}, {"12-pth/uint16.pth", NULL},
        {"12-pth/numpy_scalar.pth", NULL}, {"12-pth/legacy_protocol4.pth", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[200] = "cases/data/";
        mien_archive *archive = NULL;
        strcat(path, cases[i].name);
        if (cases[i].part) {
            assert_fails(mien_archive_open(support_shared(path), &archive),
                MIEN_EUNSUPPORTED, cases[i].part);
        } else {
            assert_good(mien_archive_open(support_shared(path), &archive));
        }
        mien_archive_close(&archive);
    }
}

static const char *text_at(const mien_value *map, const char *a, const char *b) {
    const mien_value *value = mien_value_get(map, a);
    return mien_value_text(b ? mien_value_get(value, b) : value);
}

static void a_whole_module_has_the_names_of_its_state(void **state) {
    (void)state;
    static const char *const names[] = {
        GOLDEN "module_zip.pth", GOLDEN "module_legacy.pth"};
    for (int k = 0; k < 2; k++) {
        mien_archive *archive = NULL;
        mien_value *tree = NULL;
        assert_good(mien_archive_open(support_source(names[k]), &archive));
        assert_int_equal(mien_archive_count(archive), 2);
        assert_string_equal(mien_archive_name(archive, 0), "weight");
        assert_string_equal(mien_archive_name(archive, 1), "bias");
        assert_good(mien_archive_module(archive, &tree));
        assert_string_equal(
            text_at(tree, "class", NULL), "torch.nn.modules.linear.Linear");
        assert_string_equal(text_at(tree, "tensors", "weight"), "f32 [1, 1]");
        assert_int_equal(
            mien_value_int(
                mien_value_get(mien_value_get(tree, "attributes"), "in_features"), 0),
            1);
        mien_value_free(&tree);
        mien_archive_close(&archive);
    }
}

/* Made by python/golden/modules.py: modules in modules, a buffer that is saved and one
 * that is not, a tensor that is a plain attribute, a shared parameter. */
static void modules_in_modules_are_walked(void **state) {
    (void)state;
    static const char *const files[] = {
        GOLDEN "nested_module_zip.pth", GOLDEN "nested_module_legacy.pth"};
    static const char *const names[] = {"scale", "running", "layers.0.weight",
        "layers.0.bias", "layers.1.weight", "layers.1.bias", "head.weight"};
    for (int k = 0; k < 2; k++) {
        mien_archive *archive = NULL;
        mien_value *tree = NULL;
        mien_tensor *tensor = NULL;
        assert_good(mien_archive_open(support_source(files[k]), &archive));
        assert_int_equal(mien_archive_count(archive), 7);
        for (int i = 0; i < 7; i++) {
            assert_string_equal(mien_archive_name(archive, i), names[i]);
        }
        assert_good(mien_archive_load(archive, 4, &tensor));
        assert_true(((const float *)tensor->data)[3] == 13);
        assert_good(mien_archive_module(archive, &tree));
        const mien_value *modules = mien_value_get(tree, "modules");
        assert_string_equal(text_at(tree, "class", NULL), "studies.Net");
        assert_string_equal(text_at(modules, "layers", "class"),
            "torch.nn.modules.container.ModuleList");
        assert_string_equal(text_at(tree, "attributes", "attn"), "f32 [2, 2]");
        assert_string_equal(text_at(tree, "attributes", "note"), "seen");
        assert_true(
            mien_value_number(
                mien_value_get(mien_value_get(tree, "attributes"), "eps"), 0) == 1e-6);
        mien_tensor_free(&tensor);
        mien_value_free(&tree);
        mien_archive_close(&archive);
    }
}

static void tensors_alone_are_no_module(void **state) {
    (void)state;
    mien_archive *archive = NULL;
    mien_value *tree = NULL;
    assert_good(mien_archive_open(support_source(GOLDEN "plain_zip.pth"), &archive));
    assert_fails(
        mien_archive_module(archive, &tree), MIEN_ENOTFOUND, "holds tensors alone");
    mien_archive_close(&archive);
}

/* Opens the first n bytes from memory of exactly that size and loads all. */
static mien_status open_part(const char *bytes, size_t n) {
    char *exact = malloc(n ? n : 1);
    mien_archive *archive = NULL;
    memcpy(exact, bytes, n);
    mien_status status = mien_archive_open_memory("part.pth", exact, n, &archive);
    for (int64_t i = 0; status == MIEN_OK && i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        status = mien_archive_load(archive, i, &tensor);
        mien_tensor_free(&tensor);
    }
    mien_archive_close(&archive);
    free(exact);
    return status;
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {GOLDEN "plain_zip.pth",
        GOLDEN "checkpoint_legacy.pth", GOLDEN "plain.safetensors",
        GOLDEN "nested_module_legacy.pth", GOLDEN "beside_5_legacy.pth"};
    for (int k = 0; k < 5; k++) {
        char *bytes = NULL;
        size_t count = 0;
        assert_good(mien_file_read(support_source(names[k]), 100000, &bytes, &count));
        assert_good(open_part(bytes, count));
        for (size_t n = 0; n < count; n++) {
            assert_fails(open_part(bytes, n), MIEN_EFORMAT, "part.pth");
        }
        mien_free(bytes);
    }
}

/* Every byte changed: an error or tensors, never a crash (the CRC finds changed
 * values). */
static void a_file_with_one_byte_changed_stays_harmless(void **state) {
    (void)state;
    static const char *const names[] = {GOLDEN "plain_zip.pth",
        GOLDEN "checkpoint_legacy.pth", GOLDEN "nested_module_legacy.pth"};
    for (int k = 0; k < 3; k++) {
        char *bytes = NULL;
        size_t count = 0, refused = 0;
        assert_good(mien_file_read(support_source(names[k]), 100000, &bytes, &count));
        for (size_t n = 0; n < count; n++) {
            bytes[n] ^= 0x11;
            refused += open_part(bytes, count) != MIEN_OK;
            bytes[n] ^= 0x11;
        }
        assert_true(refused > count / 16); /* most of a module are texts */
        mien_free(bytes);
    }
}

static void bytes_after_the_last_storage_are_refused(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    assert_good(mien_file_read(
        support_source(GOLDEN "checkpoint_legacy.pth"), 100000, &bytes, &count));
    char *more = calloc(1, count + 1);
    memcpy(more, bytes, count);
    assert_fails(open_part(more, count + 1), MIEN_EFORMAT, "1 bytes after");
    free(more);
    mien_free(bytes);
}

static mien_status open_golden(void *context) {
    mien_archive *archive = NULL;
    mien_status status = mien_archive_open(context, &archive);
    for (int64_t i = 0; status == MIEN_OK && i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        status = mien_archive_load(archive, i, &tensor);
        mien_tensor_free(&tensor);
    }
    mien_value *tree = NULL;
    if (status == MIEN_OK && archive->module) {
        status = mien_archive_module(archive, &tree);
    }
    mien_value_free(&tree);
    mien_archive_close(&archive);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(
        open_golden, (void *)support_source(GOLDEN "plain_zip.pth"), 1000);
    support_each_allocation_fails(
        open_golden, (void *)support_source(GOLDEN "checkpoint_legacy.pth"), 1000);
    support_each_allocation_fails(
        open_golden, (void *)support_source(GOLDEN "nested_module_legacy.pth"), 2000);
    support_each_allocation_fails(
        open_golden, (void *)support_source(GOLDEN "beside_4_zip.pth"), 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_nested_containers_are_joined),
        cmocka_unit_test(the_state_of_a_checkpoint_is_taken),
        cmocka_unit_test(a_pickle_that_would_run_code_is_refused_by_name),
        cmocka_unit_test(plain_values_beside_weights_are_passed_over),
        cmocka_unit_test(tensors_of_uint16_may_share_their_values),
        cmocka_unit_test(types_that_are_not_read_are_named),
        cmocka_unit_test(values_stored_negated_are_refused),
        cmocka_unit_test(published_files_read_or_say_why),
        cmocka_unit_test(a_whole_module_has_the_names_of_its_state),
        cmocka_unit_test(modules_in_modules_are_walked),
        cmocka_unit_test(tensors_alone_are_no_module),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_file_with_one_byte_changed_stays_harmless),
        cmocka_unit_test(bytes_after_the_last_storage_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
