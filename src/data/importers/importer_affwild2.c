/* SPDX-License-Identifier: MIT */
/* Aff-Wild2 (Kollias & Zafeiriou 2019): films with a label for each frame. In come
 * cropped_aligned/VIDEO/00001.jpg and
 * annotations/TASK/Train_Set|Validation_Set/VIDEO.txt, whose line after the header is
 * frame 1; out goes a row a frame that has a picture and a label. Frames without a face
 * have no picture, the others keep their numbers. A film is a group, also where its
 * files are of two faces (VIDEO_left, VIDEO_right). */
#include "data/faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 8, NAME = 256, PATH_BYTES = 700, FRAMES_MAX = 10000000 };
#define FILE_MAX_BYTES ((size_t)1 << 30)
static const char *const classes[CLASSES] = {
    "neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise", "other"};
static const struct {
    const char *folder, *split;
} parts[] = {{"Train_Set", "train"}, {"Validation_Set", "validation"}};

static const mien_option options[] = {
    {.name = "every",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 100000,
        .help = "Every so many-th frame: neighbours are nearly equal"},
    {0},
};

/* Of one file: what a frame shows. */
typedef struct labels {
    double (*value)[2]; /* of each frame; −5 and what is outside [−1, 1]: none */
    int *emotion;       /* −1: none */
    int64_t frames;
} labels;

typedef struct importing {
    const char *directory;
    mien_face_set set;
    char values[NAME], emotions[NAME]; /* folders of the two tasks; "": not there */
    int64_t every, apart;              /* films that the tasks put into other parts */
} importing;

static void labels_clear(labels *l) {
    mien_free(l->value);
    mien_free(l->emotion);
    *l = (labels){0};
}

static int64_t count_lines(const char *text) {
    int64_t lines = 0;
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        lines++;
    }
    return lines;
}

/* One line: two numbers, or the number of a class. */
static bool read_line(const char *at, bool values, labels *l, int64_t frame) {
    char *end = NULL;
    double first = strtod(at, &end);
    if (end == at) {
        return false;
    }
    if (!values) {
        bool known = first >= 0 && first < CLASSES && first == (double)(int)first;
        l->emotion[frame] = known ? (int)first : -1;
        return known || first == -1;
    }
    const char *rest = *end == ',' ? end + 1 : end;
    double second = strtod(rest, &end);
    l->value[frame][0] = first;
    l->value[frame][1] = second;
    return *rest && end != rest;
}

/* Reads a file of either task; MIEN_ENOTFOUND without a text where it is not there. */
static mien_status read_labels(const char *path, bool values, labels *l) {
    char *text = NULL;
    size_t length = 0;
    if (!mien_file_exists(path)) {
        return MIEN_ENOTFOUND;
    }
    mien_status status = mien_file_read(path, FILE_MAX_BYTES, &text, &length);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t lines = strlen(text) == length ? count_lines(text) : 0;
    if (lines < 1 || lines > FRAMES_MAX) {
        mien_free(text);
        return mien_fail(
            MIEN_EFORMAT, "%s: no text of 1 to %d lines", path, FRAMES_MAX);
    }
    l->frames = lines - 1;
    l->value = mien_alloc((size_t)lines, sizeof *l->value);
    l->emotion = mien_alloc((size_t)lines, sizeof *l->emotion);
    status = l->value && l->emotion ? MIEN_OK : MIEN_ENOMEM;
    const char *at = text + strcspn(text, "\n");
    for (int64_t f = 0; status == MIEN_OK && f < l->frames; f++) {
        at += 1;
        l->value[f][0] = l->value[f][1] = -5;
        l->emotion[f] = -1;
        if (!read_line(at, values, l, f)) {
            status = mien_fail(MIEN_EFORMAT, "%s:%lld: %s", path, (long long)f + 2,
                values ? "not valence,arousal" : "not a class from 0 to 7, or -1");
        }
        at += strcspn(at, "\n");
    }
    mien_free(text);
    return status;
}

static mien_status read_task(const importing *g, const char *task, int part,
    const char *video, bool values, labels *l) {
    char below[PATH_BYTES];
    if (!*task) {
        return MIEN_ENOTFOUND;
    }
    snprintf(below, sizeof below, "annotations/%s/%s/%s.txt", task, parts[part].folder,
        video);
    char *path = mien_path_join(g->directory, below);
    mien_status status = path ? read_labels(path, values, l) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* "12-24-1920x1080_left" is of the film "12-24-1920x1080". */
static void film_of(const char *video, char film[NAME]) {
    static const char *const sides[] = {"_left", "_right"};
    snprintf(film, NAME, "%s", video);
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(film), side = strlen(sides[i]);
        if (length > side && strcmp(film + length - side, sides[i]) == 0) {
            film[length - side] = 0;
        }
    }
}

static bool inside(double value) {
    return value >= -1 && value <= 1;
}

static mien_status add_frames(importing *g, const char *video, int part,
    const labels *values, const labels *emotions) {
    char film[NAME], trial[NAME + 16], path[PATH_BYTES];
    mien_status status = MIEN_OK;
    int64_t frames =
        values->frames > emotions->frames ? values->frames : emotions->frames;
    film_of(video, film);
    for (int64_t f = 0; status == MIEN_OK && f < frames; f += g->every) {
        snprintf(trial, sizeof trial, "%s/%05lld", video, (long long)f + 1);
        snprintf(path, sizeof path, "cropped_aligned/%s.jpg", trial);
        mien_face_trial t = mien_face_trial_of(trial, path);
        if (f < values->frames && inside(values->value[f][0]) &&
            inside(values->value[f][1])) {
            t.valence = values->value[f][0];
            t.arousal = values->value[f][1];
        }
        if (f < emotions->frames && emotions->emotion[f] >= 0) {
            t.emotion = classes[emotions->emotion[f]];
        }
        t.group = film;
        t.split = parts[part].split;
        if (t.emotion || inside(t.valence)) {
            status = mien_face_set_add_present(&g->set, g->directory, &t);
        }
    }
    return status;
}

/* A film of a part: its labels of both tasks where both have it in this part. */
static mien_status take_video(importing *g, const char *video, int part) {
    labels values = {0}, emotions = {0}, other = {0};
    mien_status of_values = read_task(g, g->values, part, video, true, &values);
    mien_status of_emotions = read_task(g, g->emotions, part, video, false, &emotions);
    mien_status status = MIEN_OK;
    if (of_values != MIEN_OK && of_values != MIEN_ENOTFOUND) {
        status = of_values;
    } else if (of_emotions != MIEN_OK && of_emotions != MIEN_ENOTFOUND) {
        status = of_emotions;
    }
    if (status == MIEN_OK && of_values == MIEN_ENOTFOUND) {
        /* the part that valence and arousal have it in is the film's */
        mien_status elsewhere = read_task(g, g->values, !part, video, true, &other);
        if (elsewhere == MIEN_OK) {
            g->apart++;
            labels_clear(&emotions);
        }
    }
    if (status == MIEN_OK) {
        status = add_frames(g, video, part, &values, &emotions);
    }
    labels_clear(&values);
    labels_clear(&emotions);
    labels_clear(&other);
    return status;
}

/* Names of the films that either task has in a part, each once: lists them. */
static mien_status take_part(
    importing *g, const char *task, const char *first, int part) {
    char below[PATH_BYTES], *earlier = NULL;
    char **names = NULL;
    int64_t count = 0;
    snprintf(below, sizeof below, "annotations/%s/%s", task, parts[part].folder);
    char *folder = mien_path_join(g->directory, below);
    mien_status status = folder ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_is_directory(folder)) {
        status = mien_directory_list(folder, &names, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        size_t length = strlen(names[i]);
        if (names[i][0] == '.' || length < 5 || length >= NAME ||
            strcmp(names[i] + length - 4, ".txt") != 0) {
            continue;
        }
        snprintf(below, sizeof below, "annotations/%s/%s/%s", first, parts[part].folder,
            names[i]);
        earlier = first ? mien_path_join(g->directory, below) : NULL;
        if (first && !earlier) {
            status = MIEN_ENOMEM;
        } else if (!earlier || !mien_file_exists(earlier)) {
            names[i][length - 4] = 0;
            status = take_video(g, names[i], part);
        }
        mien_free(earlier);
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

/* The folders of the tasks, which every edition of the challenge names anew. */
static mien_status find_tasks(importing *g) {
    char **names = NULL;
    int64_t count = 0;
    char *folder = mien_path_join(g->directory, "annotations");
    mien_status status =
        folder ? mien_directory_list(folder, &names, &count) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char *task = strncmp(names[i], "VA", 2) == 0     ? g->values
                     : strncmp(names[i], "EXPR", 4) == 0 ? g->emotions
                                                         : NULL;
        if (task) {
            snprintf(task, NAME, "%s", names[i]);
        }
    }
    if (status == MIEN_OK && !g->values[0] && !g->emotions[0]) {
        status = mien_fail(
            MIEN_ENOTFOUND, "%s: no folder VA… or EXPR… of a task in it", folder);
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

static mien_status take_all(importing *g) {
    mien_status status = find_tasks(g);
    for (int part = 0; status == MIEN_OK && part < 2; part++) {
        if (g->values[0]) {
            status = take_part(g, g->values, NULL, part);
        }
        if (status == MIEN_OK && g->emotions[0]) {
            status = take_part(g, g->emotions, g->values[0] ? g->values : NULL, part);
        }
    }
    if (status == MIEN_OK && g->apart > 0) {
        mien_log(MIEN_LOG_WARN, "data",
            "affwild2: %lld films are for training in one task and for validation in "
            "the other: their expressions are left out",
            (long long)g->apart);
    }
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory, .every = mien_options_int(given, "every")};
    mien_status status =
        mien_face_set_init(&g.set, directory, output, MIEN_FACES_VALUES);
    if (status == MIEN_OK) {
        status = take_all(&g);
    }
    const mien_face_about about = {.name = "affwild2",
        .source = "Aff-Wild2",
        .citation = "Kollias & Zafeiriou (2019). Expression, affect, action unit "
                    "recognition: Aff-Wild2, multi-task learning and ArcFace. BMVC.",
        .licence = "on request, for research",
        .classes = classes,
        .classes_count = CLASSES};
    return mien_face_set_end(&g.set, status, &about, directory, table, sidecar);
}

const mien_importer mien_importer_affwild2 = {
    .name = "affwild2",
    .summary = "Aff-Wild2: films with valence, arousal and expression of each frame "
               "(Kollias & Zafeiriou 2019)",
    .options = options,
    .import = import,
};
