/* SPDX-License-Identifier: MIT */
/* Films to frames: the right one at each time, however few are decoded. */
#define _GNU_SOURCE /* memmem */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/file.h"
#include "media/film_maker.h"
#include "media/orientation.h"
#include "mien/media.h"

/* x265 keeps a table to the end: its leak, not ours. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
    return "leak:libx265";
}

typedef struct shot {
    int64_t time_us, sample_us, width, height;
    uint64_t hash;
} shot;

typedef struct take {
    shot *shots;
    int count;
    int64_t end_us;
    mien_status end;
    int64_t damaged;
    mien_film_info info;
} take;

static uint64_t hash_of(const mien_tensor *image) {
    uint64_t h = 0xCBF29CE484222325u;
    const uint8_t *bytes = image->data;
    for (size_t i = 0; i < mien_tensor_bytes(image); i++) {
        h = (h ^ bytes[i]) * 0x100000001B3u;
    }
    return h;
}

static void play(const char *path, const mien_film_options *options, take *t) {
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    shot s;
    *t = (take){.shots = calloc(4096, sizeof(shot))};
    assert_good(mien_film_open(path, options, &film));
    t->info = *mien_film_info_of(film);
    while (
        (t->end = mien_film_next(film, &image, &s.time_us, &s.sample_us)) == MIEN_OK) {
        s.height = image->shape[0];
        s.width = image->shape[1];
        s.hash = hash_of(image);
        assert_true(t->count < 4096);
        t->shots[t->count++] = s;
    }
    /* the end stays the end */
    assert_int_equal(mien_film_next(film, &image, &s.time_us, &s.sample_us), t->end);
    t->damaged = mien_film_damaged(film);
    t->end_us = mien_film_end_us(film);
    mien_film_close(&film);
    assert_null(film);
}

static void put_away(take *t) {
    free(t->shots);
}

/* The frame of a full play that is shown at `us`. */
static const shot *shown_at(const take *all, int64_t us) {
    int i = 0;
    while (i + 1 < all->count && all->shots[i + 1].time_us <= us) {
        i++;
    }
    return &all->shots[i];
}

static void check_samples(
    const char *path, const take *all, double every_s, double start_s, int threads) {
    mien_film_options options = mien_film_options_default();
    take some;
    options.every_s = every_s;
    options.start_s = start_s;
    options.threads = threads;
    play(path, &options, &some);
    assert_int_equal(some.end, MIEN_END);
    const shot *last = &all->shots[all->count - 1];
    int64_t least = (int64_t)floor((last->time_us / 1e6 - start_s) / every_s) + 1;
    assert_true(some.count >= (least > 0 ? least : 0));
    for (int k = 0; k < some.count; k++) {
        const shot *s = &some.shots[k], *want = shown_at(all, s->sample_us);
        assert_int_equal(
            s->sample_us, llround(start_s * 1e6) + llround(k * every_s * 1e6));
        if (s->time_us != want->time_us || s->hash != want->hash) {
            fail_msg("%s every %g from %g, %d threads: at %lld frame %lld, want %lld",
                path, every_s, start_s, threads, (long long)s->sample_us,
                (long long)s->time_us, (long long)want->time_us);
        }
    }
    put_away(&some);
}

static void check_film(const char *path, size_t step) {
    static const double every[] = {0.2, 0.02, 1.0 / 3, 0.1, 1.7, 0.5, 0.04, 1, 3.3};
    static const double start[] = {0, 1.23, 2.5};
    take all;
    play(path, NULL, &all);
    assert_int_equal(all.end, MIEN_END);
    assert_int_equal(all.damaged, 0);
    assert_true(all.count > 0);
    for (size_t e = 0; e < sizeof(every) / sizeof(every[0]); e += step) {
        for (size_t s = 0; s < sizeof(start) / sizeof(start[0]); s += step) {
            check_samples(path, &all, every[e], start[s], 1 + (int)(e + s) % 2);
        }
    }
    put_away(&all);
}

static void samples_of_made_films_equal_those_of_full_decoding(void **state) {
    (void)state;
    static const film_spec specs[] = {
        {.name = "b.mp4", .encoder = "mpeg4", .gop = 12, .b_frames = 2},
        {.name = "p.avi", .encoder = "mpeg4", .gop = 30},
        {.name = "b.mkv", .encoder = "mpeg4", .gop = 25, .b_frames = 2, .first = 200},
        {.name = "m2.ts",
            .encoder = "mpeg2video",
            .gop = 15,
            .b_frames = 2,
            .coarse = true},
        {.name = "j.avi", .encoder = "mjpeg", .gop = 1},
        {.name = "j.mov", .encoder = "mjpeg", .gop = 1, .uneven = true},
        {.name = "x.mp4", .encoder = "libx264", .gop = 20, .b_frames = 3},
        {.name = "x.ts", .encoder = "libx264", .gop = 25, .b_frames = 3},
        {.name = "uneven.mkv",
            .encoder = "libx264",
            .gop = 20,
            .b_frames = 3,
            .uneven = true},
        {.name = "open.mp4",
            .encoder = "libx264",
            .gop = 12,
            .b_frames = 3,
            .options = "x264-params=open-gop=1"},
        {.name = "all.mp4", .encoder = "libx264", .gop = 1},
        {.name = "h.mp4",
            .encoder = "libx265",
            .gop = 20,
            .b_frames = 3,
            .options = "x265-params=log-level=none"},
    };
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        film_spec spec = specs[i];
        spec.width = 96;
        spec.height = 64;
        spec.frames = 110;
        const char *path = film_make(&spec);
        if (path) {
            check_film(path, 1);
        }
    }
}

static void samples_of_real_films_equal_those_of_full_decoding(void **state) {
    (void)state;
    check_film(support_shared("data/video/carphone_pristine.mp4"), 2);
    check_film(support_shared("data/video/bikes.mp4"), 2);
}

static const film_spec plain = {.name = "plain.mp4",
    .encoder = "mpeg4",
    .width = 96,
    .height = 64,
    .frames = 60,
    .gop = 12,
    .b_frames = 2,
    .muxer = "movflags=faststart"};

static void times_are_those_of_the_film(void **state) {
    (void)state;
    film_spec spec = plain;
    take all;
    spec.name = "times.mkv";
    spec.uneven = true;
    play(film_make(&spec), NULL, &all);
    assert_int_equal(all.count, spec.frames);
    for (int i = 0; i < all.count; i++) {
        assert_int_equal(all.shots[i].time_us, film_time(&spec, i) * 1000);
        assert_int_equal(all.shots[i].sample_us, all.shots[i].time_us);
    }
    put_away(&all);
}

static void a_part_holds_the_frames_of_its_time(void **state) {
    (void)state;
    mien_film_options options = mien_film_options_default();
    const char *path = film_make(&plain);
    take all, part;
    play(path, NULL, &all);
    options.start_s = 0.81;
    options.end_s = 1.6;
    play(path, &options, &part);
    assert_int_equal(part.end, MIEN_END);
    assert_int_equal(part.count, 19); /* 0.84 … 1.56 */
    assert_memory_equal(part.shots, all.shots + 21, 19 * sizeof(shot));
    put_away(&part);
    options.start_s = 100;
    options.end_s = INFINITY;
    play(path, &options, &part);
    assert_int_equal(part.end, MIEN_END);
    assert_int_equal(part.count, 0);
    put_away(&part);
    put_away(&all);
}

static void many_samples_of_one_frame_repeat_it(void **state) {
    (void)state;
    mien_film_options options = mien_film_options_default();
    take some;
    options.every_s = 0.01;
    play(film_make(&plain), &options, &some);
    assert_int_equal(some.count, 240);
    for (int k = 0; k < some.count; k++) {
        assert_int_equal(some.shots[k].time_us, k / 4 * 40000);
    }
    put_away(&some);
}

static void the_head_is_told(void **state) {
    (void)state;
    take all;
    play(film_make(&plain), NULL, &all);
    assert_int_equal(all.info.width, 96);
    assert_int_equal(all.info.height, 64);
    assert_near(all.info.rate_hz, 25, 1e-6);
    assert_near(all.info.duration_s, 2.4, 1e-3);
    assert_int_equal(all.info.rotation_deg, 0);
    assert_false(all.info.has_sound);
    assert_string_equal(all.info.codec, "mpeg4");
    assert_non_null(strstr(all.info.container, "mp4"));
    put_away(&all);
}

/* Plays the first frame of a film into a copy of its own. */
static mien_tensor *first_frame(const char *path, const mien_film_options *options) {
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    mien_tensor *copy = NULL;
    int64_t time_us, sample_us;
    assert_good(mien_film_open(path, options, &film));
    assert_good(mien_film_next(film, &image, &time_us, &sample_us));
    assert_good(mien_tensor_copy(image, &copy));
    mien_film_close(&film);
    return copy;
}

static void a_turned_film_comes_upright(void **state) {
    (void)state;
    static const int exif[] = {6, 3, 8};
    mien_tensor *straight = first_frame(film_make(&plain), NULL);
    for (int quarter = 1; quarter <= 3; quarter++) {
        film_spec spec = plain;
        take all;
        uint8_t want[96 * 64 * 3];
        spec.name = "turned.mp4";
        spec.clockwise_deg = quarter * 90;
        const char *path = film_make(&spec);
        mien_tensor *turned = first_frame(path, NULL);
        play(path, NULL, &all);
        assert_int_equal(all.info.rotation_deg, quarter * 90);
        assert_int_equal(all.info.width, quarter == 2 ? 96 : 64);
        assert_int_equal(turned->shape[1], all.info.width);
        mien_orientation_apply(exif[quarter - 1], straight->data, 3 * 96, 96, 64, want);
        assert_memory_equal(turned->data, want, sizeof(want));
        put_away(&all);
        mien_tensor_free(&turned);
    }
    mien_tensor_free(&straight);
}

static void a_small_picture_is_the_mean_of_squares(void **state) {
    (void)state;
    film_spec spec = plain;
    mien_film_options options = mien_film_options_default();
    spec.width = 98;
    spec.height = 66;
    const char *path = film_make(&spec);
    mien_tensor *full = first_frame(path, NULL);
    static const int cases[][2] = {{67, 1}, {34, 1}, {33, 2}, {17, 2}, {16, 4}, {8, 8}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int factor = cases[i][1];
        options.short_side = cases[i][0];
        mien_tensor *small = first_frame(path, &options);
        int64_t w = (98 + factor - 1) / factor, h = (66 + factor - 1) / factor;
        assert_int_equal(small->shape[1], w);
        assert_int_equal(small->shape[0], h);
        for (int64_t at = 0; at < w * h * 3; at++) {
            int64_t x = at / 3 % w * factor, y = at / 3 / w * factor, n = 0, sum = 0;
            for (int64_t v = y; v < y + factor && v < 66; v++) {
                for (int64_t u = x; u < x + factor && u < 98; u++, n++) {
                    sum += ((uint8_t *)full->data)[(v * 98 + u) * 3 + at % 3];
                }
            }
            assert_int_equal(((uint8_t *)small->data)[at], (sum + n / 2) / n);
        }
        mien_tensor_free(&small);
    }
    mien_tensor_free(&full);
}

static uint8_t *bytes_of(const char *path, size_t *count) {
    uint8_t *bytes = NULL;
    assert_good(mien_media_file_read(path, 1 << 30, &bytes, count));
    return bytes;
}

static void a_cut_film_gives_what_it_has_and_says_so(void **state) {
    (void)state;
    static const char *const names[] = {"cut.mp4", "cut.mkv"};
    for (int i = 0; i < 2; i++) {
        for (int every = 0; every < 2; every++) {
            film_spec spec = plain;
            mien_film_options options = mien_film_options_default();
            size_t count;
            take part;
            spec.name = names[i];
            spec.muxer = i == 0 ? "movflags=faststart" : NULL;
            options.every_s = every * 0.1;
            uint8_t *bytes = bytes_of(film_make(&spec), &count);
            const char *path = support_write(names[i], bytes, count * 6 / 10);
            play(path, &options, &part);
            assert_int_equal(part.end, MIEN_EFORMAT);
            assert_non_null(strstr(mien_error(), "breaks off"));
            assert_true(part.count >= (every ? 2 : 8));
            assert_true(part.count < (every ? 20 : 60));
            put_away(&part);
            mien_free(bytes);
        }
    }
}

/* Where the last frame of a made film ends. */
static int64_t end_of(const film_spec *spec) {
    int64_t step = spec->every_second ? 1000 : 40;
    int64_t origin = spec->live || spec->first == 0 ? 0 : spec->first;
    return (film_time(spec, spec->frames - 1) + step - origin) * 1000;
}

static void a_film_ends_with_its_last_frame_whatever_its_header_says(void **state) {
    (void)state;
    static const film_spec specs[] = {
        {.name = "live.mkv", .encoder = "mpeg4", .live = true},
        {.name = "live.webm", .encoder = "libvpx", .live = true},
        {.name = "late.mkv", .encoder = "mpeg4", .first = 700},
        {.name = "late.mp4", .encoder = "mpeg4", .first = 700},
        {.name = "slow.mkv", .encoder = "mjpeg", .every_second = true},
        {.name = "slow.mp4", .encoder = "mpeg4", .every_second = true},
        {.name = "b.mp4", .encoder = "libx264", .b_frames = 3},
        {.name = "b.mkv", .encoder = "mpeg4", .b_frames = 2},
        {.name = "b.ts", .encoder = "libx264", .b_frames = 2},
        {.name = "m.avi", .encoder = "mjpeg", .coarse = true},
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        static const double every[] = {0, 0.3, 0.04, 100};
        film_spec spec = specs[i];
        spec.width = 96;
        spec.height = 64;
        spec.frames = spec.every_second ? 5 : 31;
        spec.gop = 10;
        const char *path = film_make(&spec);
        for (size_t e = 0; path && e < sizeof every / sizeof *every; e++) {
            mien_film_options options = mien_film_options_default();
            take all;
            options.every_s = every[e];
            play(path, &options, &all);
            if (all.end != MIEN_END) {
                fail_msg("%s: %s", spec.name, mien_error());
            }
            if (llabs(all.end_us - end_of(&spec)) > 1000) {
                fail_msg("%s every %g s ends at %lld µs, not %lld", spec.name, every[e],
                    (long long)all.end_us, (long long)end_of(&spec));
            }
            assert_true(all.end_us > all.shots[all.count - 1].sample_us);
            put_away(&all);
        }
    }
}

static void a_part_ends_where_it_was_told_or_with_the_film(void **state) {
    (void)state;
    static const struct {
        double every_s, end_s;
        int64_t end_us;
    } cases[] = {{0.5, 1.3, 1300000}, {0, 1.3, 1300000}, {0.5, 2.39, 2390000},
        {0.5, 2.45, 2400000}, {0, 2.45, 2400000}, {0.5, 9, 2400000}, {5, 1, 1000000},
        {5, 3, 2400000}, {0.01, 2.395, 2395000}, {0.04, 0.04, 40000}};
    const char *path = film_make(&plain);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_film_options options = mien_film_options_default();
        take part;
        options.every_s = cases[i].every_s;
        options.end_s = cases[i].end_s;
        play(path, &options, &part);
        assert_int_equal(part.end, MIEN_END);
        assert_int_equal(part.end_us, cases[i].end_us);
        put_away(&part);
    }
}

/* Of each sample time the last key frame up to it, once, with the pixels and the time
 * that it has in the whole film. */
static void check_keys(const char *path, const film_spec *spec, double every_s,
    double start_s, double end_s) {
    mien_film_options options = mien_film_options_default();
    take all, keys;
    int wanted = 0, at = -1;
    play(path, NULL, &all);
    options.keyframes = true;
    options.every_s = every_s;
    options.start_s = start_s;
    options.end_s = end_s;
    play(path, &options, &keys);
    assert_int_equal(keys.end, MIEN_END);
    for (int k = 0;; k++) {
        int64_t t = llround(start_s * 1e6) + llround(k * every_s * 1e6);
        int key = 0;
        if (every_s == 0) {
            key = k * spec->gop;
            t = key < all.count ? all.shots[key].time_us : INT64_MAX;
        } else {
            while (key + spec->gop < all.count &&
                   all.shots[key + spec->gop].time_us <= t) {
                key += spec->gop;
            }
        }
        if (t >= all.end_us || (double)t >= end_s * 1e6) {
            break;
        }
        if (key != at && (every_s > 0 || (double)t >= start_s * 1e6)) {
            assert_true(wanted < keys.count);
            assert_int_equal(keys.shots[wanted].time_us, all.shots[key].time_us);
            assert_int_equal(keys.shots[wanted].sample_us, all.shots[key].time_us);
            assert_int_equal(keys.shots[wanted].hash, all.shots[key].hash);
            wanted++;
            at = key;
        }
    }
    assert_int_equal(keys.count, wanted);
    int64_t end_us = end_s < 1e6 ? llround(end_s * 1e6) : INT64_MAX;
    assert_int_equal(keys.end_us, end_us < all.end_us ? end_us : all.end_us);
    put_away(&keys);
    put_away(&all);
}

static void key_frames_alone_are_those_of_the_film(void **state) {
    (void)state;
    static const film_spec specs[] = {
        {.name = "key.mp4", .encoder = "libx264", .b_frames = 2, .gop = 12},
        {.name = "key.mkv", .encoder = "mpeg4", .gop = 7},
        {.name = "key.avi", .encoder = "mjpeg", .gop = 1, .coarse = true},
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        film_spec spec = specs[i];
        spec.width = 96;
        spec.height = 64;
        spec.frames = 61;
        spec.options = i == 0   ? "x264-params=scenecut=0"
                       : i == 1 ? "sc_threshold=1000000000"
                                : NULL;
        const char *path = film_make(&spec);
        if (path) {
            check_keys(path, &spec, 0, 0, INFINITY);
            check_keys(path, &spec, 0.5, 0, INFINITY);
            check_keys(path, &spec, 0.3, 0.2, 1.7);
            check_keys(path, &spec, 0.01, 0, INFINITY);
            check_keys(path, &spec, 5, 0, INFINITY);
            check_keys(path, &spec, 0, 0.6, 1.3);
        }
    }
}

static void reported_films_end_with_their_last_frame(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int frames;
        int64_t end_us;
    } films[] = {{"no_duration.webm", 23, 2300000}, {"video_late.mp4", 23, 3300000},
        {"one_fps.mkv", 5, 5000000}};
    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        char name[64];
        snprintf(name, sizeof name, "cases/media/%s", films[i].name);
        const char *path = support_shared(name);
        for (int every = 0; every < 2; every++) {
            mien_film_options options = mien_film_options_default();
            take all;
            options.every_s = every * 0.5;
            play(path, &options, &all);
            assert_int_equal(all.end, MIEN_END);
            assert_int_equal(all.end_us, films[i].end_us);
            assert_true(every || all.count == films[i].frames);
            put_away(&all);
        }
    }
}

static int logged;

static void count_log(
    void *context, mien_log_level level, const char *room, const char *text) {
    (void)context;
    (void)level;
    (void)room;
    logged += strstr(text, "damaged") != NULL;
}

static void damaged_packets_are_counted_and_logged_once(void **state) {
    (void)state;
    film_spec spec = plain;
    size_t count;
    take part;
    spec.name = "damaged.avi";
    spec.encoder = "mjpeg";
    spec.b_frames = 0;
    spec.muxer = NULL;
    uint8_t *bytes = bytes_of(film_make(&spec), &count);
    for (size_t i = count / 3; i < count / 2; i++) {
        if (memcmp(bytes + i, "\xFF\xD8\xFF", 3) == 0) {
            memset(bytes + i, 0x11, 300); /* a frame without its head */
            i += 1500;
        }
    }
    logged = 0;
    mien_log_set(count_log, NULL);
    play(support_write("damaged.avi", bytes, count), NULL, &part);
    mien_log_set(NULL, NULL);
    assert_int_equal(part.end, MIEN_END);
    assert_true(part.damaged > 0);
    assert_int_equal(part.count + part.damaged, spec.frames);
    assert_int_equal(logged, 1);
    put_away(&part);
    mien_free(bytes);
}

/* A container in clusters, each of a quarter of a second and found by its mark. */
static uint8_t *clusters_of(const char *name, size_t *count) {
    film_spec spec = plain;
    spec.name = name;
    spec.encoder = "mjpeg"; /* no frame needs another: the decoder misses none */
    spec.b_frames = 0;
    spec.muxer = "cluster_time_limit=250";
    return bytes_of(film_make(&spec), count);
}

static void damage_that_the_container_passes_over_is_counted(void **state) {
    (void)state;
    static const uint8_t mark[] = {0x1F, 0x43, 0xB6, 0x75};
    for (int late = 0; late < 2; late++) {
        size_t count;
        take part;
        uint8_t *bytes = clusters_of("hurt.mkv", &count);
        uint8_t *at = memmem(
            bytes + count * (late ? 6 : 2) / 10, count * 3 / 10, mark, sizeof mark);
        assert_non_null(at);
        memset(at, 0x11, 12);
        logged = 0;
        mien_log_set(count_log, NULL);
        play(support_write("hurt.mkv", bytes, count), NULL, &part);
        mien_log_set(NULL, NULL);
        assert_int_equal(part.end, MIEN_END);
        assert_true(part.count < plain.frames);
        assert_true(part.count > plain.frames / 2);
        assert_true(part.damaged > 0);
        assert_int_equal(logged, 1);
        put_away(&part);
        mien_free(bytes);
    }
}

static void a_cut_film_of_unknown_length_says_so_too(void **state) {
    (void)state;
    size_t count;
    take part;
    uint8_t *bytes = clusters_of("cut-mjpeg.mkv", &count);
    /* as with sound, whose duration is not the picture's */
    uint8_t *duration = memmem(bytes, 4096, "\x44\x89\x88", 3);
    assert_non_null(duration);
    memset(duration + 3, 0, 8);
    play(support_write("cut-mjpeg.mkv", bytes, count / 2), NULL, &part);
    assert_int_equal(part.end, MIEN_EFORMAT);
    assert_non_null(strstr(mien_error(), "breaks off"));
    put_away(&part);
    mien_free(bytes);
}

static void any_damage_is_survived(void **state) {
    (void)state;
    size_t count;
    uint32_t random = 1;
    mien_log_set(NULL, NULL);
    uint8_t *bytes = bytes_of(film_make(&plain), &count);
    uint8_t *worse = malloc(count);
    for (int round = 0; round < 60; round++) {
        mien_film_options options = mien_film_options_default();
        mien_film *film = NULL;
        const mien_tensor *image = NULL;
        int64_t time_us, sample_us, last_us = INT64_MIN;
        memcpy(worse, bytes, count);
        for (int i = 0; i < 20; i++) {
            random = random * 1664525u + 1013904223u;
            worse[random % count] ^= (uint8_t)(random >> 24);
        }
        options.every_s = round % 2 ? 0.2 : 0;
        options.pixels_max = 1000000;
        const char *path = support_write("worse.mp4", worse, count);
        mien_status status = mien_film_open(path, &options, &film);
        for (int n = 0; status == MIEN_OK && n < 500; n++) {
            status = mien_film_next(film, &image, &time_us, &sample_us);
            if (status == MIEN_OK) {
                assert_true(time_us >= last_us);
                last_us = time_us;
            }
        }
        mien_film_close(&film);
    }
    free(worse);
    mien_free(bytes);
}

static void what_is_no_film_is_named(void **state) {
    (void)state;
    static const uint8_t wav[] =
        "RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1F\0\0\x80\x3E"
        "\0\0\2\0\x10\0data\x10\0\0\0aaaaaaaaaaaaaaaa";
    mien_film *film = NULL;
    size_t count;
    assert_fails(
        mien_film_open(support_write("song.wav", wav, sizeof(wav) - 1), NULL, &film),
        MIEN_EFORMAT, "no video");
    assert_fails(mien_film_open(support_write("text.mp4", "no film", 7), NULL, &film),
        MIEN_EFORMAT, "text.mp4");
    assert_fails(mien_film_open(support_write("none.mp4", "", 0), NULL, &film),
        MIEN_EFORMAT, "none.mp4");
    assert_fails(mien_film_open(support_temp_path("gone.mp4"), NULL, &film), MIEN_EIO,
        "gone.mp4");
    assert_fails(
        mien_film_open("http://localhost/x.mp4", NULL, &film), MIEN_EIO, "http:");
    film_spec spec = plain;
    spec.name = "headless.mp4";
    spec.muxer = NULL; /* its table comes last */
    uint8_t *bytes = bytes_of(film_make(&spec), &count);
    assert_fails(
        mien_film_open(support_write("headless.mp4", bytes, count / 2), NULL, &film),
        MIEN_EFORMAT, "headless.mp4");
    mien_free(bytes);
}

static void options_are_checked(void **state) {
    (void)state;
    const char *path = film_make(&plain);
    mien_film *film = NULL;
    mien_film_options options = mien_film_options_default();
    options.every_s = -1;
    assert_fails(mien_film_open(path, &options, &film), MIEN_EINVAL, "every");
    options.every_s = NAN;
    assert_fails(mien_film_open(path, &options, &film), MIEN_EINVAL, "every");
    options = mien_film_options_default();
    options.start_s = 3;
    options.end_s = 2;
    assert_fails(mien_film_open(path, &options, &film), MIEN_EINVAL, "from 3 s to 2 s");
    options = mien_film_options_default();
    options.pixels_max = 96 * 64 - 1;
    assert_fails(mien_film_open(path, &options, &film), MIEN_ELIMIT, "96 × 64");
}

static mien_status play_five(void *context) {
    mien_film_options options = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t time_us, sample_us;
    options.every_s = 0.2;
    options.short_side = 32;
    mien_status status = mien_film_open(context, &options, &film);
    for (int i = 0; i < 5 && status == MIEN_OK; i++) {
        status = mien_film_next(film, &image, &time_us, &sample_us);
    }
    mien_film_close(&film);
    return status;
}

static void every_failed_allocation_is_reported(void **state) {
    (void)state;
    film_spec spec = plain;
    spec.clockwise_deg = 90;
    char path[4096];
    snprintf(path, sizeof(path), "%s", film_make(&spec));
    support_each_allocation_fails(play_five, path, 60);
}

static void after_the_first_frame_nothing_is_allocated(void **state) {
    (void)state;
    mien_film_options options = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t time_us, sample_us;
    options.short_side = 32;
    assert_good(mien_film_open(film_make(&plain), &options, &film));
    assert_good(mien_film_next(film, &image, &time_us, &sample_us));
    uint64_t before = mien_alloc_count();
    for (int i = 0; i < 50; i++) {
        assert_good(mien_film_next(film, &image, &time_us, &sample_us));
    }
    assert_int_equal(mien_alloc_count(), before);
    mien_film_close(&film);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_those_of_the_film),
        cmocka_unit_test(samples_of_made_films_equal_those_of_full_decoding),
        cmocka_unit_test(samples_of_real_films_equal_those_of_full_decoding),
        cmocka_unit_test(a_part_holds_the_frames_of_its_time),
        cmocka_unit_test(many_samples_of_one_frame_repeat_it),
        cmocka_unit_test(the_head_is_told),
        cmocka_unit_test(a_turned_film_comes_upright),
        cmocka_unit_test(a_small_picture_is_the_mean_of_squares),
        cmocka_unit_test(a_cut_film_gives_what_it_has_and_says_so),
        cmocka_unit_test(a_film_ends_with_its_last_frame_whatever_its_header_says),
        cmocka_unit_test(a_part_ends_where_it_was_told_or_with_the_film),
        cmocka_unit_test(key_frames_alone_are_those_of_the_film),
        cmocka_unit_test(reported_films_end_with_their_last_frame),
        cmocka_unit_test(damaged_packets_are_counted_and_logged_once),
        cmocka_unit_test(damage_that_the_container_passes_over_is_counted),
        cmocka_unit_test(a_cut_film_of_unknown_length_says_so_too),
        cmocka_unit_test(any_damage_is_survived),
        cmocka_unit_test(what_is_no_film_is_named),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(after_the_first_frame_nothing_is_allocated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
