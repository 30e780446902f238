/* SPDX-License-Identifier: MIT */
/* Sounds of many kinds come as one channel, each sample at its time. */
#include "media/sound_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mien/media.h"

typedef struct heard {
    float *samples;
    int64_t count, damaged;
    mien_status end;
    mien_sound_info info;
} heard;

static void listen_to(const char *path, int rate_hz, int64_t room, heard *h) {
    mien_sound_options o = mien_sound_options_default();
    mien_sound *sound = NULL;
    int64_t n;
    const int64_t most = 2000000;
    o.rate_hz = rate_hz;
    *h = (heard){.samples = calloc((size_t)most, sizeof(float))};
    assert_good(mien_sound_open(path, &o, &sound));
    while (h->count < most) {
        int64_t want = most - h->count < room ? most - h->count : room;
        h->end = mien_sound_read(sound, h->samples + h->count, want, &n);
        if (h->end != MIEN_OK) {
            break;
        }
        assert_true(n >= 1 && n <= want);
        h->count += n;
    }
    /* the end stays the end */
    assert_int_equal(mien_sound_read(sound, h->samples, 1, &n), h->end);
    h->damaged = mien_sound_damaged(sound);
    h->info = *mien_sound_info_of(sound);
    mien_sound_close(&sound);
    assert_null(sound);
}

/* What the mean of the channels of a made sound is at time t of the file's clock. */
static double truth(const sound_spec *spec, double t) {
    double sum = 0;
    if (t < spec->first_s || t >= spec->first_s + spec->seconds) {
        return 0;
    }
    for (int c = 0; c < spec->channels; c++) {
        sum += sound_at(spec, c, t - spec->first_s);
    }
    return sum / spec->channels;
}

/* Root mean square of the difference to what it should be between two times. */
static double error_between(
    const heard *h, const sound_spec *spec, double from_s, double to_s) {
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = (int64_t)ceil(from_s * h->info.rate_hz);
         i < h->count && (double)i / h->info.rate_hz < to_s; i++, n++) {
        double d = (double)h->samples[i] - truth(spec, (double)i / h->info.rate_hz);
        sum += d * d;
    }
    return n ? sqrt(sum / (double)n) : 0;
}

static void samples_without_loss_are_exact(void **state) {
    (void)state;
    const sound_spec specs[] = {{.name = "s16.wav",
                                    .encoder = "pcm_s16le",
                                    .format = AV_SAMPLE_FMT_S16,
                                    .rate_hz = 44100,
                                    .channels = 2,
                                    .seconds = 0.7},
        {.name = "s16.flac",
            .encoder = "flac",
            .format = AV_SAMPLE_FMT_S16,
            .rate_hz = 16000,
            .channels = 1,
            .seconds = 0.7},
        {.name = "f.wav",
            .encoder = "pcm_f64le",
            .format = AV_SAMPLE_FMT_DBL,
            .rate_hz = 22050,
            .channels = 3,
            .seconds = 0.6}};
    for (size_t s = 0; s < sizeof specs / sizeof specs[0]; s++) {
        const sound_spec *spec = &specs[s];
        heard h;
        listen_to(sound_make(spec), 0, 4096, &h);
        assert_int_equal(h.end, MIEN_END);
        assert_int_equal(h.info.rate_hz, spec->rate_hz);
        assert_int_equal(h.info.channels, spec->channels);
        assert_int_equal(h.count, llround(spec->seconds * spec->rate_hz));
        for (int64_t i = 0; i < h.count; i++) {
            double want = 0;
            for (int c = 0; c < spec->channels; c++) {
                double v = sound_at(spec, c, (double)i / spec->rate_hz);
                bool integer = spec->format == AV_SAMPLE_FMT_S16;
                want += integer ? (double)lrint(v * 32767) / 32768 : v;
            }
            assert_near((double)h.samples[i], want / spec->channels, 3e-8);
        }
        free(h.samples);
    }
}

static void every_kind_comes_at_the_wanted_rate_and_time(void **state) {
    (void)state;
    static const struct {
        sound_spec spec;
        double limit;
    } kinds[] = {
        {{.name = "u8.wav",
             .encoder = "pcm_u8",
             .format = AV_SAMPLE_FMT_U8,
             .rate_hz = 8000,
             .channels = 1},
            0.02},
        {{.name = "six.wav",
             .encoder = "pcm_s24le",
             .format = AV_SAMPLE_FMT_S32,
             .rate_hz = 96000,
             .channels = 6},
            2e-3},
        {{.name = "a.flac",
             .encoder = "flac",
             .format = AV_SAMPLE_FMT_S16,
             .rate_hz = 48000,
             .channels = 2},
            2e-3},
        {{.name = "a.mp3",
             .encoder = "libmp3lame",
             .format = AV_SAMPLE_FMT_S16P,
             .rate_hz = 44100,
             .channels = 2},
            0.03},
        {{.name = "a.m4a",
             .encoder = "aac",
             .format = AV_SAMPLE_FMT_FLTP,
             .rate_hz = 48000,
             .channels = 2},
            0.03},
        {{.name = "a.mkv",
             .encoder = "libopus",
             .format = AV_SAMPLE_FMT_FLT,
             .rate_hz = 48000,
             .channels = 1},
            0.03},
        {{.name = "late.mkv",
             .encoder = "pcm_s16le",
             .format = AV_SAMPLE_FMT_S16,
             .rate_hz = 32000,
             .channels = 1,
             .first_s = 0.73,
             .picture = true},
            2e-3},
        {{.name = "late.mp4",
             .encoder = "aac",
             .format = AV_SAMPLE_FMT_FLTP,
             .rate_hz = 32000, /* MP4 tells the start in whole milliseconds */
             .channels = 2,
             .first_s = 0.25,
             .picture = true},
            0.03},
    };
    static const int rates[] = {16000, 44100, 0};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        sound_spec spec = kinds[k].spec;
        spec.seconds = 1.5;
        const char *path = sound_make(&spec);
        for (size_t r = 0; path && r < 3; r++) {
            heard h;
            const double end = spec.first_s + spec.seconds;
            listen_to(path, rates[r], 1000, &h);
            assert_int_equal(h.end, MIEN_END);
            assert_int_equal(h.damaged, 0);
            assert_int_equal(h.info.file_rate_hz, spec.rate_hz);
            assert_int_equal(h.info.rate_hz, rates[r] ? rates[r] : spec.rate_hz);
            assert_near((double)h.count / h.info.rate_hz, end, 0.07);
            double inside = error_between(&h, &spec, spec.first_s + 0.05, end - 0.05);
            if (inside > kinds[k].limit) {
                fail_msg("%s at %d: differs by %g", spec.name, rates[r], inside);
            }
            /* nothing before it starts but what the codec smears */
            double before = error_between(&h, &spec, 0, spec.first_s - 0.03);
            assert_near(before, 0, 1e-4);
            free(h.samples);
        }
    }
}

static void the_head_is_told(void **state) {
    (void)state;
    const sound_spec spec = {.name = "head.mkv",
        .encoder = "pcm_s16le",
        .format = AV_SAMPLE_FMT_S16,
        .rate_hz = 32000,
        .channels = 2,
        .seconds = 1,
        .first_s = 0.5,
        .picture = true};
    heard h;
    listen_to(sound_make(&spec), 16000, 4096, &h);
    assert_near(h.info.start_s, 0.5, 0.002);
    assert_string_equal(h.info.codec, "pcm_s16le");
    assert_non_null(strstr(h.info.container, "matroska"));
    free(h.samples);
}

static void pieces_of_any_size_are_the_same_sound(void **state) {
    (void)state;
    const sound_spec spec = {.name = "pieces.wav",
        .encoder = "pcm_s16le",
        .format = AV_SAMPLE_FMT_S16,
        .rate_hz = 44100,
        .channels = 1,
        .seconds = 0.6};
    const char *path = sound_make(&spec);
    heard whole;
    listen_to(path, 16000, 1 << 20, &whole);
    assert_int_equal(whole.count, 9600);
    for (int64_t room = 1; room < 10000; room = room * 5 + 2) {
        heard h;
        listen_to(path, 16000, room, &h);
        assert_int_equal(h.count, whole.count);
        assert_memory_equal(h.samples, whole.samples, (size_t)h.count * sizeof(float));
        free(h.samples);
    }
    free(whole.samples);
}

static void lost_packets_leave_silence_and_the_rest_in_its_place(void **state) {
    (void)state;
    const sound_spec spec = {.name = "gap.mkv",
        .encoder = "pcm_s16le",
        .format = AV_SAMPLE_FMT_S16,
        .rate_hz = 16000,
        .channels = 1,
        .seconds = 2,
        .lose_from = 10,
        .lose_to = 14}; /* 0.64 to 0.896 s */
    heard h;
    listen_to(sound_make(&spec), 0, 4096, &h);
    assert_int_equal(h.end, MIEN_END);
    assert_int_equal(h.count, 32000);
    assert_near(error_between(&h, &spec, 0, 0.639), 0, 1e-4);
    /* Matroska's stamps are whole milliseconds */
    for (int64_t i = 10260; i < 14320; i++) {
        assert_true(h.samples[i] == 0);
    }
    assert_near(error_between(&h, &spec, 0.91, 2), 0, 0.1);
    free(h.samples);
}

/* Damages the middle of a file, where its packets are. */
static const char *damaged(const char *path, const char *name) {
    FILE *from = fopen(path, "rb");
    assert_non_null(from);
    static unsigned char bytes[1 << 20];
    size_t count = fread(bytes, 1, sizeof bytes, from);
    fclose(from);
    for (size_t i = count / 2; i < count / 2 + count / 20; i++) {
        bytes[i] ^= (unsigned char)(i * 31 + 1);
    }
    return support_write(name, bytes, count);
}

static void damage_in_the_middle_is_passed_over(void **state) {
    (void)state;
    const sound_spec specs[] = {{.name = "whole.flac",
                                    .encoder = "flac",
                                    .format = AV_SAMPLE_FMT_S16,
                                    .rate_hz = 16000,
                                    .channels = 1,
                                    .seconds = 3},
        {.name = "whole.mp3",
            .encoder = "libmp3lame",
            .format = AV_SAMPLE_FMT_S16P,
            .rate_hz = 16000,
            .channels = 1,
            .seconds = 3},
        {.name = "whole.ts",
            .encoder = "aac",
            .format = AV_SAMPLE_FMT_FLTP,
            .rate_hz = 16000,
            .channels = 1,
            .seconds = 3}};
    mien_log_set(NULL, NULL);
    for (size_t s = 0; s < sizeof specs / sizeof specs[0]; s++) {
        const char *path = sound_make(&specs[s]);
        char name[64];
        heard h;
        if (!path) {
            continue;
        }
        snprintf(name, sizeof name, "hurt-%s", specs[s].name);
        listen_to(damaged(path, name), 16000, 4096, &h);
        print_message("%s: %lld samples, damage %lld, ends %s\n", name,
            (long long)h.count, (long long)h.damaged, mien_status_name(h.end));
        assert_true(h.end == MIEN_END);
        assert_true(h.damaged > 0);
        assert_true(h.count > 16000 && h.count < 50000);
        /* the coder's 1024 samples of run-in are part of a transport stream */
        sound_spec there = specs[s];
        there.first_s = s == 2 ? 0.064 : 0;
        assert_near(error_between(&h, &there, 0.1, 0.7), 0, 0.03);
        if (s != 1) { /* MP3 alone has no time stamps: what is lost is not known */
            assert_near(error_between(&h, &there, 2.4, 2.9), 0, 0.03);
        }
        for (int64_t i = 0; i < h.count; i++) {
            assert_true(isfinite(h.samples[i]));
        }
        free(h.samples);
    }
}

static void what_has_no_sound_is_told(void **state) {
    (void)state;
    mien_sound *sound = NULL;
    const char *text = support_write("a.txt", "no sound here at all", 20);
    assert_fails(
        mien_sound_open(text, NULL, &sound), MIEN_EFORMAT, "not a film or sound");
    assert_fails(mien_sound_open(support_write("e.wav", "", 0), NULL, &sound),
        MIEN_EFORMAT, "e.wav");
    assert_fails(mien_sound_open(support_temp_path("none.wav"), NULL, &sound), MIEN_EIO,
        "none.wav");
    mien_sound_options o = {.rate_hz = 10};
    assert_fails(mien_sound_open(text, &o, &sound), MIEN_EINVAL, "1000 to 768000");
    assert_null(sound);
    assert_fails(mien_sound_open(
                     support_shared("data/video/carphone_pristine.mp4"), NULL, &sound),
        MIEN_ENOTFOUND, "no sound");
    assert_null(sound);
}

static void the_sound_of_a_real_film_has_its_length(void **state) {
    (void)state;
    heard h;
    listen_to(support_shared("data/video/bigbuckbunny.mp4"), 16000, 4096, &h);
    assert_int_equal(h.end, MIEN_END);
    assert_int_equal(h.info.channels, 6);
    assert_int_equal(h.info.file_rate_hz, 48000);
    assert_near((double)h.count / 16000, 5.312, 0.03);
    free(h.samples);
}

static mien_status open_and_read(void *context) {
    mien_sound_options o = {.rate_hz = 16000};
    mien_sound *sound = NULL;
    float samples[512];
    int64_t n;
    mien_status status = mien_sound_open(context, &o, &sound);
    while (status == MIEN_OK) {
        status = mien_sound_read(sound, samples, 512, &n);
    }
    mien_sound_close(&sound);
    return status == MIEN_END ? MIEN_OK : status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    const sound_spec spec = {.name = "fail.wav",
        .encoder = "pcm_s16le",
        .format = AV_SAMPLE_FMT_S16,
        .rate_hz = 44100,
        .channels = 1,
        .seconds = 0.3};
    char path[512];
    snprintf(path, sizeof path, "%s", sound_make(&spec));
    support_each_allocation_fails(open_and_read, path, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_without_loss_are_exact),
        cmocka_unit_test(every_kind_comes_at_the_wanted_rate_and_time),
        cmocka_unit_test(the_head_is_told),
        cmocka_unit_test(pieces_of_any_size_are_the_same_sound),
        cmocka_unit_test(lost_packets_leave_silence_and_the_rest_in_its_place),
        cmocka_unit_test(damage_in_the_middle_is_passed_over),
        cmocka_unit_test(what_has_no_sound_is_told),
        cmocka_unit_test(the_sound_of_a_real_film_has_its_length),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
