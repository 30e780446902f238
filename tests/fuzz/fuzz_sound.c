/* SPDX-License-Identifier: MIT */
/* Any bytes as a sound: WAV, FLAC, MP3, whatever FFmpeg takes them for. Read at its own
 * rate and resampled, then through the families that need no weights. FFmpeg itself is
 * not compiled for coverage. */
#define _GNU_SOURCE /* memfd_create */
#include "mien/media.h"
#include "mien/signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLES_MAX = 48000, BLOCK = 4096 };

/* How many samples were read into sound [SAMPLES_MAX]. */
static int64_t listen(const char *path, int rate_hz, float *sound) {
    mien_sound_options options = mien_sound_options_default();
    mien_sound *s = NULL;
    int64_t all = 0;
    options.rate_hz = rate_hz;
    mien_status status = mien_sound_open(path, &options, &s);
    while (status == MIEN_OK && all < SAMPLES_MAX) {
        int64_t count = 0;
        const int64_t room = SAMPLES_MAX - all < BLOCK ? SAMPLES_MAX - all : BLOCK;
        status = mien_sound_read(s, sound + all, room, &count);
        if (count < 0 || count > room || (status == MIEN_OK && count == 0)) {
            abort();
        }
        all += count;
    }
    mien_sound_close(&s);
    return all;
}

static void describe(const float *sound, int64_t count) {
    static float values[MIEN_EMOBASE_VALUES];
    const mien_soundscape_moment *moments = NULL;
    int64_t n = 0;
    mien_soundscape *scape = NULL;
    mien_egemaps *egemaps = NULL;
    mien_emobase *emobase = NULL;
    if (mien_soundscape_new(&scape) == MIEN_OK &&
        mien_soundscape_add(scape, sound, count) == MIEN_OK) {
        mien_soundscape_moments(scape, &moments, &n);
    }
    if (mien_egemaps_new(&egemaps) == MIEN_OK) {
        mien_egemaps_run(egemaps, sound, count, values);
    }
    if (mien_emobase_new(NULL, &emobase) == MIEN_OK) {
        mien_emobase_run(emobase, sound, count, values);
    }
    mien_emobase_free(&emobase);
    mien_egemaps_free(&egemaps);
    mien_soundscape_free(&scape);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static float sound[SAMPLES_MAX];
    char path[64];
    if (size > 1 << 16) {
        return -1;
    }
    mien_log_set(NULL, NULL);
    int file = memfd_create("sound", 0);
    if (file < 0) {
        return -1;
    }
    if (write(file, data, size) == (ssize_t)size) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        listen(path, 0, sound);
        const int64_t count = listen(path, 16000, sound);
        if (count > 0) {
            describe(sound, count);
        }
    }
    close(file);
    return 0;
}
