/* SPDX-License-Identifier: MIT */
/* The rows of timelines.def, and what their writers share. */
#ifndef MIEN_PREDICT_TIMELINE_H
#define MIEN_PREDICT_TIMELINE_H

#include "mien/predict.h"

#define X(name) extern const mien_timeline_format mien_timeline_##name;
#include "predict/timelines.def"
#undef X

/** "valence 4.31, arousal 3.02" appended to out. */
mien_status mien_timeline_label(
    mien_string *out, const mien_prediction *moment, const mien_target *targets);
/** hh:mm:ss followed by mark and three digits, as subtitles write it. */
mien_status mien_timeline_clock(mien_string *out, double time_s, char mark);
/** & < > " escaped, bytes that XML does not take replaced. */
mien_status mien_timeline_xml(mien_string *out, const char *text);

#endif
