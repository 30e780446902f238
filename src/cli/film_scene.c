/* SPDX-License-Identifier: MIT */
/* What is heard and cut in a film. */
#include "cli/film_scene.h"

#include <math.h>
#include <string.h>

#include "mien/media.h"
#include "mien/signal.h"

enum { READ = 8192, SHORT_SIDE = 90 };

void cli_film_scene_clear(cli_film_scene *s) {
    mien_free(s->level_db);
    mien_free(s->cut_s);
    mien_free(s->speech);
    mien_free(s->music);
    *s = (cli_film_scene){0};
}

static bool is_fatal(mien_status status) {
    return status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED;
}

/* ---- sound ---------------------------------------------------------------------- */

static mien_status keep_moments(cli_film_scene *s, mien_soundscape *soundscape) {
    const mien_soundscape_moment *m = NULL;
    int64_t n = 0;
    mien_status status = mien_soundscape_moments(soundscape, &m, &n);
    if (status != MIEN_OK || n == 0) {
        return status;
    }
    s->level_db = mien_alloc((size_t)n, sizeof *s->level_db);
    s->speech = mien_alloc((size_t)n, sizeof *s->speech);
    s->music = mien_alloc((size_t)n, sizeof *s->music);
    if (!s->level_db || !s->speech || !s->music) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        s->level_db[i] = m[i].level_db;
        s->speech[i] = m[i].speech;
        s->music[i] = m[i].music;
    }
    s->figure.moments = n;
    s->figure.step_s = MIEN_SOUNDSCAPE_STEP_S;
    s->figure.level_db = s->level_db;
    s->figure.speech = s->speech;
    s->figure.music = s->music;
    return MIEN_OK;
}

/* A sound that breaks off is drawn as far as it goes. */
static mien_status read_sound(const char *path, cli_film_scene *s) {
    const mien_sound_options o = {.rate_hz = MIEN_SOUNDSCAPE_RATE_HZ};
    mien_soundscape *soundscape = NULL;
    mien_sound *sound = NULL;
    float samples[READ];
    mien_status status = mien_sound_open(path, &o, &sound);
    if (status != MIEN_OK) {
        return is_fatal(status) ? status : MIEN_OK;
    }
    status = mien_soundscape_new(&soundscape);
    while (status == MIEN_OK) {
        int64_t count = 0;
        const mien_status read = mien_sound_read(sound, samples, READ, &count);
        status = mien_soundscape_add(soundscape, samples, count);
        if (read != MIEN_OK) {
            status = status ? status : is_fatal(read) ? read : MIEN_END;
        }
    }
    if (status == MIEN_END) {
        status = keep_moments(s, soundscape);
    }
    mien_soundscape_free(&soundscape);
    mien_sound_close(&sound);
    return is_fatal(status) ? status : MIEN_OK;
}

/* ---- cuts ----------------------------------------------------------------------- */

typedef struct cuts {
    cli_film_scene *scene;
    int64_t room;
    mien_shots shots;
    mien_glance glance[2]; /* of the last frame and this */
    int64_t frames;
} cuts;

static mien_status step(cuts *c, double difference, int64_t time_us) {
    int64_t at_us = 0;
    cli_film_scene *s = c->scene;
    if (!mien_shots_next(&c->shots, difference, time_us, &at_us)) {
        return MIEN_OK;
    }
    if (s->figure.cuts == c->room) {
        const int64_t room = c->room ? 2 * c->room : 64;
        double *grown =
            mien_realloc(s->cut_s, (size_t)c->room, (size_t)room, sizeof *grown);
        if (!grown) {
            return MIEN_ENOMEM;
        }
        s->cut_s = grown;
        c->room = room;
    }
    s->cut_s[s->figure.cuts++] = (double)at_us / 1e6;
    return MIEN_OK;
}

static mien_status take_frame(cuts *c, const mien_tensor *image, int64_t time_us) {
    mien_glance *now = &c->glance[c->frames % 2];
    mien_status status = mien_glance_take(image, now);
    const double difference =
        status == MIEN_OK && c->frames > 0
            ? mien_glance_difference(&c->glance[(c->frames + 1) % 2], now)
            : 0;
    c->frames++;
    return status ? status : step(c, difference, time_us);
}

static mien_status read_pictures(const char *path, cli_film_scene *s) {
    mien_film_options o = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t us = 0, sample;
    o.short_side = SHORT_SIDE;
    o.threads = mien_cpu_count();
    mien_status status = mien_film_open(path, &o, &film);
    cuts *c = status == MIEN_OK ? mien_alloc(1, sizeof *c) : NULL;
    if (!c) {
        mien_film_close(&film);
        return status == MIEN_OK || is_fatal(status) ? MIEN_ENOMEM : MIEN_OK;
    }
    c->scene = s;
    while (status == MIEN_OK) {
        status = mien_film_next(film, &image, &us, &sample);
        status = status ? status : take_frame(c, image, us);
    }
    for (int k = 0; k < 2 && !is_fatal(status); k++) { /* the last two frames */
        const mien_status told = step(c, 0, us);
        status = told ? told : status;
    }
    s->figure.is_seen = c->frames > 0;
    s->figure.cut_s = s->cut_s;
    mien_free(c);
    mien_film_close(&film);
    return is_fatal(status) ? status : MIEN_OK;
}

mien_status cli_film_scene_read(const char *path, cli_film_scene *scene) {
    *scene = (cli_film_scene){0};
    mien_status status = read_sound(path, scene);
    return status ? status : read_pictures(path, scene);
}
