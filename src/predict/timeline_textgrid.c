/* SPDX-License-Identifier: MIT */
/* Praat TextGrid: one interval tier a target, without gaps as Praat wants it. */
#include "predict/timeline.h"

#include <math.h>

/* Praat doubles the quotes in a text. */
static void write_name(mien_string *out, const char *name) {
    for (; *name; name++) {
        mien_string_add_n(out, name, 1);
        if (*name == '"') {
            mien_string_add(out, "\"");
        }
    }
}

static void write_interval(
    mien_string *out, int64_t number, double from_s, double to_s, const char *text) {
    mien_string_addf(out,
        "        intervals [%lld]:\n            xmin = %.6f\n            xmax = %.6f\n"
        "            text = \"",
        (long long)number, from_s, to_s);
    write_name(out, text);
    mien_string_add(out, "\"\n");
}

/* Calls write_interval for moments and the gaps around them; with out NULL only counts.
 */
static int64_t write_intervals(mien_string *out, double end_s,
    const mien_prediction *moments, int64_t count, const mien_target *target, int t) {
    char text[MIEN_TIMELINE_TEXT];
    int64_t number = 0;
    double at = 0;
    for (int64_t i = 0; i < count; i++) {
        double from = fmax(moments[i].start_s, at), to = moments[i].end_s;
        if (from > at) {
            number++;
            if (out) {
                write_interval(out, number, at, from, "");
            }
        }
        if (to > from) {
            number++;
            if (out) {
                write_interval(out, number, from, to,
                    mien_timeline_text(&moments[i], t, target, 3, text));
            }
            at = to;
        } else {
            at = from;
        }
    }
    if (end_s > at) {
        number++;
        if (out) {
            write_interval(out, number, at, end_s, "");
        }
    }
    return number;
}

static mien_status write(mien_string *out, const char *film, double duration_s,
    const mien_prediction *moments, int64_t count, const mien_target *targets) {
    (void)film;
    double end_s = fmax(duration_s, count > 0 ? moments[count - 1].end_s : 0);
    int tiers = count > 0 ? moments[0].targets_count : 0;
    mien_string_addf(out,
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n"
        "xmin = 0\nxmax = %.6f\ntiers? <exists>\nsize = %d\nitem []:\n",
        end_s, tiers);
    for (int t = 0; t < tiers; t++) {
        mien_string_addf(out,
            "    item [%d]:\n        class = \"IntervalTier\"\n        name = \"",
            t + 1);
        write_name(out, targets[t].name);
        mien_string_addf(out,
            "\"\n        xmin = 0\n        xmax = %.6f\n        intervals: size = "
            "%lld\n",
            end_s,
            (long long)write_intervals(NULL, end_s, moments, count, &targets[t], t));
        write_intervals(out, end_s, moments, count, &targets[t], t);
    }
    return mien_string_status(out);
}

const mien_timeline_format mien_timeline_textgrid = {
    .name = "textgrid",
    .extension = "TextGrid",
    .summary = "Praat TextGrid",
    .film_only = true,
    .write = write,
};
