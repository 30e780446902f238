/* SPDX-License-Identifier: MIT */
/* Options of commands that take published weights over. */
#include "cli/convert_options.h"

#include <math.h>
#include <string.h>

bool cli_is_foreign(const mien_options *o, const char *model) {
    const char *extension = mien_path_extension(model);
    return mien_options_given(o, "as") || strcmp(extension, "pth") == 0 ||
           strcmp(extension, "pt") == 0;
}

/* "LOW,HIGH" */
static bool parse_range(const char *text, double *low, double *high) {
    char first[64];
    const char *comma = strchr(text, ',');
    size_t length = comma ? (size_t)(comma - text) : sizeof first;
    if (length >= sizeof first) {
        return false;
    }
    memcpy(first, text, length);
    first[length] = '\0';
    return mien_parse_number(first, low) && mien_parse_number(comma + 1, high) &&
           isfinite(*low) && isfinite(*high) && *low < *high;
}

mien_status cli_convert_options(
    cli *c, const mien_options *o, const char *model, mien_convert_options *options) {
    static const char *const names[] = {"target", "range", "settings", "licence"};
    mien_convert_options made = mien_convert_options_default();
    const char *range = mien_options_text(o, "range");
    for (int i = 0; !cli_is_foreign(o, model) && i < 4; i++) {
        if (mien_options_given(o, names[i])) {
            return cli_usage(c, "--%s is for published weights (.pth)", names[i]);
        }
    }
    if (range && !parse_range(range, &made.minimum, &made.maximum)) {
        return cli_usage(c, "--range: \"%s\" is not LOW,HIGH", range);
    }
    made.as = mien_options_given(o, "as") ? mien_options_text(o, "as") : made.as;
    made.target = mien_options_text(o, "target");
    made.settings = mien_options_text(o, "settings");
    made.licence = mien_options_text(o, "licence");
    *options = made;
    return MIEN_OK;
}
