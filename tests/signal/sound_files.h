/* SPDX-License-Identifier: MIT */
/* Reads the arrays and sounds that tests of features compare with: this room has no
 * readers of files. Only what those files hold: little-endian f4 or f8 in C order;
 * 16-bit PCM. */
#ifndef MIEN_TESTS_SOUND_FILES_H
#define MIEN_TESTS_SOUND_FILES_H

#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *sound_file_bytes(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail_msg("%s cannot be read", path);
    }
    fseek(file, 0, SEEK_END);
    *count = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*count + 1);
    assert_int_equal(fread(bytes, 1, *count, file), *count);
    fclose(file);
    return bytes;
}

/* All values of a .npy as doubles; free(). */
static double *npy_values(const char *path, int64_t *count) {
    size_t size;
    unsigned char *bytes = sound_file_bytes(path, &size);
    size_t head = 10 + (size_t)bytes[8] + 256 * (size_t)bytes[9];
    char *text = calloc(1, head);
    memcpy(text, bytes + 10, head - 10);
    const bool wide = strstr(text, "'<f8'") != NULL;
    assert_true(wide || strstr(text, "'<f4'"));
    *count = (int64_t)((size - head) / (wide ? 8 : 4));
    double *values = calloc((size_t)*count + 1, sizeof *values);
    for (int64_t i = 0; i < *count; i++) {
        float single;
        if (wide) {
            memcpy(&values[i], bytes + head + 8 * i, 8);
        } else {
            memcpy(&single, bytes + head + 4 * i, 4);
            values[i] = (double)single;
        }
    }
    free(text);
    free(bytes);
    return values;
}

/* The mean of a .wav's channels / 32768; free(). */
static float *wav_samples(const char *path, int64_t *count, double *rate_hz) {
    size_t size;
    unsigned char *bytes = sound_file_bytes(path, &size);
    int16_t channels = 0;
    int32_t rate = 0, length = 0;
    size_t at = 12;
    for (; at + 8 <= size; at += 8 + (size_t)length) {
        memcpy(&length, bytes + at + 4, 4);
        if (memcmp(bytes + at, "fmt ", 4) == 0) {
            memcpy(&channels, bytes + at + 10, 2);
            memcpy(&rate, bytes + at + 12, 4);
        } else if (memcmp(bytes + at, "data", 4) == 0) {
            break;
        }
    }
    assert_true(channels > 0);
    *count = length / 2 / channels;
    *rate_hz = rate;
    float *samples = calloc((size_t)*count + 1, sizeof *samples);
    for (int64_t i = 0; i < *count; i++) {
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            int16_t value;
            memcpy(&value, bytes + at + 8 + 2 * (i * channels + c), 2);
            sum += value;
        }
        samples[i] = (float)(sum / channels / 32768);
    }
    free(bytes);
    return samples;
}

#endif
