/* SPDX-License-Identifier: MIT */
/* The names of emobase2010's values and tracks, as the literature has them. */
#include "signal/emobase.h"

#include <stdio.h>

#include "base/need.h"
#include "signal/functionals.h"

/* A column's name with its index in brackets, as "pcm_fftMag_mfcc_sma_de[3]". */
static void column_name(int column, bool slope, char *text, size_t size) {
    static const struct {
        int first, count;
        const char *name;
    } groups[] = {{EMOBASE_AT_LOUDNESS, 1, "pcm_loudness"},
        {EMOBASE_AT_MFCC, EMOBASE_MFCC, "pcm_fftMag_mfcc"},
        {EMOBASE_AT_LOG_MEL, EMOBASE_LOG_MEL, "logMelFreqBand"},
        {EMOBASE_AT_LSP, MIEN_LSP_ORDER, "lspFreq"},
        {EMOBASE_AT_ENVELOPE, 1, "F0finEnv"},
        {EMOBASE_AT_VOICING, 1, "voicingFinalUnclipped"}, {EMOBASE_AT_F0, 1, "F0final"},
        {EMOBASE_AT_JITTER, 1, "jitterLocal"}, {EMOBASE_AT_JITTER_DDP, 1, "jitterDDP"},
        {EMOBASE_AT_SHIMMER, 1, "shimmerLocal"}};
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        const int at = column - groups[g].first;
        const char *smoothed = slope ? "_sma_de" : "_sma";
        if (at < 0 || at >= groups[g].count) {
            continue;
        }
        if (groups[g].count > 1) {
            snprintf(text, size, "%s%s[%d]", groups[g].name, smoothed, at);
        } else {
            snprintf(text, size, "%s%s", groups[g].name, smoothed);
        }
    }
}

void mien_emobase_track_name(int index, char name[MIEN_FEATURE_NAME_MAX]) {
    MIEN_NEED_OR(, name);
    column_name(
        index % EMOBASE_COLUMNS, index >= EMOBASE_COLUMNS, name, MIEN_FEATURE_NAME_MAX);
}

void mien_emobase_name(int index, char name[MIEN_FEATURE_NAME_MAX]) {
    MIEN_NEED_OR(, name);
    char column[48];
    if (index >= EMOBASE_AT_ONSETS) {
        snprintf(name, MIEN_FEATURE_NAME_MAX, "F0final__Turn_%s",
            index == EMOBASE_AT_ONSETS ? "numOnsets" : "duration");
        return;
    }
    int functional = index % MIEN_FUNCTIONALS, at = index / MIEN_FUNCTIONALS;
    if (index < EMOBASE_AT_B) {
        column_name(at % EMOBASE_A, at >= EMOBASE_A, column, sizeof column);
    } else {
        at = (index - EMOBASE_AT_B) / EMOBASE_B_FUNCTIONALS;
        functional = (index - EMOBASE_AT_B) % EMOBASE_B_FUNCTIONALS;
        functional += functional >= MIEN_FUNCTIONAL_PERCENTILE1;
        functional += functional >= MIEN_FUNCTIONAL_PERCENTILE_RANGE;
        column_name(EMOBASE_A + at % EMOBASE_B, at >= EMOBASE_B, column, sizeof column);
    }
    snprintf(
        name, MIEN_FEATURE_NAME_MAX, "%s_%s", column, mien_functional_name(functional));
}
