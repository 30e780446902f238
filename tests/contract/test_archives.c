/* SPDX-License-Identifier: MIT */
/* Every row of archives.def: has a golden file, opens it with the names, shapes and
 * values its maker wrote down, and matches no file of another row. */
#include "support/support.h"

#include "io/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new format adds its golden file here (made by python/golden/). */
static const struct {
    const char *format, *file, *values;
} goldens[] = {{"safetensors", "tests/golden/torch/plain.safetensors",
                   "tests/golden/torch/plain.txt"},
    {"pth_zip", "tests/golden/torch/plain_zip.pth", "tests/golden/torch/plain.txt"},
    {"pth_legacy", "tests/golden/torch/checkpoint_legacy.pth",
        "tests/golden/torch/plain.txt"},
    {"h5", "tests/golden/keras/published.h5", "tests/golden/keras/weights.txt"},
    {"h5", "tests/golden/keras/whole.h5", "tests/golden/keras/weights.txt"},
    {"h5", "tests/golden/keras/numbered.weights.h5", "tests/golden/keras/weights.txt"},
    {"h5", "tests/golden/keras/again.h5", "tests/golden/keras/weights.txt"},
    {"h5", "tests/golden/keras/whole_again.h5", "tests/golden/keras/weights.txt"},
    {"h5", "tests/golden/keras/old.h5", "tests/golden/keras/weights.txt"}};
#define GOLDENS (sizeof goldens / sizeof goldens[0])

static const struct {
    const char *name;
    mien_dtype dtype;
} types[] = {{"float32", MIEN_F32}, {"float64", MIEN_F64}, {"float16", MIEN_F16},
    {"bfloat16", MIEN_BF16}, {"int64", MIEN_I64}, {"uint8", MIEN_U8},
    {"bool", MIEN_BOOL}};

static const char *golden_of(const char *format) {
    for (size_t i = 0; i < GOLDENS; i++) {
        if (!strcmp(goldens[i].format, format)) {
            return goldens[i].file;
        }
    }
    fail_msg("no golden file for the archive format %s", format);
    return NULL;
}

static mien_dtype type_of(const char *name) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!strcmp(types[i].name, name)) {
            return types[i].dtype;
        }
    }
    fail_msg("no type %s", name);
    return MIEN_F32;
}

/* One line "name|dtype|2,3|values" of plain.txt against the archive. */
static void assert_line(mien_archive *archive, char *line) {
    char *rest = line, *name = strsep(&rest, "|");
    mien_dtype dtype = type_of(strsep(&rest, "|"));
    char *shape = strsep(&rest, "|");
    int64_t index = mien_archive_find(archive, name);
    if (index < 0) {
        fail_msg("%s: no tensor %s", mien_archive_format(archive), name);
    }
    assert_string_equal(mien_archive_name(archive, index), name);
    mien_tensor *tensor = NULL, *values = NULL;
    assert_good(mien_archive_load(archive, index, &tensor));
    const mien_tensor *info = mien_archive_info(archive, index);
    assert_int_equal(tensor->dtype, dtype);
    assert_int_equal(info->dtype, dtype);
    assert_int_equal(info->rank, tensor->rank);
    int rank = 0;
    for (char *size; *shape && (size = strsep(&shape, ",")) != NULL; rank++) {
        assert_int_equal(tensor->shape[rank], atoll(size));
        assert_int_equal(info->shape[rank], atoll(size));
        if (!shape) {
            rank++;
            break;
        }
    }
    assert_int_equal(tensor->rank, rank);
    assert_good(mien_tensor_convert(tensor, MIEN_F64, &values));
    for (int64_t i = 0; i < mien_tensor_count(values); i++) {
        double want = strtod(strsep(&rest, " "), NULL);
        assert_near(((double *)values->data)[i], want, 0);
    }
    mien_tensor_free(&values);
    mien_tensor_free(&tensor);
}

static void every_format_reads_its_weights(void **state) {
    (void)state;
    for (size_t k = 0; mien_archive_kinds()[k]; k++) {
        golden_of(mien_archive_kinds()[k]->name);
    }
    for (size_t g = 0; g < GOLDENS; g++) {
        char *text = NULL;
        size_t count = 0;
        mien_archive *archive = NULL;
        assert_good(mien_archive_open(support_source(goldens[g].file), &archive));
        assert_string_equal(mien_archive_format(archive), goldens[g].format);
        assert_good(
            mien_file_read(support_source(goldens[g].values), 20000, &text, &count));
        int64_t lines = 0;
        for (char *rest = text, *line; rest && *rest; lines++) {
            line = strsep(&rest, "\n");
            assert_line(archive, line);
        }
        assert_int_equal(mien_archive_count(archive), lines);
        mien_archive_close(&archive);
        mien_free(text);
    }
}

static void a_file_matches_one_format_only(void **state) {
    (void)state;
    for (size_t k = 0; mien_archive_kinds()[k]; k++) {
        const mien_archive_kind *kind = mien_archive_kinds()[k];
        assert_true(strlen(kind->name) > 0 && strlen(kind->summary) > 0);
        for (size_t g = 0; g < GOLDENS; g++) {
            char *bytes = NULL;
            size_t count = 0;
            assert_good(mien_file_read(
                support_source(goldens[g].file), 100000, &bytes, &count));
            assert_int_equal(kind->matches((unsigned char *)bytes, count),
                !strcmp(kind->name, goldens[g].format));
            mien_free(bytes);
        }
        assert_false(kind->matches((const unsigned char *)"", 0));
    }
}

static mien_status open_and_load(void *context) {
    mien_archive *archive = NULL;
    mien_status status = mien_archive_open(context, &archive);
    for (int64_t i = 0; status == MIEN_OK && i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        status = mien_archive_load(archive, i, &tensor);
        mien_tensor_free(&tensor);
    }
    mien_archive_close(&archive);
    return status;
}

static void every_format_survives_a_failing_allocation(void **state) {
    (void)state;
    for (size_t g = 0; g < GOLDENS; g++) {
        support_each_allocation_fails(
            open_and_load, (void *)support_source(goldens[g].file), 2000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_reads_its_weights),
        cmocka_unit_test(a_file_matches_one_format_only),
        cmocka_unit_test(every_format_survives_a_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
