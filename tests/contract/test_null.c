/* SPDX-License-Identifier: MIT */
/* Arguments of public calls that are NULL are errors that name them, in every room. */
#include "support/support.h"

#include "mien/mien.h"

static char *path;
static const char *const none[] = {NULL};

/* Each expression is a call with one argument that must not be NULL. */
#define CALLS                                                                          \
    CALL(mien_file_read(NULL, 10, &path, &(size_t){0}), "path")                        \
    CALL(mien_file_read("x", 10, NULL, &(size_t){0}), "bytes")                         \
    CALL(mien_file_write(NULL, "x", 1), "path")                                        \
    CALL(mien_directory_list(NULL, &(char **){0}, &(int64_t){0}), "path")              \
    CALL(mien_directory_make(NULL), "path")                                            \
    CALL(mien_sha256_file(NULL, (char[65]){0}), "path")                                \
    CALL(mien_sha256_file("x", NULL), "hex")                                           \
    CALL(mien_value_read(NULL, &(mien_value *){0}), "path")                            \
    CALL(mien_value_read("x.json", NULL), "value")                                     \
    CALL(mien_table_read(NULL, NULL, &(mien_table *){0}), "path")                      \
    CALL(mien_table_read("x.csv", NULL, NULL), "table")                                \
    CALL(mien_table_write(NULL, "x.csv", MIEN_CSV), "table")                           \
    CALL(mien_npy_read(NULL, &(mien_tensor *){0}), "path")                             \
    CALL(mien_npy_write("x.npy", NULL), "tensor")                                      \
    CALL(mien_array_open(NULL, &(mien_array *){0}), "path")                            \
    CALL(mien_array_open("x.npy", NULL), "array")                                      \
    CALL(mien_hdf5_open(NULL, &(mien_hdf5 *){0}), "path")                              \
    CALL(mien_archive_open(NULL, &(mien_archive *){0}), "path")                        \
    CALL(mien_archive_open("x.pth", NULL), "archive")                                  \
    CALL(mien_safetensors_write(NULL, 0, none, NULL, NULL), "path")                    \
    CALL(mien_tensor_new(MIEN_F32, 1, (int64_t[]){1}, NULL), "tensor")                 \
    CALL(mien_image_read(NULL, NULL, &(mien_tensor *){0}), "path")                     \
    CALL(mien_image_read("x.png", NULL, NULL), "image")                                \
    CALL(mien_film_open(NULL, NULL, &(mien_film *){0}), "path")                        \
    CALL(mien_media_kind_of("x.png", NULL), "kind")                                    \
    CALL(mien_backbone_find(NULL, &(const mien_backbone *){0}), "name")                \
    CALL(mien_backbone_weights(NULL, &path), "backbone")                               \
    CALL(mien_backbone_pull(NULL, NULL, &path), "backbone")                            \
    CALL(mien_extractor_open(NULL, &(mien_extractor *){0}), "options")                 \
    CALL(mien_model_open(NULL, &(mien_model *){0}), "name")                            \
    CALL(mien_model_open("image-va", NULL), "model")                                   \
    CALL(mien_model_convert(NULL, NULL, "x"), "path")                                  \
    CALL(mien_trials_open(NULL, &(mien_trials *){0}), "path")                          \
    CALL(mien_study_open(NULL, NULL, 0, &(mien_study *){0}), "path")                   \
    CALL(mien_train(NULL, "x", NULL), "study")                                         \
    CALL(mien_resume(NULL, NULL), "run")                                               \
    CALL(mien_explain(NULL, NULL, "x"), "run")                                         \
    CALL(mien_report_runs(none, 1, NULL), "path")                                      \
    CALL(mien_fingerprints_new(NULL, 1, &(mien_fingerprints *){0}), "inputs")          \
    CALL(mien_fingerprints_take(NULL, NULL, NULL), "fingerprints")                     \
    CALL(mien_predictor_open(NULL, NULL, &(mien_predictor *){0}), "model")

static void a_null_argument_is_an_error_that_names_it(void **state) {
    (void)state;
#define CALL(call, name) assert_fails(call, MIEN_EINVAL, "): " name " is NULL");
    CALLS
#undef CALL
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_null_argument_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
