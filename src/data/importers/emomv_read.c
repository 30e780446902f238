/* SPDX-License-Identifier: MIT */
/* Reads the published files of EmoMV.
 *
 * STEM_labels.csv without a header, STEM being such as DS1_TRAIN_MATCH_MISMATCH:
 * folder, clip, 1 for a match and 0 for a mismatch, emotion of the picture, emotion of
 * the sound, and the numbers of both. A mismatch is called PICTURE_PAIR_SOUND. Which is
 * which is not written down, but the features tell: a classifier learnt on the sound of
 * set A's matches finds the second emotion in 77 % of its mismatches and the first in 4
 * %, one on pictures the first. Features are in VGGish_STEM.h5 (sound) and
 * SlowFast_STEM.h5 (picture), a row a line; either may be absent. */
#include "data/importers/emomv.h"
#include "data/trials.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABELS "_labels.csv"
#define PAIR "_PAIR_"

enum { FOLDER, CLIP, MATCH, PICTURE, SOUND, PICTURE_NUMBER, SOUND_NUMBER, PUBLISHED };
enum { KINDS = MIEN_EMOMV_KINDS, EMOTIONS = MIEN_EMOMV_EMOTIONS };

typedef mien_emomv_part part;
typedef mien_emomv_clip clip;

const mien_emomv_kind mien_emomv_kinds[KINDS] = {
    {"VGGish", "vggish", "VGGish of the sound, mean over the clip"},
    {"SlowFast", "slowfast", "SlowFast of the picture"},
};

/* ---- names -------------------------------------------------------------------- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Where a number that ends at `end` begins; end itself if there is none. */
static size_t number_start(const char *text, size_t end) {
    while (end > 0 && is_digit(text[end - 1])) {
        end--;
    }
    return end;
}

/* "-5-of-9" at the end is cut off. */
static size_t without_part(const char *text, size_t length) {
    size_t total = number_start(text, length);
    if (total == length || total < 4 || memcmp(text + total - 4, "-of-", 4) != 0) {
        return length;
    }
    size_t number = number_start(text, total - 4);
    return number < total - 4 && number > 1 && text[number - 1] == '-' ? number - 1
                                                                       : length;
}

/* "_000090_000120" at the end is cut off. */
static size_t without_times(const char *text, size_t length) {
    size_t end = number_start(text, length);
    if (length - end != 6 || end < 8 || text[end - 1] != '_') {
        return length;
    }
    size_t start = number_start(text, end - 1);
    return end - 1 - start == 6 && start > 1 && text[start - 1] == '_' ? start - 1
                                                                       : length;
}

size_t mien_emomv_source(
    const char *name, size_t length, const char *emotion, const char **start) {
    size_t skip = strlen(emotion);
    if (length > skip + 1 && strncasecmp(name, emotion, skip) == 0 &&
        name[skip] == '_') {
        name += skip + 1;
        length -= skip + 1;
    }
    *start = name;
    return without_times(name, without_part(name, length));
}

/* ---- one line ----------------------------------------------------------------- */

static mien_status fail_cell(
    const mien_table *t, int64_t row, int column, const char *why) {
    return mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": column %d is \"%s\": %s",
        mien_table_file(t), mien_table_line(t, row), column + 1,
        mien_table_cell(t, row, column), why);
}

/* An emotion has one number in all files, and a number one emotion; sets A and B write
 * "exciting", set C "Exciting": the first spelling stays. */
static mien_status read_emotion(
    mien_emomv *g, const mien_table *t, int64_t row, int which, int *emotion) {
    const char *name = mien_table_cell(t, row, PICTURE + which);
    int64_t number = 0;
    if (!mien_parse_int(mien_table_cell(t, row, PICTURE_NUMBER + which), &number) ||
        number < 0 || number >= EMOTIONS) {
        return fail_cell(t, row, PICTURE_NUMBER + which, "the number of an emotion");
    }
    if (mien_cell_missing(name) || strlen(name) >= MIEN_EMOMV_NAME) {
        return fail_cell(t, row, PICTURE + which, "the name of an emotion");
    }
    for (int e = 0; e < EMOTIONS; e++) {
        if (g->emotions[e][0] && (e == number) != !strcasecmp(g->emotions[e], name)) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%" PRId64 ": emotion %" PRId64 " is \"%s\" where others have %d "
                "as \"%s\"",
                mien_table_file(t), mien_table_line(t, row), number, name, e,
                g->emotions[e]);
        }
    }
    if (!g->emotions[number][0]) {
        snprintf(g->emotions[number], MIEN_EMOMV_NAME, "%s", name);
    }
    *emotion = (int)number;
    return MIEN_OK;
}

static char *new_source(
    const clip *c, const char *name, size_t length, const char *emotion) {
    const char *start;
    mien_string text;
    mien_string_init(&text);
    size_t kept = mien_emomv_source(name, length, emotion, &start);
    mien_string_addf(&text, "%s/%.*s", c->part->set, (int)kept, start);
    return mien_string_take(&text);
}

static mien_status read_names(mien_emomv *g, clip *c) {
    const char *name = mien_table_cell(c->part->labels, c->row, CLIP);
    const char *pair = strstr(name, PAIR);
    const char *second = pair ? pair + strlen(PAIR) : name;
    size_t first_length = pair ? (size_t)(pair - name) : strlen(name);
    c->source[0] = new_source(c, name, first_length, g->emotions[c->emotion[0]]);
    c->source[1] = new_source(c, second, strlen(second), g->emotions[c->emotion[1]]);
    mien_string id;
    mien_string_init(&id);
    mien_string_addf(&id, "%s/%s", c->part->stem, name);
    c->id = mien_string_take(&id);
    return c->source[0] && c->source[1] && c->id ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status read_clip(mien_emomv *g, const part *p, int64_t row) {
    clip *c = &g->clips[g->count++];
    const mien_table *t = p->labels;
    const char *match = mien_table_cell(t, row, MATCH);
    const char *name = mien_table_cell(t, row, CLIP);
    *c = (clip){.part = p, .row = row, .name = name};
    mien_status status = read_emotion(g, t, row, 0, &c->emotion[0]);
    status = status ? status : read_emotion(g, t, row, 1, &c->emotion[1]);
    if (status != MIEN_OK) {
        return status;
    }
    if (strcmp(match, "0") != 0 && strcmp(match, "1") != 0) {
        return fail_cell(t, row, MATCH, "1 for a match, 0 for a mismatch");
    }
    if ((*match == '1') != (c->emotion[0] == c->emotion[1])) {
        return fail_cell(t, row, MATCH, "the two emotions say otherwise");
    }
    if (mien_cell_missing(name) || (*match == '0') != (strstr(name, PAIR) != NULL)) {
        return fail_cell(t, row, CLIP,
            *match == '0' ? "a mismatch is called PICTURE" PAIR "SOUND"
                          : "a match is one clip");
    }
    return read_names(g, c);
}

/* ---- files -------------------------------------------------------------------- */

/* "DS1_TRAIN_MATCH_MISMATCH": set A, training. */
static mien_status read_stem(part *p) {
    static const char *const splits[][2] = {{"TRAIN", "train"}, {"VAL", "validation"},
        {"VALIDATION", "validation"}, {"TEST", "test"}};
    size_t set = strcspn(p->stem, "_");
    const char *token = p->stem + set + (p->stem[set] == '_');
    size_t length = strcspn(token, "_");
    if (set >= sizeof p->set) {
        return mien_fail(
            MIEN_EFORMAT, "%s" LABELS ": the set's name is too long", p->stem);
    }
    if (set == 3 && strncmp(p->stem, "DS", 2) == 0 && p->stem[2] >= '1' &&
        p->stem[2] <= '9') {
        snprintf(p->set, sizeof p->set, "%c", 'A' + p->stem[2] - '1');
    } else {
        snprintf(p->set, sizeof p->set, "%.*s", (int)set, p->stem);
    }
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        if (strlen(splits[i][0]) == length &&
            strncasecmp(token, splits[i][0], length) == 0) {
            p->split = splits[i][1];
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT,
        "%s" LABELS ": the name does not say the split (DS1_TRAIN_…, _VAL_, _TEST_)",
        p->stem);
}

static mien_status read_labels(const mien_emomv *g, part *p, const char *file) {
    mien_table_options options = mien_table_options_default();
    options.headerless = true;
    char *path = mien_path_join(g->directory, file);
    mien_status status =
        path ? mien_table_read(path, &options, &p->labels) : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_table_columns(p->labels) != PUBLISHED) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:1: %d columns; the labels of EmoMV have %d: folder, clip, match, two "
            "emotions and their numbers",
            path, mien_table_columns(p->labels), PUBLISHED);
    }
    mien_free(path);
    return status;
}

static mien_status open_features(mien_emomv *g, part *p, int kind) {
    mien_string name;
    mien_string_init(&name);
    mien_string_addf(
        &name, "%s/%s_%s.h5", g->directory, mien_emomv_kinds[kind].prefix, p->stem);
    mien_status status = mien_string_status(&name);
    if (status == MIEN_OK && mien_file_exists(name.text)) {
        status = mien_array_open(name.text, &p->features[kind]);
        const mien_array *a = p->features[kind];
        int64_t rows = mien_table_rows(p->labels);
        if (status == MIEN_OK && mien_array_shape(a)[0] != rows) {
            status = mien_fail(MIEN_ESHAPE,
                "%s: %" PRId64 " rows where %s has %" PRId64, name.text,
                mien_array_shape(a)[0], mien_table_file(p->labels), rows);
        } else if (status == MIEN_OK && g->width[kind] > 0 &&
                   mien_array_width(a) != g->width[kind]) {
            status = mien_fail(MIEN_ESHAPE,
                "%s: %" PRId64 " values a row where the other files have %" PRId64,
                name.text, mien_array_width(a), g->width[kind]);
        } else if (status == MIEN_OK) {
            g->width[kind] = mien_array_width(a);
        }
    } else if (status == MIEN_OK) {
        mien_log(
            MIEN_LOG_WARN, "data", "emomv: there is no %s: n/a in its rows", name.text);
    }
    mien_string_clear(&name);
    return status;
}

static bool is_labels(const char *name) {
    size_t length = strlen(name), end = strlen(LABELS);
    return length > end && name[0] != '.' && !strcmp(name + length - end, LABELS);
}

static mien_status read_part(mien_emomv *g, const char *file) {
    part *p = &g->parts[g->parts_count++];
    p->stem = mien_strndup(file, strlen(file) - strlen(LABELS));
    mien_status status = p->stem ? read_stem(p) : MIEN_ENOMEM;
    status = status ? status : read_labels(g, p, file);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        status = open_features(g, p, k);
    }
    return status;
}

static mien_status read_parts(mien_emomv *g) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(g->directory, &names, &count);
    if (status != MIEN_OK) {
        return status;
    }
    g->parts = mien_alloc((size_t)count, sizeof *g->parts);
    status = g->parts ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = is_labels(names[i]) ? read_part(g, names[i]) : MIEN_OK;
    }
    if (status == MIEN_OK && g->parts_count == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no labels of EmoMV (such as DS1_TRAIN_MATCH_MISMATCH" LABELS ")",
            g->directory);
    }
    mien_names_free(&names, count);
    return status;
}

static mien_status read_clips(mien_emomv *g) {
    int64_t rows = 0;
    for (int64_t i = 0; i < g->parts_count; i++) {
        rows += mien_table_rows(g->parts[i].labels);
    }
    g->clips = mien_alloc((size_t)rows, sizeof *g->clips);
    mien_status status = g->clips ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; i < g->parts_count; i++) {
        const part *p = &g->parts[i];
        for (int64_t r = 0; status == MIEN_OK && r < mien_table_rows(p->labels); r++) {
            status = read_clip(g, p, r);
        }
    }
    return status;
}

static mien_status check_ids(const mien_emomv *g) {
    const char **ids = mien_alloc((size_t)g->count, sizeof *ids);
    int64_t *first = mien_alloc((size_t)g->count, sizeof *first);
    mien_status status = ids && first ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < g->count; i++) {
        ids[i] = g->clips[i].id;
    }
    status = status ? status : mien_names_first(g->count, ids, first);
    for (int64_t i = 0; status == MIEN_OK && i < g->count; i++) {
        if (first[i] != i) {
            status = fail_cell(g->clips[i].part->labels, g->clips[i].row, CLIP,
                "this clip is there already");
        }
    }
    mien_free(first);
    mien_free(ids);
    return status;
}

void mien_emomv_clear(mien_emomv *g) {
    for (int64_t i = 0; i < g->count; i++) {
        mien_free(g->clips[i].source[0]);
        mien_free(g->clips[i].source[1]);
        mien_free(g->clips[i].id);
    }
    for (int64_t i = 0; i < g->parts_count; i++) {
        for (int k = 0; k < KINDS; k++) {
            mien_array_close(&g->parts[i].features[k]);
        }
        mien_table_free(&g->parts[i].labels);
        mien_free(g->parts[i].stem);
    }
    mien_free(g->clips);
    mien_free(g->parts);
    *g = (mien_emomv){0};
}

mien_status mien_emomv_read(const char *directory, mien_emomv *set) {
    set->directory = directory;
    mien_status status = read_parts(set);
    status = status ? status : read_clips(set);
    return status ? status : check_ids(set);
}
