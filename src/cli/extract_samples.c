/* SPDX-License-Identifier: MIT */
/* A window that moves over the samples of a sound, and what is told of the sound. */
#include "cli/extract_films.h"

#include <string.h>

enum { READ = 8192 };

static mien_status make_room(cli_samples *s, int64_t count) {
    if (count <= s->room) {
        return MIEN_OK;
    }
    float *samples =
        mien_realloc(s->samples, (size_t)s->room, (size_t)count, sizeof *samples);
    if (!samples) {
        return MIEN_ENOMEM;
    }
    s->samples = samples;
    s->room = count;
    return MIEN_OK;
}

mien_status cli_samples_take(cli_samples *s, int64_t from, int64_t to) {
    int64_t drop = from - s->first;
    mien_status status = make_room(s, to - from + READ);
    while (status == MIEN_OK && s->end == MIEN_OK && s->sound &&
           s->first + s->count < to) {
        drop = drop < s->count ? drop : s->count;
        if (drop > 0) { /* in front; what is wanted may lie ahead still */
            memmove(s->samples, s->samples + drop,
                (size_t)(s->count - drop) * sizeof *s->samples);
            s->count -= drop;
            s->first += drop;
        }
        int64_t n = 0;
        mien_status read =
            mien_sound_read(s->sound, s->samples + s->count, s->room - s->count, &n);
        s->count += n;
        if (read == MIEN_END || read == MIEN_EFORMAT) {
            s->end = read;
        } else {
            status = read;
        }
        drop = from - s->first;
    }
    drop = drop < s->count ? drop : s->count;
    if (status == MIEN_OK && drop > 0) {
        memmove(s->samples, s->samples + drop,
            (size_t)(s->count - drop) * sizeof *s->samples);
        s->count -= drop;
        s->first += drop;
    }
    return status;
}

void cli_samples_clear(cli_samples *s) {
    mien_sound_close(&s->sound);
    mien_free(s->samples);
    *s = (cli_samples){0};
}

mien_status cli_film_about(const cli_film_job *j, int64_t input,
    const mien_sound *sound, const mien_film *film, double length_s,
    const char *problem, char **about) {
    mien_value *map = mien_value_new_map();
    mien_string text;
    mien_string_init(&text);
    mien_value_set(map, "input", mien_value_new_text(j->inputs.items[input].path));
    mien_value_set(map, "sha256", mien_value_new_text(j->hashes[input]));
    mien_value_set(map, "length_s", mien_value_new_number(length_s));
    if (sound) {
        const mien_sound_info *info = mien_sound_info_of(sound);
        mien_value_set(map, "container", mien_value_new_text(info->container));
        mien_value_set(map, "codec", mien_value_new_text(info->codec));
        mien_value_set(map, "channels", mien_value_new_int(info->channels));
        mien_value_set(map, "file_rate_hz", mien_value_new_int(info->file_rate_hz));
        mien_value_set(map, "sound_start_s", mien_value_new_number(info->start_s));
        mien_value_set(map, "damaged", mien_value_new_int(mien_sound_damaged(sound)));
    }
    if (film) {
        const mien_film_info *info = mien_film_info_of(film);
        mien_value_set(map, "picture_codec", mien_value_new_text(info->codec));
        mien_value_set(map, "width", mien_value_new_int(info->width));
        mien_value_set(map, "height", mien_value_new_int(info->height));
        mien_value_set(map, "rate_hz", mien_value_new_number(info->rate_hz));
        mien_value_set(
            map, "damaged_frames", mien_value_new_int(mien_film_damaged(film)));
    }
    mien_status status = map ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && problem) {
        status = mien_value_set(map, "problem", mien_value_new_text(problem));
    }
    if (status == MIEN_OK) {
        status = mien_value_write_json(map, false, &text);
    }
    if (status == MIEN_OK) {
        *about = mien_string_take(&text);
        status = *about ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_string_clear(&text);
    mien_value_free(&map);
    return status;
}
