/* SPDX-License-Identifier: MIT */
/* Trial tables made of recordings. */
#include "data/recordings/recording_trials.h"

#include <stdio.h>

#include "data/label_targets.h"

const char *const mien_trial_fixed[MIEN_TRIAL_FIXED] = {
    "trial", "person", "stimulus", "event", "recording", "start_s", "end_s"};

static mien_status add_words(mien_value *sidecar) {
    static const char *const words[][2] = {
        {"person", "who; folds by person keep people apart"},
        {"stimulus", "what was shown"},
        {"event", "the recording's name of the event"},
        {"recording", "the file, or a folder of one; a BIDS run by one of its files"},
        {"start_s", "of the event, seconds of the recording's clock; end_s: its end"},
    };
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof words / sizeof *words && status == MIEN_OK; i++) {
        status = mien_sidecar_add_column(sidecar, words[i][0], words[i][1]);
    }
    return status;
}

static bool rated(const mien_table *t) {
    return mien_table_column(t, "valence") >= 0 ||
           mien_table_column(t, "arousal") >= 0 || mien_table_column(t, "emotion") >= 0;
}

/* Columns called valence and arousal hold ratings, however few different ones there
 * are. */
static mien_status assume_ratings(const mien_table *t, mien_options *options) {
    char range[64];
    if (mien_options_given(options, "targets") ||
        mien_options_given(options, "range") || mien_table_column(t, "emotion") >= 0) {
        return MIEN_OK;
    }
    snprintf(range, sizeof range, "%s", mien_options_text(options, "range"));
    return mien_options_set(options, NULL, "range", range);
}

mien_status mien_recording_sidecar(const char *name, const char *source,
    const mien_table *table, const mien_options *options, mien_value **sidecar) {
    mien_label_targets targets = {.count = 0};
    mien_options *chosen = NULL;
    mien_value *made = mien_sidecar_new(
        name, source, "see the data set's own description", "see the data set's own");
    mien_status status = made ? add_words(made) : MIEN_ENOMEM;
    if (status == MIEN_OK && !mien_options_given(options, "targets") && !rated(table)) {
        mien_log(MIEN_LOG_WARN, "data", "%s: no ratings: nothing can be learnt from it",
            name);
    } else {
        status = status ? status : mien_options_copy(options, &chosen);
        status = status ? status : assume_ratings(table, chosen);
        status = status ? status : mien_label_targets_find(table, chosen, &targets);
    }
    for (int k = 0; status == MIEN_OK && k < targets.count; k++) {
        status = mien_sidecar_add_target(made, &targets.items[k]);
    }
    mien_label_targets_clear(&targets);
    mien_options_free(&chosen);
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}
