/* SPDX-License-Identifier: MIT */
/* `mien extract --signals` of a trial table. */
#include "cli/extract_body.h"

#include <string.h>

#include "cli/recording_options.h"

bool cli_is_trials(const char *path) {
    const char *extension = mien_path_extension(path);
    mien_string sidecar;
    mien_string_init(&sidecar);
    mien_status status =
        mien_string_addf(&sidecar, "%.*s.json", (int)(extension - path) - 1, path);
    bool there =
        cli_is_table(path) && status == MIEN_OK && mien_file_exists(sidecar.text);
    mien_string_clear(&sidecar);
    return there;
}

static void tell(void *context, int64_t done, int64_t all) {
    cli_progress(context, "trials", done, all);
}

mien_status cli_extract_body(
    cli *c, const mien_options *options, const char *trials, mien_body *body) {
    static const char *const rules[] = {"none", "transductive", "strict"};
    static const char *const others[] = {"event", "every", "cleaned", "clock"};
    const char *output = mien_options_text(options, "output");
    const char *rule = mien_options_text(options, "normalise");
    for (int k = 0; k < 4; k++) {
        if (mien_options_given(options, others[k])) {
            return cli_usage(
                c, "--%s: not of a trial table, whose rows say when", others[k]);
        }
        if (k < 3 && strcmp(rule, rules[k]) == 0) {
            body->normalise = (mien_normalising)k;
        }
    }
    if (!output) {
        return cli_usage(c, "-o NEW.tsv is needed: a table beside %s", trials);
    }
    if (mien_file_exists(output) && !mien_options_flag(options, "force")) {
        return cli_usage(c, "%s is there already; --force replaces it", output);
    }
    body->first = mien_options_int(options, "first");
    body->reading = cli_recording_options(options);
    body->progress = tell;
    body->context = c;
    mien_status status = mien_body_features(trials, output, body);
    cli_progress_end(c);
    return status;
}
