/* SPDX-License-Identifier: MIT */
/* Names of tensors in published files that are spelt otherwise than here. */
#include "models/weights/spelling.h"

#include <stdio.h>
#include <string.h>

bool mien_respell(char *name, size_t size, const mien_respelling *respelling) {
    char *at = strstr(name, respelling->theirs);
    const size_t theirs = strlen(respelling->theirs), here = strlen(respelling->here);
    if (!at || strlen(name) - theirs + here >= size) {
        return false;
    }
    memmove(at + here, at + theirs, strlen(at + theirs) + 1);
    memcpy(at, respelling->here, here);
    return true;
}

bool mien_respell_begin(const char *stored, char *name, size_t size) {
    static const char *const wrappers[] = {"module.", "model."};
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        const size_t length = strlen(wrappers[i]);
        if (strncmp(stored, wrappers[i], length) == 0) {
            stored += length;
        }
    }
    return (size_t)snprintf(name, size, "%s", stored) < size;
}
