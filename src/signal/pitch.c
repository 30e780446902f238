/* SPDX-License-Identifier: MIT */
/* Pitch by sub-harmonic summation: the spectrum of a long frame is laid on an axis of
 * octaves by a natural cubic spline, shifted copies of it are summed up, and peaks of
 * the sum are candidates.
 *
 * Everything about the spline but its values is the same in every frame: places,
 * intervals and the elimination of its equations are made once. Its equations are a
 * chain in which each step waits for the one before, so LANES frames go along it side
 * by side. */
#include "signal/pitch.h"

#include <math.h>
#include <string.h>

#include "signal/fft.h"
#include "signal/sound_kernels.h"

enum { HARMONICS = 15, LANES = MIEN_SOUND_LANES, BLOCK = MIEN_SOUND_BLOCK };
typedef double lanes[LANES];
#define PI 3.14159265358979323846
#define DECAY 0.85
#define LOWEST_HZ 25.0
#define RANGE_LOW_HZ 52.0
#define RANGE_HIGH_HZ 620.0
#define VOICED 0.7f
/* Where the weight of an octave is one half, and how steeply it rises (Hermes 1988);
 * the place was measured on tones of 59 to 114 Hz, to a hundredth of a semitone. */
#define HALF_WEIGHT_HZ 32.0
#define WEIGHT_STEEPNESS 3.0
#define PEAK_BINS 2

struct mien_pitch {
    bool peaks_only, rising_only;
    int candidates;
    int64_t frame, bins, room; /* room: bins and zeros behind them, for harmonics */
    mien_fft *fft;
    double *window;         /* [frame] Gaussian */
    double *width, *narrow; /* [bins − 1] from a place to the next; its inverse */
    double *share,
        *below;          /* elimination of the spline's equations: what the next and */
    double *pivot;       /* the one before take, 6 × the inverse of the pivot */
    int32_t *left;       /* [bins] place before each point of the octave axis */
    double (*weight)[4]; /* of value and second derivative left and right of it */
    double start, step;  /* log2 Hz of the first point; to the next */
    int64_t shift[HARMONICS]; /* of each harmonic, points */
    float share_of[HARMONICS];
    double *plain;            /* [bins] magnitudes of a lane, where peaks are kept */
    lanes *spectrum, *second; /* [bins] magnitudes; the spline's second derivatives */
    float *octave, *sum;      /* [LANES, room] on the octave axis; [bins] summed up */
};

static double place_of(int64_t bin, double bin_hz) {
    return bin > 0 ? log2((double)bin * bin_hz) : 2 * log2(bin_hz) - log2(2 * bin_hz);
}

/* The second derivatives m of a natural spline solve
 * w[i−1] m[i−1] + 2 (w[i−1] + w[i]) m[i] + w[i] m[i+1] = 6 (slope[i] − slope[i−1]). */
static void make_spline(mien_pitch *p, double bin_hz) {
    const int64_t n = p->bins;
    for (int64_t i = 0; i + 1 < n; i++) {
        p->width[i] = place_of(i + 1, bin_hz) - place_of(i, bin_hz);
        p->narrow[i] = 1 / p->width[i];
    }
    for (int64_t i = 1; i + 1 < n; i++) {
        double before = i > 1 ? p->width[i - 1] * p->share[i - 1] : 0;
        double pivot = 1 / (2 * (p->width[i - 1] + p->width[i]) - before);
        p->share[i] = p->width[i] * pivot;
        p->below[i] = p->width[i - 1] * pivot;
        p->pivot[i] = 6 * pivot;
    }
    int64_t left = 0;
    for (int64_t i = 0; i < n; i++) {
        double x = p->start + (double)i * p->step;
        while (left + 2 < n && place_of(left + 1, bin_hz) <= x) {
            left++;
        }
        double w = p->width[left], b = (x - place_of(left, bin_hz)) / w, a = 1 - b;
        p->left[i] = (int32_t)left;
        p->weight[i][0] = a;
        p->weight[i][1] = b;
        p->weight[i][2] = (a * a * a - a) * w * w / 6;
        p->weight[i][3] = (b * b * b - b) * w * w / 6;
        if (p->peaks_only) { /* the spline is linear in its values */
            const double above = x - log2(HALF_WEIGHT_HZ);
            const double share = 0.5 + atan(WEIGHT_STEEPNESS * above) / PI;
            for (int k = 0; k < 4; k++) {
                p->weight[i][k] *= share;
            }
        }
    }
}

static mien_status make_room(mien_pitch *p) {
    const size_t n = (size_t)p->bins;
    p->window = mien_alloc((size_t)p->frame, sizeof *p->window);
    p->width = mien_alloc(n, sizeof *p->width);
    p->narrow = mien_alloc(n, sizeof *p->narrow);
    p->share = mien_alloc(n, sizeof *p->share);
    p->below = mien_alloc(n, sizeof *p->below);
    p->pivot = mien_alloc(n, sizeof *p->pivot);
    p->left = mien_alloc(n, sizeof *p->left);
    p->weight = mien_alloc(n, sizeof *p->weight);
    p->plain = mien_alloc(n, sizeof *p->plain);
    p->spectrum = mien_alloc(n, sizeof *p->spectrum);
    p->second = mien_alloc(n, sizeof *p->second);
    p->octave = mien_alloc((size_t)p->room * LANES, sizeof *p->octave);
    p->sum = mien_alloc(n + BLOCK, sizeof *p->sum);
    bool good = p->window && p->width && p->narrow && p->share && p->below &&
                p->pivot && p->left && p->weight && p->plain && p->spectrum &&
                p->second && p->octave && p->sum;
    return good ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_pitch_new(const mien_pitch_spec *spec, mien_pitch **pitch) {
    mien_pitch *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    const int64_t frame = spec->frame;
    const int64_t size = mien_fft_size_for(frame < 8 ? 8 : frame);
    const double bin_hz = (double)frame / (spec->frame_s * (double)size);
    p->frame = frame;
    p->peaks_only = spec->peaks_only;
    p->rising_only = spec->rising_only;
    p->candidates = spec->candidates;
    p->bins = size / 2 + 1;
    const double octaves = log2((double)(p->bins - 1) * bin_hz) - log2(LOWEST_HZ);
    for (int i = 0; i < HARMONICS; i++) {
        p->shift[i] = (int64_t)floor((double)p->bins / octaves * log2(i + 1));
        p->share_of[i] = (float)pow(DECAY, i);
    }
    p->room = p->bins + p->shift[HARMONICS - 1] + BLOCK;
    mien_status status = mien_fft_new(MIEN_FFT_REAL, size, &p->fft);
    if (status == MIEN_OK) {
        status = make_room(p);
    }
    if (status != MIEN_OK) {
        mien_pitch_free(&p);
        return status;
    }
    for (int64_t i = 0; i < frame; i++) {
        double middle = (double)(frame - 1) / 2;
        double away = ((double)i - middle) / (spec->spread * middle);
        p->window[i] = exp(-0.5 * away * away);
    }
    p->start = log2(LOWEST_HZ);
    p->step = octaves / (double)(p->bins - 1);
    make_spline(p, bin_hz);
    *pitch = p;
    return MIEN_OK;
}

void mien_pitch_free(mien_pitch **pitch) {
    mien_pitch *p = *pitch;
    if (!p) {
        return;
    }
    void *rooms[] = {p->window, p->width, p->narrow, p->share, p->below, p->pivot,
        p->left, p->weight, p->plain, p->spectrum, p->second, p->octave, p->sum};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        mien_free(rooms[i]);
    }
    mien_fft_free(&p->fft);
    mien_free(p);
    *pitch = NULL;
}

static bool is_peak(const double *y, int64_t n, int64_t k) {
    return k > 0 && k + 1 < n && y[k] > y[k - 1] && y[k] > y[k + 1];
}

/* What is farther than two bins from a peak becomes 0; then neighbours count a quarter
 * each. The ends are repeated. */
static void keep_peaks(mien_pitch *p, int lane) {
    double *y = p->plain;
    const int64_t n = p->bins;
    for (int64_t k = 0; k < n; k++) {
        p->spectrum[k][lane] = 0;
    }
    for (int64_t k = 1; k + 1 < n; k++) {
        for (int64_t i = k - PEAK_BINS; is_peak(y, n, k) && i <= k + PEAK_BINS; i++) {
            if (i >= 0 && i < n) {
                p->spectrum[i][lane] = y[i];
            }
        }
    }
    double before = p->spectrum[0][lane];
    for (int64_t k = 0; k < n; k++) {
        const double here = p->spectrum[k][lane],
                     next = k + 1 < n ? p->spectrum[k + 1][lane] : here;
        p->spectrum[k][lane] = 0.25 * before + 0.5 * here + 0.25 * next;
        before = here;
    }
}

static void take_spectrum(mien_pitch *p, const float *sound, int lane) {
    double *x = mien_fft_input(p->fft);
    for (int64_t i = 0; i < p->frame; i++) {
        x[i] = (double)sound[i] * p->window[i];
    }
    memset(x + p->frame, 0, (size_t)(2 * (p->bins - 1) - p->frame) * sizeof *x);
    const double *made = mien_fft_run(p->fft);
    for (int64_t k = 0; k < p->bins; k++) {
        p->plain[k] = p->spectrum[k][lane] =
            sqrt(made[2 * k] * made[2 * k] + made[2 * k + 1] * made[2 * k + 1]);
    }
    if (p->peaks_only) {
        keep_peaks(p, lane);
    }
}

/* Second derivatives of all lanes' splines at the places of the bins. */
static void solve_splines(const mien_pitch *p) {
    const int64_t n = p->bins;
    const lanes *y = (const lanes *)p->spectrum;
    lanes *m = p->second;
    double last[LANES], slope[LANES], next[LANES];
    for (int l = 0; l < LANES; l++) {
        m[0][l] = m[n - 1][l] = last[l] = 0;
        slope[l] = (y[1][l] - y[0][l]) * p->narrow[0];
    }
    for (int64_t i = 1; i + 1 < n; i++) {
        const double narrow = p->narrow[i], pivot = p->pivot[i], below = p->below[i];
        for (int l = 0; l < LANES; l++) {
            next[l] = (y[i + 1][l] - y[i][l]) * narrow;
            last[l] = (next[l] - slope[l]) * pivot - below * last[l];
            slope[l] = next[l];
            m[i][l] = last[l];
        }
    }
    memset(last, 0, sizeof last);
    for (int64_t i = n - 2; i > 0; i--) {
        const double share = p->share[i];
        for (int l = 0; l < LANES; l++) {
            last[l] = m[i][l] - share * last[l];
            m[i][l] = last[l];
        }
    }
}

static void to_octaves(const mien_pitch *p) {
    for (int64_t i = 0; i < p->bins; i++) {
        const double *w = p->weight[i];
        const double *y = p->spectrum[p->left[i]], *m = p->second[p->left[i]];
        for (int l = 0; l < LANES; l++) {
            double value =
                w[0] * y[l] + w[1] * y[LANES + l] + w[2] * m[l] + w[3] * m[LANES + l];
            p->octave[l * p->room + i] = (float)value;
        }
    }
}

/* The harmonics of each point, in single precision as the reference adds them up. */
static void sum_harmonics(const mien_pitch *p, const float *octave) {
    const float *from[HARMONICS];
    for (int64_t j = 0; j < p->bins; j += BLOCK) {
        float sum[BLOCK];
        for (int i = 0; i < HARMONICS; i++) {
            from[i] = octave + j + p->shift[i];
        }
        mien_sound_shares(from, p->share_of, HARMONICS, sum);
        for (int b = 0; b < BLOCK; b++) {
            float value = sum[b] / (float)HARMONICS;
            p->sum[j + b] = value > 0 ? value : 0;
        }
    }
}

/* The parabola through a maximum and its two neighbours. */
static void refine(const float *y, double *place, double *height) {
    const double a = y[-1], b = y[0], c = y[1], curve = a - 2 * b + c;
    const double away = curve != 0 ? 0.5 * (a - c) / curve : 0;
    *place = away;
    *height = b - 0.25 * (a - c) * away;
}

/* Puts a peak at `to` of the list, which grows at most to p->candidates. */
static void put_candidate(
    const mien_pitch *p, mien_pitch_frame *f, int to, int64_t at, double mean) {
    double away, height;
    refine(p->sum + at, &away, &height);
    f->candidates += f->candidates < p->candidates;
    for (int k = f->candidates - 1; k > to; k--) {
        f->hz[k] = f->hz[k - 1];
        f->voicing[k] = f->voicing[k - 1];
        f->score[k] = f->score[k - 1];
    }
    f->hz[to] = exp2(p->start + ((double)at + away) * p->step);
    f->score[to] = height;
    f->voicing[to] = height > mean ? 1 - mean / height : 0;
}

static void find_candidates(const mien_pitch *p, mien_pitch_frame *f) {
    const float *s = p->sum;
    float height[MIEN_PITCH_CANDIDATES + 1] = {0}; /* of the list, between no points */
    double total = 0;
    for (int64_t j = 0; j < p->bins; j++) {
        total += s[j];
    }
    const double mean = total / (double)p->bins;
    for (int64_t j = 1; j + 1 < p->bins; j++) {
        if (!(s[j] > s[j - 1] && s[j] > s[j + 1])) {
            continue;
        }
        int to = 0;
        while (to < f->candidates && s[j] <= height[to]) {
            to++;
        }
        if (to < (p->rising_only ? 1 : p->candidates)) {
            memmove(height + to + 1, height + to,
                (size_t)(MIEN_PITCH_CANDIDATES - to) * sizeof *height);
            height[to] = s[j];
            put_candidate(p, f, to, j, mean);
        }
    }
}

static void choose(mien_pitch_frame *out) {
    double best = -INFINITY; /* heights between points may be in another order */
    for (int k = 0; k < out->candidates; k++) {
        if (out->hz[k] >= RANGE_LOW_HZ && out->hz[k] <= RANGE_HIGH_HZ &&
            out->score[k] > best) {
            best = out->score[k];
            out->f0_hz = out->hz[k];
            out->probability = out->voicing[k];
        }
    }
}

void mien_pitch_run(mien_pitch *p, const float *sound, int64_t hop, int64_t count,
    mien_pitch_frame *frames) {
    for (int64_t first = 0; first < count; first += LANES) {
        const int used = count - first < LANES ? (int)(count - first) : LANES;
        for (int l = 0; l < used; l++) {
            take_spectrum(p, sound + (first + l) * hop, l);
        }
        solve_splines(p);
        to_octaves(p);
        for (int l = 0; l < used; l++) {
            mien_pitch_frame *f = &frames[first + l];
            memset(f, 0, sizeof *f);
            sum_harmonics(p, p->octave + l * p->room);
            find_candidates(p, f);
            choose(f);
        }
    }
}

/* The memory of the smoother: the pitch of the frame before, whether voice has just
 * begun (+1) or ended (−1), and whether the pitch has just jumped by an octave. */
typedef struct smoother {
    double last;
    int run, jump;
} smoother;

/* The pitch of the frame before, once the next one is seen: single voiced frames and
 * jumps by an octave of one frame are smoothed away. */
static double smooth_next(smoother *s, double p) {
    const double before = s->last;
    if (before == 0 && p > 0) {
        s->run = 1;
    } else if (before > 0 && p == 0 && s->run == 0) {
        s->run = -1;
    } else if ((before > 0) == (p > 0)) {
        s->run = 0;
    }
    if (p == 0 && s->run == 1) {
        s->last =
            0; /* a gap of one frame is not filled likewise: its run has begun anew */
    }
    const bool both = s->last > 0 && p > 0;
    const bool up = both && s->last / p < 0.8, down = both && s->last / p > 1.2;
    if ((up && s->jump == -1) || (down && s->jump == 1)) {
        s->last = p;
    }
    if (up) {
        s->jump = 1;
    } else if (down && s->run == 0) {
        s->jump = -1;
    } else if (!down) {
        s->jump = 0;
    }
    const double out = s->last;
    s->last = p;
    return out;
}

void mien_pitch_smooth(int64_t n, const mien_pitch_frame *frames, double *f0_hz,
    double *envelope, double *voicing) {
    smoother s = {0};
    double held = 0;
    for (int64_t t = 1; t < n; t++) {
        const float probability = (float)frames[t].probability;
        const double p = probability > VOICED ? frames[t].f0_hz : 0;
        double out = smooth_next(&s, p);
        if (out > 0) {
            held = held > 0 ? 0.75 * held + 0.25 * out : out;
        }
        f0_hz[t - 1] = out;
        envelope[t - 1] = held;
        voicing[t - 1] = t > 1 ? frames[t - 1].probability : 0;
    }
}
