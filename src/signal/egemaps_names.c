/* SPDX-License-Identifier: MIT */
/* Names of eGeMAPS' values and tracks, as the literature has them. */
#include <stdio.h>
#include <string.h>

#include "signal/egemaps.h"
#include "base/need.h"

static const char *const columns[EGEMAPS_COLUMNS] = {"loudness_sma3", "alphaRatio_sma3",
    "hammarbergIndex_sma3", "slope0-500_sma3", "slope500-1500_sma3",
    "spectralFlux_sma3", "mfcc1_sma3", "mfcc2_sma3", "mfcc3_sma3", "mfcc4_sma3",
    "F0semitoneFrom27.5Hz_sma3nz", "jitterLocal_sma3nz", "shimmerLocaldB_sma3nz",
    "HNRdBACF_sma3nz", "logRelF0-H1-H2_sma3nz", "logRelF0-H1-A3_sma3nz",
    "F1frequency_sma3nz", "F1bandwidth_sma3nz", "F1amplitudeLogRelF0_sma3nz",
    "F2frequency_sma3nz", "F2bandwidth_sma3nz", "F2amplitudeLogRelF0_sma3nz",
    "F3frequency_sma3nz", "F3bandwidth_sma3nz", "F3amplitudeLogRelF0_sma3nz"};

static const char *const ten[] = {"amean", "stddevNorm", "percentile20.0",
    "percentile50.0", "percentile80.0", "pctlrange0-2", "meanRisingSlope",
    "stddevRisingSlope", "meanFallingSlope", "stddevFallingSlope"};

/* Of voiced rows, then of unvoiced ones. */
static const char *const parts[] = {"alphaRatio", "hammarbergIndex", "slope", "slope",
    "spectralFlux", "mfcc1", "mfcc2", "mfcc3", "mfcc4"};
static const char *const bands[] = {"", "", "0-500", "500-1500", "", "", "", "", ""};

static const char *const last[] = {"loudnessPeaksPerSec", "VoicedSegmentsPerSec",
    "MeanVoicedSegmentLengthSec", "StddevVoicedSegmentLengthSec",
    "MeanUnvoicedSegmentLength", "StddevUnvoicedSegmentLength",
    "equivalentSoundLevel_dBp"};

enum {
    AT_TWO = 20, /* means and deviations: flux, cepstrum; then the voice's */
    AT_VOICE = AT_TWO + 10,
    AT_VOICED = AT_VOICE + 2 * (EGEMAPS_COLUMNS - EGEMAPS_AT_JITTER),
    AT_UNVOICED = AT_VOICED + 18,
    AT_LAST = AT_UNVOICED + 5
};

void mien_egemaps_name(int index, char name[MIEN_FEATURE_NAME_MAX]) {
    MIEN_NEED_OR(, name);
    MIEN_NEED_OR(, name);
    name[0] = 0;
    if (index < 0 || index >= MIEN_EGEMAPS_VALUES) {
        return;
    }
    if (index < AT_TWO) {
        snprintf(name, MIEN_FEATURE_NAME_MAX, "%s_%s",
            columns[index < 10 ? EGEMAPS_AT_F0 : EGEMAPS_AT_LOUDNESS], ten[index % 10]);
    } else if (index < AT_VOICED) {
        const int of = index < AT_VOICE ? EGEMAPS_AT_FLUX + (index - AT_TWO) / 2
                                        : EGEMAPS_AT_JITTER + (index - AT_VOICE) / 2;
        snprintf(name, MIEN_FEATURE_NAME_MAX, "%s_%s", columns[of], ten[index % 2]);
    } else if (index < AT_UNVOICED) {
        const int of = (index - AT_VOICED) / 2;
        snprintf(name, MIEN_FEATURE_NAME_MAX, "%sV%s_sma3nz_%s", parts[of], bands[of],
            ten[index % 2]);
    } else if (index < AT_LAST) {
        const int of = index - AT_UNVOICED;
        snprintf(
            name, MIEN_FEATURE_NAME_MAX, "%sUV%s_sma3nz_amean", parts[of], bands[of]);
    } else {
        snprintf(name, MIEN_FEATURE_NAME_MAX, "%s", last[index - AT_LAST]);
    }
}

void mien_egemaps_track_name(int index, char name[MIEN_FEATURE_NAME_MAX]) {
    MIEN_NEED_OR(, name);
    MIEN_NEED_OR(, name);
    const bool there = index >= 0 && index < EGEMAPS_COLUMNS;
    snprintf(name, MIEN_FEATURE_NAME_MAX, "%s", there ? columns[index] : "");
}
