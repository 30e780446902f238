/* SPDX-License-Identifier: MIT */
/* Any bytes as YAML and as JSON; what reads must read back the same after it is
 * written. */
#include "mien/io.h"

#include <stdlib.h>
#include <string.h>

typedef mien_status parse(const char *, const char *, size_t, mien_value **);

/* Written, read and written again, the text must stay. */
static void again(const mien_value *value, bool yaml) {
    mien_string first, second;
    mien_value *back = NULL;
    mien_string_init(&first);
    mien_string_init(&second);
    mien_status status = yaml ? mien_value_write_yaml(value, &first)
                              : mien_value_write_json(value, true, &first);
    if (status == MIEN_OK) {
        status = (yaml ? mien_value_parse_yaml : mien_value_parse_json)(
            "again", first.text, first.length, &back);
        if (status != MIEN_OK && status != MIEN_ELIMIT) {
            abort();
        }
    }
    if (status == MIEN_OK) {
        status = yaml ? mien_value_write_yaml(back, &second)
                      : mien_value_write_json(back, true, &second);
        if (status != MIEN_OK || strcmp(first.text, second.text) != 0) {
            abort();
        }
    }
    mien_value_free(&back);
    mien_string_clear(&first);
    mien_string_clear(&second);
}

static void try(parse *read, const uint8_t *data, size_t size) {
    mien_value *value = NULL;
    if (read("fuzz", (const char *)data, size, &value) == MIEN_OK) {
        again(value, true);
        again(value, false);
        mien_value_free(&value);
    }
}

/* libfyaml 0.7.12 leaks a buffer of its own on some malformed quotes. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfyaml";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try(mien_value_parse_yaml, data, size);
    try(mien_value_parse_json, data, size);
    return 0;
}
