/* SPDX-License-Identifier: MIT */
/* WebVTT subtitles: browsers show the prediction under the film. */
#include "predict/timeline.h"

static mien_status write(mien_string *out, const char *film, double duration_s,
    const mien_prediction *moments, int64_t count, const mien_target *targets) {
    (void)film;
    (void)duration_s;
    mien_string_add(out, "WEBVTT\n\n");
    for (int64_t i = 0; i < count; i++) {
        mien_timeline_clock(out, moments[i].start_s, '.');
        mien_string_add(out, " --> ");
        mien_timeline_clock(out, moments[i].end_s, '.');
        mien_string_add(out, "\n");
        mien_timeline_label(out, &moments[i], targets);
        mien_string_add(out, "\n\n");
    }
    return mien_string_status(out);
}

const mien_timeline_format mien_timeline_vtt = {
    .name = "vtt",
    .extension = "vtt",
    .summary = "WebVTT subtitles",
    .film_only = true,
    .write = write,
};
