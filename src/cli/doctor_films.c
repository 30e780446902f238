/* SPDX-License-Identifier: MIT */
/* Looks films over for `mien doctor`: streams, lengths, offsets, rates, damage, and
 * what extractors will do with them. Pictures are decoded once, their times are looked
 * at. */
#include "cli/doctor_films.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "media/film_notes.h"
#include "predict/input_files.h"

/* Frames whose distances differ by more than this are of a variable rate. */
#define VARIES 0.2
/* Pictures and sound that begin or end further apart are told. */
#define APART_S 0.5
#define SEGMENT_S 5.0
enum { READ = 65536, FRAMES = 64 };

typedef struct findings {
    mien_finding *items;
    int64_t count, room;
    mien_status status;
    const char *film;
} findings;

/* Counts from decoding one film. */
typedef struct played {
    int64_t frames, damaged, interlaced;
    double picture_s;       /* 0: no pictures */
    double least_s, most_s; /* between two frames */
    double sound_s;         /* < 0: no sound */
    mien_film_info film;
    mien_sound_info sound;
} played;

MIEN_PRINTF(4, 5)
static void add(
    findings *f, mien_severity severity, const char *check, const char *format, ...) {
    if (f->status == MIEN_OK && f->count == f->room) {
        const int64_t room = f->room ? 2 * f->room : 32;
        mien_finding *items =
            mien_realloc(f->items, (size_t)f->room, (size_t)room, sizeof *items);
        f->status = items ? MIEN_OK : MIEN_ENOMEM;
        f->items = items ? items : f->items;
        f->room = items ? room : f->room;
    }
    if (f->status != MIEN_OK) {
        return;
    }
    mien_finding *to = &f->items[f->count++];
    va_list arguments;
    *to = (mien_finding){.severity = severity};
    snprintf(to->check, sizeof to->check, "%s", check);
    snprintf(to->trial, sizeof to->trial, "%s", mien_path_base(f->film));
    va_start(arguments, format);
    vsnprintf(to->text, sizeof to->text, format, arguments);
    va_end(arguments);
}

static mien_status play_pictures(const char *path, findings *f, played *p) {
    mien_film_options o = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image;
    int64_t us, sample, before = 0;
    o.threads = mien_cpu_count();
    o.short_side = 16;
    mien_status status = mien_film_open(path, &o, &film);
    if (status != MIEN_OK) {
        return status == MIEN_ENOMEM ? status : MIEN_OK;
    }
    p->film = *mien_film_info_of(film);
    p->least_s = INFINITY;
    while ((status = mien_film_next(film, &image, &us, &sample)) == MIEN_OK) {
        const double step_s = (double)(us - before) / 1e6;
        if (p->frames++ > 0) {
            p->least_s = step_s < p->least_s ? step_s : p->least_s;
            p->most_s = step_s > p->most_s ? step_s : p->most_s;
        }
        before = us;
    }
    p->picture_s =
        mien_film_end_us(film) > 0 ? (double)mien_film_end_us(film) / 1e6 : 0;
    p->damaged = mien_film_damaged(film);
    p->interlaced = mien_film_interlaced(film);
    if (status == MIEN_EFORMAT) {
        add(f, MIEN_WARNING, "pictures", "%s", mien_error());
    }
    mien_film_close(&film);
    return status == MIEN_END || status == MIEN_EFORMAT ? MIEN_OK : status;
}

static mien_status play_sound(const char *path, findings *f, played *p) {
    mien_sound *sound = NULL;
    int64_t all = 0, n = 0;
    float *samples = mien_alloc(READ, sizeof *samples);
    mien_status status = samples ? mien_sound_open(path, NULL, &sound) : MIEN_ENOMEM;
    p->sound_s = -1;
    if (status == MIEN_OK) {
        p->sound = *mien_sound_info_of(sound);
        while ((status = mien_sound_read(sound, samples, READ, &n)) == MIEN_OK) {
            all += n;
        }
        p->sound_s = (double)all / p->sound.rate_hz;
        p->damaged += mien_sound_damaged(sound);
        if (status == MIEN_EFORMAT) {
            add(f, MIEN_WARNING, "sound", "%s", mien_error());
        }
    } else if (status != MIEN_ENOTFOUND && status != MIEN_ENOMEM) {
        add(f, MIEN_ERROR, "unreadable", "%s", mien_error());
        status = MIEN_END;
    }
    mien_sound_close(&sound);
    mien_free(samples);
    return status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED ? status : MIEN_OK;
}

static void tell_pictures(findings *f, const played *p) {
    if (p->frames == 0) {
        add(f, MIEN_WARNING, "pictures",
            "no pictures: resnet50, i3d and flownet are masked in every row");
        return;
    }
    add(f, MIEN_NOTE, "pictures", "%s, %d × %d, %lld frames in %.3f s, %.4g a second",
        p->film.codec, p->film.width, p->film.height, (long long)p->frames,
        p->picture_s, p->film.rate_hz);
    if (p->film.rotation_deg) {
        add(f, MIEN_NOTE, "rotated", "turned by %d degrees, which is undone",
            p->film.rotation_deg);
    }
    if (p->interlaced > 0) {
        add(f, MIEN_NOTE, "interlaced",
            "%lld of %lld frames are of two moments: of each the field shown first is "
            "taken, at half the height",
            (long long)p->interlaced, (long long)p->frames);
    }
    if (p->frames > 2 && p->most_s > p->least_s * (1 + VARIES) + 1e-3) {
        add(f, MIEN_NOTE, "variable rate",
            "%.4g to %.4g s from frame to frame: features take them on a grid of 25 a "
            "second",
            p->least_s, p->most_s);
    }
    const double rate_hz =
        p->picture_s > 0 ? (double)p->frames / p->picture_s : p->film.rate_hz;
    const double whole = (rate_hz < 25 ? rate_hz : 25) * SEGMENT_S;
    if (whole < FRAMES) {
        add(f, MIEN_NOTE, "few frames",
            "segments of 5 s hold about %.0f frames, not %d: all are taken", whole,
            (int)FRAMES);
    }
    if (p->film.duration_s > 0 && fabs(p->film.duration_s - p->picture_s) > APART_S) {
        add(f, MIEN_WARNING, "length", "the head says %.3f s, the pictures last %.3f s",
            p->film.duration_s, p->picture_s);
    }
}

static void tell_sound(findings *f, const played *p) {
    if (p->sound_s < 0) {
        add(f, MIEN_WARNING, "sound",
            "no sound: vggish and emobase2010 are masked in every row");
        return;
    }
    add(f, MIEN_NOTE, "sound", "%s, %d channels, %d a second, %.3f s", p->sound.codec,
        p->sound.channels, p->sound.file_rate_hz, p->sound_s);
    if (p->sound.start_s > APART_S) {
        add(f, MIEN_NOTE, "offset",
            "the sound begins at %.3f s; silence stands before it", p->sound.start_s);
    }
    if (p->sound.file_rate_hz < 16000) {
        add(f, MIEN_NOTE, "rate",
            "%d samples a second: what vggish reads above %d Hz is empty",
            p->sound.file_rate_hz, p->sound.file_rate_hz / 2);
    }
    if (p->picture_s > 0 && p->picture_s - p->sound_s > APART_S) {
        add(f, MIEN_WARNING, "sound ends early",
            "at %.3f s of %.3f: rows behind have no features of sound", p->sound_s,
            p->picture_s);
    }
}

static void tell_rows(findings *f, const played *p) {
    const double length_s = p->picture_s > p->sound_s ? p->picture_s : p->sound_s;
    const double whole = floor(length_s / SEGMENT_S + 1e-9),
                 left_s = length_s - whole * SEGMENT_S;
    const bool last = whole == 0 || left_s >= 1;
    if (length_s <= 0) {
        return;
    }
    add(f, MIEN_NOTE, "rows", "%.0f of 5 s%s", whole + last,
        !last           ? ""
        : left_s > 1e-6 ? ", the last in part"
                        : "");
    if (p->damaged > 0) {
        add(f, MIEN_WARNING, "damage",
            "%lld packets or frames cannot be decoded and are left out",
            (long long)p->damaged);
    }
}

static mien_status look_at(findings *f, const char *path) {
    played p = {0};
    const int64_t before = f->count;
    mien_status status = play_pictures(path, f, &p);
    status = status ? status : play_sound(path, f, &p);
    const bool unreadable =
        f->count > before && f->items[f->count - 1].severity == MIEN_ERROR;
    if (status == MIEN_OK && !unreadable) {
        tell_pictures(f, &p);
        tell_sound(f, &p);
        tell_rows(f, &p);
    }
    return status ? status : f->status;
}

static bool is_film(const mien_input_file *input) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return !input->problem && mien_media_kind_of(input->path, &kind) == MIEN_OK &&
           kind == MIEN_MEDIA_FILM;
}

/* What is named as a film and is nothing that can be told is looked at, and told. */
static bool is_picture(const mien_input_file *input) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return mien_media_kind_of(input->path, &kind) == MIEN_OK &&
           kind == MIEN_MEDIA_PICTURE;
}

bool cli_has_films(const char *path) {
    mien_input_files inputs = {0};
    bool any = false;
    if (mien_file_exists(path) &&
        mien_input_files_expand(&inputs, &path, 1) == MIEN_OK) {
        for (int64_t i = 0; !any && i < inputs.count; i++) {
            any = is_film(&inputs.items[i]);
        }
    }
    mien_input_files_clear(&inputs);
    return any;
}

mien_status cli_doctor_films(const char *path, mien_finding **all, int64_t *count) {
    mien_input_files inputs = {0};
    findings f = {0};
    mien_status status = mien_input_files_expand(&inputs, &path, 1);
    for (int64_t i = 0; status == MIEN_OK && i < inputs.count; i++) {
        const mien_input_file *input = &inputs.items[i];
        f.film = input->path;
        if (input->problem) {
            add(&f, MIEN_ERROR, "unreadable", "%s", input->problem);
        } else if (!is_picture(input)) {
            status = look_at(&f, input->path);
        }
    }
    mien_input_files_clear(&inputs);
    status = status ? status : f.status;
    if (status != MIEN_OK) {
        mien_free(f.items);
        return status;
    }
    *all = f.items;
    *count = f.count;
    return MIEN_OK;
}
