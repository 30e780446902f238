/* SPDX-License-Identifier: MIT */
/* EmoMV: clips of music videos, each with the emotion of its sound and that of its
 * picture; half of them have the sound of another clip (mismatch). emomv_read.c reads
 * the published files. */
#include "data/components.h"
#include "data/importers/importer.h"
#include "data/importers/emomv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KINDS = MIEN_EMOMV_KINDS, EMOTIONS = MIEN_EMOMV_EMOTIONS };

typedef struct importing {
    const char *prefix; /* of paths */
    mien_emomv set;
    const char **group; /* of each clip; lent from its sources */
    int64_t groups, leaking;
} importing;

/* ---- groups ------------------------------------------------------------------- */

/* Clips with the very same features show or sound the same, whatever they are called.
 */
static mien_status join_equal(
    importing *g, int kind, const int64_t *node, int64_t *parent) {
    char(*hash)[65] = mien_alloc((size_t)g->set.count, sizeof *hash);
    const char **names = mien_alloc((size_t)g->set.count, sizeof *names);
    int64_t *first = mien_alloc((size_t)g->set.count, sizeof *first);
    float *row = mien_alloc((size_t)g->set.width[kind], sizeof *row);
    mien_status status = hash && names && first && row ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < g->set.count; i++) {
        const mien_array *a = g->set.clips[i].part->features[kind];
        status = a ? mien_array_read(a, g->set.clips[i].row, 1, row) : MIEN_OK;
        if (status == MIEN_OK && a) {
            status = mien_sha256_bytes(
                row, (size_t)g->set.width[kind] * sizeof *row, hash[i]);
            names[i] = hash[i];
        }
    }
    status = status ? status : mien_names_first(g->set.count, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < g->set.count; i++) {
        mien_components_join(parent, node[2 * i], node[2 * first[i]]);
    }
    mien_free(row);
    mien_free(first);
    mien_free(names);
    mien_free(hash);
    return status;
}

/* Groups that stand on several sides of the published split. */
static void count_leaking(importing *g, const int64_t *node, int64_t *parent,
    const char **split, const char **of) {
    for (int64_t i = 0; i < g->set.count; i++) {
        int64_t root = mien_components_find(parent, node[2 * i]);
        const char *here = g->set.clips[i].part->split;
        g->groups += !split[root];
        if (!split[root]) {
            split[root] = here;
        } else if (strcmp(split[root], here) != 0 && strcmp(split[root], "several")) {
            split[root] = "several";
            g->leaking++;
        }
        g->group[i] = of[root];
    }
}

/* A group is all that hangs together by music videos: a mismatch belongs to two. */
static mien_status make_groups(importing *g) {
    size_t names = 2 * (size_t)g->set.count;
    const char **source = mien_alloc(names, sizeof *source);
    int64_t *node = mien_alloc(names, sizeof *node), unique = 0;
    int64_t *parent = mien_alloc(names, sizeof *parent);
    const char **split = mien_alloc(names, sizeof *split);
    const char **of = mien_alloc(names, sizeof *of); /* name of a node */
    g->group = mien_alloc((size_t)g->set.count, sizeof *g->group);
    mien_status status =
        source && node && parent && split && of && g->group ? MIEN_OK : MIEN_ENOMEM;
    for (size_t i = 0; status == MIEN_OK && i < names; i++) {
        source[i] = g->set.clips[i / 2].source[i % 2];
    }
    status = status ? status : mien_names_number((int64_t)names, source, node, &unique);
    for (size_t i = 0; status == MIEN_OK && i < names; i++) {
        of[node[i]] = g->set.clips[i / 2].source[i % 2];
    }
    if (status == MIEN_OK) {
        mien_components_init(parent, unique);
        for (int64_t i = 0; i < g->set.count; i++) {
            mien_components_join(parent, node[2 * i], node[2 * i + 1]);
        }
    }
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        status = g->set.width[k] > 0 ? join_equal(g, k, node, parent) : MIEN_OK;
    }
    if (status == MIEN_OK) {
        count_leaking(g, node, parent, split, of);
    }
    mien_free(of);
    mien_free(split);
    mien_free(parent);
    mien_free(node);
    mien_free(source);
    return status;
}

/* ---- the table ---------------------------------------------------------------- */

enum {
    TRIAL,
    STIMULUS,
    GROUP,
    SET,
    SPLIT,
    IS_MATCH,
    EMOTION,
    PICTURE_EMOTION,
    SOUND_EMOTION,
    PICTURE_VIDEO,
    SOUND_VIDEO,
    FIRST_FEATURE,
    COLUMNS = FIRST_FEATURE + KINDS
};

static mien_status add_clip(const importing *g, int64_t index, mien_table *to) {
    const mien_emomv_clip *c = &g->set.clips[index];
    bool match = c->emotion[0] == c->emotion[1];
    const char *cells[COLUMNS] = {c->id, c->name, g->group[index], c->part->set,
        c->part->split, match ? "match" : "mismatch",
        match ? g->set.emotions[c->emotion[0]] : NULL, g->set.emotions[c->emotion[0]],
        g->set.emotions[c->emotion[1]], c->source[0], c->source[1]};
    mien_string place[KINDS];
    mien_status status = MIEN_OK;
    for (int k = 0; k < KINDS; k++) {
        mien_string_init(&place[k]);
        if (c->part->features[k]) {
            mien_string_addf(&place[k], "%s%s%s_%s.h5#%" PRId64, g->prefix,
                *g->prefix ? "/" : "", mien_emomv_kinds[k].prefix, c->part->stem,
                c->row);
            cells[FIRST_FEATURE + k] = place[k].text;
        }
        status = status ? status : mien_string_status(&place[k]);
    }
    status = status ? status : mien_table_add_row(to, cells);
    for (int k = 0; k < KINDS; k++) {
        mien_string_clear(&place[k]);
    }
    return status;
}

static mien_status make_table(const importing *g, mien_table **table) {
    static const char *const names[COLUMNS] = {"trial", "stimulus", "group", "set",
        "split", "match", "emotion", "picture_emotion", "sound_emotion",
        "picture_video", "sound_video", "features.vggish", "features.slowfast"};
    mien_table *made = NULL;
    mien_status status = mien_table_new(COLUMNS, names, &made);
    for (int64_t i = 0; status == MIEN_OK && i < g->set.count; i++) {
        status = add_clip(g, i, made);
    }
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *table = made;
    return MIEN_OK;
}

/* ---- the sidecar -------------------------------------------------------------- */

static mien_status add_targets(const importing *g, mien_value *sidecar) {
    static const char *const matches[] = {"mismatch", "match"};
    static const char *const names[] = {
        "emotion", "picture_emotion", "sound_emotion", "match"};
    const char *emotions[EMOTIONS];
    int count = 0;
    for (int e = 0; e < EMOTIONS; e++) {
        if (g->set.emotions[e][0]) {
            emotions[count++] = g->set.emotions[e];
        }
    }
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        mien_trials_target target = {.construct = "depicted",
            .perspective = "normative",
            .kind = MIEN_TARGET_CLASS,
            .classes = i < 3 ? count : 2,
            .class_name = i < 3 ? emotions : matches};
        snprintf(target.name, sizeof target.name, "%s", names[i]);
        status = mien_sidecar_add_target(sidecar, &target);
    }
    return status;
}

static mien_status add_words(mien_value *sidecar) {
    static const char *const words[][2] = {
        {"group",
            "music videos that hang together by mismatched pairs or by clips with "
            "the very same features"},
        {"set", "A, B, C: DS1, DS2, DS3"},
        {"split", "as the files say; see the notes"},
        {"match", "do sound and picture belong together? A mismatch has the sound of a "
                  "clip of another emotion"},
        {"emotion", "of the clip, where sound and picture have the same; else n/a"},
        {"picture_video", "the music video of the picture; sound_video: of the sound"},
    };
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof words / sizeof *words && status == MIEN_OK; i++) {
        status = mien_sidecar_add_column(sidecar, words[i][0], words[i][1]);
    }
    return status;
}

static mien_status add_notes(const importing *g, mien_value *sidecar) {
    if (g->leaking == 0) {
        return MIEN_OK;
    }
    char text[256];
    snprintf(text, sizeof text,
        "%" PRId64 " of %" PRId64
        " groups have clips on several sides of the published "
        "split: scores on it are too good; folds by group are not",
        g->leaking, g->groups);
    mien_log(MIEN_LOG_WARN, "data", "emomv: %s", text);
    return mien_sidecar_add_note(sidecar, text);
}

static mien_status make_sidecar(const importing *g, mien_value **sidecar) {
    mien_value *made = mien_sidecar_new("emomv",
        "labels and features of EmoMV as published with its code",
        "Thao, Roig & Herremans (2023). EmoMV: Affective music-video correspondence "
        "learning datasets for classification and retrieval. Information Fusion, 91, "
        "64-79.",
        "MIT (labels and features)");
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : add_targets(g, made);
    status = status ? status : add_words(made);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        status = mien_sidecar_add_feature(
            made, mien_emomv_kinds[k].name, g->set.width[k], mien_emomv_kinds[k].words);
    }
    status = status ? status : add_notes(g, made);
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}

/* ---- the whole ---------------------------------------------------------------- */

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    importing g = {0};
    char *prefix = NULL;
    mien_table *made = NULL;
    (void)options;
    mien_status status = mien_relative_directory(output, directory, &prefix);
    g.prefix = prefix;
    status = status ? status : mien_emomv_read(directory, &g.set);
    status = status ? status : make_groups(&g);
    status = status ? status : make_table(&g, &made);
    status = status ? status : make_sidecar(&g, sidecar);
    if (status == MIEN_OK) {
        *table = made;
        made = NULL;
    }
    mien_table_free(&made);
    mien_free((void *)g.group);
    mien_emomv_clear(&g.set);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_emomv = {
    .name = "emomv",
    .summary = "music videos: emotion of sound and picture, matched or not, with their "
               "features (Thao, Roig & Herremans 2023)",
    .import = import,
};
