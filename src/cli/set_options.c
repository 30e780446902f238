/* SPDX-License-Identifier: MIT */
/* Reads --set KEY=VALUE, as often as it is given. */
#include "cli/set_options.h"

#include <string.h>

/* One KEY=VALUE; the text is ours. */
static mien_status set_option(cli *c, mien_options *own, char *text) {
    char *equals = strchr(text, '=');
    if (!equals) {
        return cli_usage(c, "--set %s: KEY=VALUE is needed", text);
    }
    *equals = 0;
    mien_status status = mien_options_set(own, "--set", text, equals + 1);
    c->usage = status == MIEN_EINVAL;
    return status;
}

mien_status cli_set_options(cli *c, const char *name, const mien_option *table,
    const char *given, mien_options **own) {
    if (given && !table) {
        return cli_usage(c, "--set: %s has no options", name);
    }
    mien_status status = table ? mien_options_new(table, own) : MIEN_OK;
    char *text = mien_strdup(given ? given : ""), *rest = text;
    status = status == MIEN_OK && !text ? MIEN_ENOMEM : status;
    while (status == MIEN_OK && *rest) {
        char *next = rest + strcspn(rest, "\n");
        char *end = next;
        next += *next == '\n';
        *end = 0;
        status = set_option(c, *own, rest);
        rest = next;
    }
    mien_free(text);
    return status;
}

int cli_texts_split(char *text, const char **texts) {
    int count = 0;
    for (char *at = text; at && *at;) {
        char *end = strchr(at, '\n');
        if (count == CLI_TEXTS_MAX) {
            return -1;
        }
        texts[count++] = at;
        if (end) {
            *end = 0;
        }
        at = end ? end + 1 : NULL;
    }
    return count;
}
