/* SPDX-License-Identifier: MIT */
/* Any bytes as LIRIS-ACCEDE's description of its films: texts that lie in them. */
#include "data/importers/liris.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const tags[] = {"name", "movie"};
    const char *text = (const char *)data, *end = text + size;
    for (int i = 0; i < 2; i++) {
        size_t length = 0;
        const char *found = mien_liris_tag(text, end, tags[i], &length);
        while (found) {
            if (found < text || found + length >= end || *(found + length) != '<') {
                abort();
            }
            found = mien_liris_tag(found + length, end, tags[i], &length);
        }
    }
    return 0;
}
