/* SPDX-License-Identifier: MIT */
/* What is heard in a film, for a person who looks at its course: how loud it is, where
 * it sounds like speech and where like music.
 *
 * In: samples of one channel as they come. Every 10 ms a frame is transformed; over
 * windows of 256 frames three things are measured: how many frames are much weaker than
 * their window (the gaps between words), how much the bands' levels swing at the rate
 * of syllables, and how alike spectra 0.2 s apart are (tones that last). Out: a moment
 * each half second. Called by the page of `mien predict --report`.
 *
 * The first two follow Scheirer & Slaney (1997), ICASSP: 1331-1334, in kind; limits are
 * our own, set on speech of 47 clips and made-up music (docs/films.md). */
#include <math.h>
#include <string.h>

#include "mien/signal.h"
#include "base/need.h"
#include "signal/fft.h"
#include "signal/mel_bank.h"

enum {
    FRAME = 1024,
    HOP = MIEN_SOUNDSCAPE_RATE_HZ / 100,
    MOMENT = 50,  /* frames */
    WINDOW = 256, /* frames */
    BANDS = 20,
    LAG = 20, /* frames between spectra that are compared */
    FIRST = 4,
    COMPARED = 256 /* bins from FIRST on: up to 4 kHz */
};
/* In bins of the transform of a window of levels, 100 / 256 Hz each. */
enum { SLOWEST = 2, SYLLABLES = 7, SYLLABLES_END = 19, FASTEST = 77 };
#define SILENT 1e-6 /* mean square: -60 dB */
#define GAP 0.5     /* of the window's mean power */
#define GAPS_LEAST 0.3
#define SYLLABLES_LEAST 0.2
#define TONES_LEAST 0.65
#define TONES_MOST 0.75 /* of speech: notes that fade have gaps too */
#define PI 3.14159265358979323846

typedef struct window {
    bool speech, music;
} window;

struct mien_soundscape {
    mien_fft *fft, *slow; /* of a frame; of a band's levels over a window */
    mien_mel_bank bank;
    double taper[FRAME], slow_taper[WINDOW], power[FRAME / 2 + 1];
    float tail[FRAME]; /* samples that no whole frame has used up */
    int64_t tail_count;
    int64_t frames;
    double level[WINDOW], alike[WINDOW], band[WINDOW][BANDS]; /* rings */
    double spectrum[LAG + 1][COMPARED];                       /* a ring */
    double sum; /* of squares of the moment at hand */
    int64_t sum_count;
    double *levels; /* [moments] dB */
    int64_t moments, moments_room;
    window *windows;
    int64_t window_count, windows_room;
    mien_soundscape_moment *out;
};

mien_status mien_soundscape_new(mien_soundscape **soundscape) {
    MIEN_NEED(soundscape);
    MIEN_NEED(soundscape);
    mien_soundscape *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    const double bin_hz = (double)MIEN_SOUNDSCAPE_RATE_HZ / FRAME;
    const mien_mel_spec spec = {.bands = BANDS,
        .low_hz = 100,
        .high_hz = 7000,
        .bin_hz = bin_hz,
        .first = (int64_t)ceil(100 / bin_hz),
        .end = (int64_t)floor(7000 / bin_hz)};
    mien_status status = mien_fft_new(MIEN_FFT_REAL, FRAME, &s->fft);
    status = status ? status : mien_fft_new(MIEN_FFT_REAL, WINDOW, &s->slow);
    status = status ? status : mien_mel_bank_init(&s->bank, &spec);
    for (int i = 0; i < FRAME; i++) {
        s->taper[i] = 0.5 - 0.5 * cos(2 * PI * i / FRAME);
    }
    for (int i = 0; i < WINDOW; i++) {
        s->slow_taper[i] = 0.5 - 0.5 * cos(2 * PI * i / WINDOW);
    }
    if (status != MIEN_OK) {
        mien_soundscape_free(&s);
        return status;
    }
    *soundscape = s;
    return MIEN_OK;
}

void mien_soundscape_free(mien_soundscape **soundscape) {
    mien_soundscape *s = soundscape ? *soundscape : NULL;
    if (s) {
        mien_fft_free(&s->fft);
        mien_fft_free(&s->slow);
        mien_mel_bank_clear(&s->bank);
        mien_free(s->levels);
        mien_free(s->windows);
        mien_free(s->out);
        mien_free(s);
        *soundscape = NULL;
    }
}

/* Room for one more item of `size` bytes. */
static mien_status grow(void **items, int64_t count, int64_t *room, size_t size) {
    if (count < *room) {
        return MIEN_OK;
    }
    const int64_t more = *room ? 2 * *room : 256;
    void *grown = mien_realloc(*items, (size_t)*room, (size_t)more, size);
    if (!grown) {
        return MIEN_ENOMEM;
    }
    *items = grown;
    *room = more;
    return MIEN_OK;
}

/* ---- a window ------------------------------------------------------------------ */

/* The share of all swings between 0.8 and 30 a second that are at the rate of
 * syllables. */
static double syllables_of(mien_soundscape *s) {
    double slow = 0, all = 0;
    for (int b = 0; b < BANDS; b++) {
        double mean = 0, *x = mien_fft_input(s->slow);
        for (int i = 0; i < WINDOW; i++) {
            mean += s->band[i][b] / WINDOW;
        }
        for (int i = 0; i < WINDOW; i++) { /* the ring's oldest first */
            const int at = (int)((s->frames + i) % WINDOW);
            x[i] = (s->band[at][b] - mean) * s->slow_taper[i];
        }
        const double *made = mien_fft_run(s->slow);
        for (int k = SLOWEST; k < FASTEST; k++) {
            const double power =
                made[2 * k] * made[2 * k] + made[2 * k + 1] * made[2 * k + 1];
            all += power;
            slow += k >= SYLLABLES && k < SYLLABLES_END ? power : 0;
        }
    }
    return all > 0 ? slow / all : 0;
}

static window window_of(mien_soundscape *s) {
    double mean = 0, gaps = 0, alike = 0;
    for (int i = 0; i < WINDOW; i++) {
        mean += s->level[i] / WINDOW;
        alike += s->alike[i] / WINDOW;
    }
    for (int i = 0; i < WINDOW; i++) {
        gaps += s->level[i] < GAP * mean ? 1.0 / WINDOW : 0;
    }
    if (mean < SILENT) {
        return (window){false, false};
    }
    return (window){
        gaps >= GAPS_LEAST && alike < TONES_MOST && syllables_of(s) >= SYLLABLES_LEAST,
        alike >= TONES_LEAST};
}

/* ---- a frame ------------------------------------------------------------------- */

/* Pearson's correlation of two spectra's compressed magnitudes. */
static double likeness(const double *a, const double *b) {
    double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
    for (int k = 0; k < COMPARED; k++) {
        sa += a[k];
        sb += b[k];
        aa += a[k] * a[k];
        bb += b[k] * b[k];
        ab += a[k] * b[k];
    }
    const double va = aa - sa * sa / COMPARED, vb = bb - sb * sb / COMPARED;
    return va > 0 && vb > 0 ? (ab - sa * sb / COMPARED) / sqrt(va * vb) : 0;
}

static mien_status one_frame(mien_soundscape *s, const float *x) {
    const int at = (int)(s->frames % WINDOW), now = (int)(s->frames % (LAG + 1));
    double *input = mien_fft_input(s->fft), square = 0;
    for (int i = 0; i < FRAME; i++) {
        input[i] = (double)x[i] * s->taper[i];
        square += (double)x[i] * (double)x[i];
    }
    const double *made = mien_fft_run(s->fft);
    for (int k = 0; k <= FRAME / 2; k++) {
        s->power[k] = made[2 * k] * made[2 * k] + made[2 * k + 1] * made[2 * k + 1];
    }
    mien_mel_bank_run(&s->bank, s->power, s->band[at]);
    for (int b = 0; b < BANDS; b++) {
        s->band[at][b] = log(s->band[at][b] + 1e-6);
    }
    for (int k = 0; k < COMPARED; k++) {
        s->spectrum[now][k] = sqrt(sqrt(s->power[FIRST + k]));
    }
    s->level[at] = square / FRAME;
    s->alike[at] = s->frames >= LAG
                       ? likeness(s->spectrum[now], s->spectrum[(now + 1) % (LAG + 1)])
                       : 0;
    s->frames++;
    if (s->frames < WINDOW || (s->frames - WINDOW) % MOMENT != 0) {
        return MIEN_OK;
    }
    mien_status status = grow(
        (void **)&s->windows, s->window_count, &s->windows_room, sizeof *s->windows);
    if (status == MIEN_OK) {
        s->windows[s->window_count++] = window_of(s);
    }
    return status;
}

static mien_status end_moment(mien_soundscape *s) {
    mien_status status =
        grow((void **)&s->levels, s->moments, &s->moments_room, sizeof *s->levels);
    if (status == MIEN_OK) {
        s->levels[s->moments++] =
            10 * log10(fmax(s->sum / (double)s->sum_count, 1e-12));
        s->sum = 0;
        s->sum_count = 0;
    }
    return status;
}

mien_status mien_soundscape_add(mien_soundscape *s, const float *sound, int64_t count) {
    MIEN_NEED(s, sound || count < 1);
    MIEN_NEED(s, sound || count < 1);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const double value = isfinite(sound[i]) ? (double)sound[i] : 0;
        s->tail[s->tail_count++] = (float)value;
        s->sum += value * value;
        if (++s->sum_count == MOMENT * HOP) {
            status = end_moment(s);
        }
        if (status == MIEN_OK && s->tail_count == FRAME) {
            status = one_frame(s, s->tail);
            memmove(s->tail, s->tail + HOP, (FRAME - HOP) * sizeof *s->tail);
            s->tail_count -= HOP;
        }
    }
    return status;
}

/* A moment is what the window is whose middle is nearest to its own. */
mien_status mien_soundscape_moments(
    mien_soundscape *s, const mien_soundscape_moment **moments, int64_t *count) {
    MIEN_NEED(s, moments, count);
    MIEN_NEED(s, moments, count);
    mien_status status = MIEN_OK;
    if (s->sum_count > 0 && s->sum_count >= MOMENT * HOP / 5) {
        status = end_moment(s);
    }
    mien_free(s->out);
    s->out = mien_alloc((size_t)(s->moments ? s->moments : 1), sizeof *s->out);
    if (status != MIEN_OK || !s->out) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < s->moments; i++) {
        int64_t w = i - (WINDOW / 2) / MOMENT;
        w = w < s->window_count ? w : s->window_count - 1;
        w = w > 0 ? w : 0;
        const window *of = s->window_count > 0 ? &s->windows[w] : NULL;
        s->out[i] =
            (mien_soundscape_moment){.start_s = (double)i * MIEN_SOUNDSCAPE_STEP_S,
                .level_db = s->levels[i],
                .speech = of && of->speech,
                .music = of && of->music};
    }
    *moments = s->out;
    *count = s->moments;
    return MIEN_OK;
}
