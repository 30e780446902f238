/* SPDX-License-Identifier: MIT */
/* Columns of synthetic features: which carry what, and the scale of each, as the
 * published samples have them. */
#include "data/synths/synth.h"

#include <math.h>

enum { PARTS = 2 * MIEN_SYNTH_TARGETS };

static double between(mien_stream *s, double low, double high) {
    return low + (high - low) * mien_stream_uniform(s);
}

/* Ranges, means and zeros of the published samples of AttendAffectNet:
 *
 * resnet50     0.001 to 0.8, mean 0.106       flownet  -0.013 to 0.13, mean near 0
 * i3d          0.002 to 0.31, mean 0.14       vggish   0 to 1.3, mean 0.12, 40 % zeros
 * emobase2010  raw: -19 to 2400, mean 2.7; the last column is always 0.32
 *
 * What carries a part stays off the cut: its read-out is linear. */
static void scale_resnet50(mien_stream *s, mien_synth_column *c) {
    double u = mien_stream_uniform(s);
    c->mean = 0.02 + 0.26 * u * u;
    c->sd = c->mean / 4.5;
    c->lowest = 0.0005;
}

static void scale_flownet(mien_stream *s, mien_synth_column *c) {
    bool strong = mien_stream_uniform(s) < 0.05;
    c->mean = strong ? 0.05 : between(s, -0.0035, -0.0023);
    c->sd = strong ? 0.015 : 0.002;
    c->lowest = -INFINITY;
}

static void scale_i3d(mien_stream *s, mien_synth_column *c) {
    c->mean = between(s, 0.04, 0.24);
    c->sd = c->mean / 12;
    c->lowest = 0.002;
}

static void scale_vggish(mien_stream *s, mien_synth_column *c) {
    if (c->part >= 0) {
        c->mean = between(s, 0.12, 0.28);
        c->sd = c->mean / 4.5;
    } else {
        c->sd = 0.35;
        c->mean = -0.8 * c->sd;
    }
    c->lowest = 0;
}

static void scale_emobase2010(mien_stream *s, mien_synth_column *c) {
    bool large = mien_stream_uniform(s) < 0.003;
    c->sd = large ? between(s, 50, 150) : pow(10, between(s, -3, 0.5));
    c->mean = large ? between(s, 400, 1600) : c->sd * between(s, -1, 3);
    c->lowest = -INFINITY;
}

static void (*const scales[MIEN_FILM_KINDS])(mien_stream *, mien_synth_column *) = {
    scale_resnet50, scale_flownet, scale_i3d, scale_vggish, scale_emobase2010};

void mien_synth_columns(
    uint32_t seed, int kind, bool carries, mien_synth_column *columns) {
    int64_t width = mien_film_kinds[kind].width;
    mien_stream s;
    mien_stream_init(&s, seed, 1, (uint64_t)kind);
    for (int64_t i = 0; i < width; i++) {
        columns[i] = (mien_synth_column){.part = -1};
    }
    /* the last column of emobase2010 is the constant one */
    uint64_t free = (uint64_t)(kind == 4 ? width - 1 : width);
    for (int n = 0; n < PARTS * MIEN_SYNTH_COLUMNS; n++) {
        uint64_t at;
        do {
            at = mien_stream_word(&s) % free;
        } while (columns[at].part >= 0);
        columns[at].part = n % PARTS;
        columns[at].sign = mien_stream_word(&s) >> 63 ? 1 : -1;
    }
    for (int64_t i = 0; i < width; i++) {
        scales[kind](&s, &columns[i]);
        if (!carries) {
            columns[i].part = -1;
        }
    }
    if (kind == 4) {
        columns[width - 1] = (mien_synth_column){-1, 0, 0.32, 0, 0};
    }
}

/* Squared correlation of a part with its best read-out from n columns: the sum of the
 * columns, signs turned, is n · loading · part + sqrt(n · (1 - loading²)) · noise. */
static double part_reliability(double n) {
    double l = MIEN_SYNTH_LOADING * MIEN_SYNTH_LOADING;
    return n * l / (n * l + 1 - l);
}

double mien_synth_reliability(int carriers) {
    double shared = part_reliability((double)carriers * MIEN_SYNTH_COLUMNS);
    double own = part_reliability(MIEN_SYNTH_COLUMNS);
    return sqrt(MIEN_SYNTH_SHARED * shared + (1 - MIEN_SYNTH_SHARED) * own);
}
