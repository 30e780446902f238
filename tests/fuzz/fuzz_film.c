/* SPDX-License-Identifier: MIT */
/* Any bytes as a film: opened, played with and without leaving frames out, turned and
 * made smaller as its header says. FFmpeg itself is not compiled for coverage. */
#define _GNU_SOURCE /* memfd_create */
#include "mien/media.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES_MAX = 12 };

static void play(const char *path, double every_s, double end_s, int short_side) {
    mien_film_options options = mien_film_options_default();
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t time_us, sample_us;
    options.every_s = every_s;
    options.end_s = end_s;
    options.short_side = short_side;
    options.pixels_max = 1 << 16;
    mien_status status = mien_film_open(path, &options, &film);
    for (int i = 0; status == MIEN_OK && i < FRAMES_MAX; i++) {
        status = mien_film_next(film, &image, &time_us, &sample_us);
    }
    mien_film_close(&film);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    if (size > 1 << 17) {
        return -1;
    }
    mien_log_set(NULL, NULL);
    int file = memfd_create("film", 0);
    if (file < 0) {
        return -1;
    }
    if (write(file, data, size) == (ssize_t)size) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        play(path, 0, 1e12, 0);
        play(path, 0.3, 1.1, 8);
    }
    close(file);
    return 0;
}
