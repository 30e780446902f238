/* SPDX-License-Identifier: MIT */
/* Reads the names of EmoEye's epochs. */
#include "data/importers/emoeye.h"

#include <stdio.h>
#include <string.h>

static mien_status bad_name(const char *path) {
    return mien_fail(MIEN_EFORMAT,
        "%s: an epoch's name is SEQUENCE_IMAGE_AROUSAL_VALENCE.csv, ratings 1 to 7",
        path);
}

/* A rating of one digit between `from` and `to`. */
static int rating(const char *from, const char *to) {
    return to - from == 1 && *from >= '1' && *from <= '7' ? *from - '0' : 0;
}

mien_status mien_emoeye_name_parse(const char *path, mien_emoeye_name *name) {
    const char *base = mien_path_base(path), *first = strchr(base, '_');
    const char *end = strrchr(base, '.'), *valence = strrchr(base, '_');
    const char *arousal = valence;
    if (!first || !end || !valence || strcmp(end, ".csv") != 0) {
        return bad_name(path);
    }
    while (arousal > base && (arousal == valence || *arousal != '_')) {
        arousal--;
    }
    int64_t sequence = 0;
    char number[24];
    snprintf(number, sizeof number, "%.*s", (int)(first - base), base);
    int a = rating(arousal + 1, valence), v = rating(valence + 1, end);
    if (arousal <= first || !a || !v || !mien_parse_int(number, &sequence) ||
        sequence < 0 || sequence > 1000000 ||
        arousal - first - 1 >= (int)sizeof name->image) {
        return bad_name(path);
    }
    *name = (mien_emoeye_name){.sequence = (int)sequence, .arousal = a, .valence = v};
    snprintf(
        name->image, sizeof name->image, "%.*s", (int)(arousal - first - 1), first + 1);
    return MIEN_OK;
}
