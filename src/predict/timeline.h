/* SPDX-License-Identifier: MIT */
/* The rows of timelines.def, and what their writers share. */
#ifndef MIEN_PREDICT_TIMELINE_H
#define MIEN_PREDICT_TIMELINE_H

#include "mien/predict.h"

#define X(name) extern const mien_timeline_format mien_timeline_##name;
#include "predict/timelines.def"
#undef X

/** "4.125" with that many decimals, or the label of the class chosen (not escaped).
 * text has room for MIEN_TIMELINE_TEXT bytes; returned is it or the label. */
#define MIEN_TIMELINE_TEXT 64
const char *mien_timeline_text(const mien_prediction *moment, int t,
    const mien_target *target, int decimals, char text[MIEN_TIMELINE_TEXT]);
/** "valence 4.31, emotion happy" appended to out. */
mien_status mien_timeline_label(
    mien_string *out, const mien_prediction *moment, const mien_target *targets);
/** hh:mm:ss followed by mark and three digits, as subtitles write it. */
mien_status mien_timeline_clock(mien_string *out, double time_s, char mark);
/** & < > " escaped, bytes that XML does not take replaced. */
mien_status mien_timeline_xml(mien_string *out, const char *text);

#endif
