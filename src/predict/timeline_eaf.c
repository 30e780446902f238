/* SPDX-License-Identifier: MIT */
/* ELAN annotations (EAF 3.0): one tier a target, one aligned annotation a moment. */
#include "predict/timeline.h"

#include <math.h>

static long long milliseconds(double time_s) {
    return llround(fmax(time_s, 0) * 1000);
}

static void write_time_slots(
    mien_string *out, const mien_prediction *moments, int64_t count) {
    mien_string_add(out, "  <TIME_ORDER>\n");
    for (int64_t i = 0; i < count; i++) {
        mien_string_addf(out,
            "    <TIME_SLOT TIME_SLOT_ID=\"ts%lld\" TIME_VALUE=\"%lld\"/>\n",
            (long long)(2 * i + 1), milliseconds(moments[i].start_s));
        mien_string_addf(out,
            "    <TIME_SLOT TIME_SLOT_ID=\"ts%lld\" TIME_VALUE=\"%lld\"/>\n",
            (long long)(2 * i + 2), milliseconds(moments[i].end_s));
    }
    mien_string_add(out, "  </TIME_ORDER>\n");
}

static void write_tier(mien_string *out, const mien_prediction *moments, int64_t count,
    const mien_target *target, int t) {
    mien_string_add(out, "  <TIER LINGUISTIC_TYPE_REF=\"prediction\" TIER_ID=\"");
    mien_timeline_xml(out, target->name);
    mien_string_add(out, "\">\n");
    for (int64_t i = 0; i < count; i++) {
        char text[MIEN_TIMELINE_TEXT];
        mien_string_addf(out,
            "    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a%lld\" "
            "TIME_SLOT_REF1=\"ts%lld\" TIME_SLOT_REF2=\"ts%lld\"><ANNOTATION_VALUE>",
            (long long)(t * count + i + 1), (long long)(2 * i + 1),
            (long long)(2 * i + 2));
        mien_timeline_xml(out, mien_timeline_text(&moments[i], t, target, 3, text));
        mien_string_add(
            out, "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n");
    }
    mien_string_add(out, "  </TIER>\n");
}

static mien_status write(mien_string *out, const char *film, double duration_s,
    const mien_prediction *moments, int64_t count, const mien_target *targets) {
    (void)duration_s;
    mien_string_add(out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ANNOTATION_DOCUMENT AUTHOR=\"mien " MIEN_VERSION "\" "
        "DATE=\"1970-01-01T00:00:00+00:00\" FORMAT=\"3.0\" VERSION=\"3.0\">\n"
        "  <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n"
        "    <MEDIA_DESCRIPTOR MEDIA_URL=\"");
    mien_timeline_xml(out, film);
    mien_string_add(out, "\" MIME_TYPE=\"video/*\"/>\n  </HEADER>\n");
    write_time_slots(out, moments, count);
    for (int t = 0; count > 0 && t < moments[0].targets_count; t++) {
        write_tier(out, moments, count, &targets[t], t);
    }
    mien_string_add(out, "  <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" "
                         "LINGUISTIC_TYPE_ID=\"prediction\" "
                         "TIME_ALIGNABLE=\"true\"/>\n</ANNOTATION_DOCUMENT>\n");
    return mien_string_status(out);
}

const mien_timeline_format mien_timeline_eaf = {
    .name = "eaf",
    .extension = "eaf",
    .summary = "ELAN annotations",
    .film_only = true,
    .write = write,
};
