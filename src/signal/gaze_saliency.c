/* SPDX-License-Identifier: MIT */
/* Maps of where people look, and how well another map foretells them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mien/gaze.h"
#include "base/need.h"
#include "signal/order.h"

/* ---- blur ------------------------------------------------------------------ */

/* One direction: `lines` lines of `length` cells, `step` apart, the lines `across`
 * apart. */
static void blur_lines(double *map, int64_t lines, int64_t across, int64_t length,
    int64_t step, const double *weight, int64_t reach, double *line) {
    for (int64_t l = 0; l < lines; l++) {
        double *at = map + l * across;
        for (int64_t i = 0; i < length; i++) {
            line[i] = at[i * step];
        }
        for (int64_t i = 0; i < length; i++) {
            double sum = 0;
            for (int64_t k = -reach; k <= reach; k++) {
                sum +=
                    i + k >= 0 && i + k < length ? weight[k + reach] * line[i + k] : 0;
            }
            at[i * step] = sum;
        }
    }
}

mien_status mien_map_blur(double *map, int64_t height, int64_t width, double sigma) {
    MIEN_NEED(map);
    int64_t longest = height > width ? height : width;
    if (!(sigma > 0 && sigma < 1e6)) {
        return mien_fail(
            MIEN_EINVAL, "a blur of %g cells: more than 0 is needed", sigma);
    }
    int64_t reach = (int64_t)(4 * sigma + 0.5);
    double *weight = mien_alloc((size_t)(2 * reach + 1 + longest), sizeof *weight);
    double total = 0;
    if (!weight) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = -reach; k <= reach; k++) {
        weight[k + reach] = exp(-0.5 * (double)(k * k) / (sigma * sigma));
        total += weight[k + reach];
    }
    for (int64_t k = 0; k <= 2 * reach; k++) {
        weight[k] /= total;
    }
    double *line = weight + 2 * reach + 1;
    blur_lines(map, width, 1, height, width, weight, reach, line);
    blur_lines(map, height, width, width, 1, weight, reach, line);
    mien_free(weight);
    return MIEN_OK;
}

/* ---- scores ---------------------------------------------------------------- */

typedef struct moments {
    double sum, mean, sd, low, high; /* sd: population */
} moments;

static moments moments_of(const double *x, int64_t n) {
    moments m = {.low = x[0], .high = x[0]};
    double squares = 0;
    for (int64_t i = 0; i < n; i++) {
        m.sum += x[i];
        m.low = fmin(m.low, x[i]);
        m.high = fmax(m.high, x[i]);
    }
    m.mean = m.sum / (double)n;
    for (int64_t i = 0; i < n; i++) {
        squares += (x[i] - m.mean) * (x[i] - m.mean);
    }
    m.sd = sqrt(squares / (double)n);
    return m;
}

static void score_density(const double *map, const double *density, int64_t n,
    const moments *s, const moments *d, mien_saliency *out) {
    double products = 0, low_s = 0, low_d = 0;
    for (int64_t i = 0; i < n; i++) {
        products += (map[i] - s->mean) * (density[i] - d->mean);
        low_s += (map[i] - s->low) / (s->high - s->low);
        low_d += (density[i] - d->low) / (d->high - d->low);
    }
    out->cc = products / (double)n / (s->sd * d->sd);
    out->sim = out->kl = 0;
    for (int64_t i = 0; i < n; i++) {
        double a = (map[i] - s->low) / (s->high - s->low) / low_s;
        double b = (density[i] - d->low) / (d->high - d->low) / low_d;
        double p = density[i] / d->sum;
        out->sim += fmin(a, b);
        out->kl += p * log(DBL_EPSILON + p / (map[i] / s->sum + DBL_EPSILON));
    }
}

static void score_fixated(const double *map, const double *fixations, int64_t height,
    int64_t width, const moments *s, mien_saliency *out) {
    double nss = 0, counted = 0, times = 0, cells = 0, gain = 0, base_sum = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < height * width; i++) {
            double dx = ((double)(i % width) - (double)(width - 1) / 2) / (double)width;
            double dy =
                ((double)(i / width) - (double)(height - 1) / 2) / (double)height;
            double base = exp(-18 * (dx * dx + dy * dy)); /* SD: a sixth of each side */
            if (pass == 0) {
                base_sum += base;
            } else if (fixations[i] > 0) {
                double z = (map[i] - s->mean) / s->sd;
                nss += z;
                counted += z * fixations[i];
                times += fixations[i];
                cells += 1;
                gain += log2(DBL_EPSILON + map[i] / s->sum) -
                        log2(DBL_EPSILON + base / base_sum);
            }
        }
    }
    out->nss = nss / cells;
    out->nss_counted = counted / times;
    out->information_gain = gain / cells;
}

/* Cells of sorted [n] that are at least `value`. */
static int64_t at_least(const double *sorted, int64_t n, double value) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (sorted[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return n - low;
}

static int64_t above(const double *sorted, int64_t n, double value) {
    return at_least(sorted, n, nextafter(value, INFINITY));
}

/* Shares of pairs in which the fixated value is the larger, ties a half. */
static double rank_auc(
    const double *fixated, int64_t n, const double *sorted_others, int64_t others) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double more = (double)above(sorted_others, others, fixated[i]);
        double same = (double)at_least(sorted_others, others, fixated[i]) - more;
        sum += (double)others - more - 0.5 * same;
    }
    return sum / ((double)n * (double)others);
}

/* Judd's: thresholds at the fixated values alone, trapezoids between. sorted: rising.
 */
static double judd_auc(
    const double *sorted_fixated, int64_t n, const double *sorted_all, int64_t cells) {
    double area = 0, tp = 0, fp = 0;
    for (int64_t i = 1; i <= n + 1; i++) {
        double next_tp = i <= n ? (double)i / (double)n : 1, next_fp = 1;
        if (i <= n) {
            int64_t k = at_least(sorted_all, cells, sorted_fixated[n - i]);
            next_fp = (double)(k - i) / (double)(cells - n);
        }
        area += (next_fp - fp) * (tp + next_tp) / 2;
        tp = next_tp;
        fp = next_fp;
    }
    return area;
}

static mien_status score_ranks(
    const double *map, const double *fixations, int64_t n, mien_saliency *out) {
    double *all = mien_alloc(3 * (size_t)n, sizeof *all);
    double *fixated = all ? all + n : NULL, *rest = all ? all + 2 * n : NULL;
    int64_t f = 0, r = 0;
    if (!all) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        all[i] = map[i];
        if (fixations[i] > 0) {
            fixated[f++] = map[i];
        } else {
            rest[r++] = map[i];
        }
    }
    qsort(all, (size_t)n, sizeof *all, mien_by_value);
    qsort(fixated, (size_t)f, sizeof *all, mien_by_value);
    qsort(rest, (size_t)r, sizeof *all, mien_by_value);
    out->auc_judd = r > 0 ? judd_auc(fixated, f, all, n) : NAN;
    out->auc_rank = r > 0 ? rank_auc(fixated, f, rest, r) : NAN;
    mien_free(all);
    return MIEN_OK;
}

static mien_status check(
    const double *map, const double *fixations, const double *density, int64_t n) {
    double any = 0, finite = 0;
    for (int64_t i = 0; i < n; i++) {
        any += fixations[i];
        finite += map[i] + density[i];
    }
    if (n < 1 || !(any > 0)) {
        return mien_fail(MIEN_EINVAL, "no fixation on the map: nothing can be scored");
    }
    moments s = moments_of(map, n), d = moments_of(density, n);
    if (!isfinite(finite) || !(s.sd > 0) || !(d.sd > 0)) {
        return mien_fail(MIEN_EINVAL,
            "a map that is the same everywhere, or not finite, cannot be scored");
    }
    return MIEN_OK;
}

mien_status mien_saliency_score(const double *map, const double *fixations,
    const double *density, int64_t height, int64_t width, mien_saliency *scores) {
    MIEN_NEED(map, fixations, density, scores);
    int64_t n = height * width;
    mien_saliency made;
    mien_status status = check(map, fixations, density, n);
    if (status == MIEN_OK) {
        moments s = moments_of(map, n), d = moments_of(density, n);
        score_density(map, density, n, &s, &d, &made);
        score_fixated(map, fixations, height, width, &s, &made);
        status = score_ranks(map, fixations, n, &made);
    }
    if (status == MIEN_OK) {
        *scores = made;
    }
    return status;
}

mien_status mien_saliency_shuffled_auc(const double *map, const double *fixations,
    int64_t cells, const int64_t *other, int64_t others, double *auc) {
    MIEN_NEED(
        map || cells < 1, fixations || cells < 1, other || cells < 1, auc || cells < 1);
    double *room = mien_alloc((size_t)(cells + others), sizeof *room);
    int64_t n = 0;
    if (!room) {
        return MIEN_ENOMEM;
    }
    double *rest = room + cells;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < cells; i++) {
        if (fixations[i] > 0) {
            room[n++] = map[i];
        }
    }
    for (int64_t k = 0; status == MIEN_OK && k < others; k++) {
        if (other[k] < 0 || other[k] >= cells) {
            status = mien_fail(MIEN_EINVAL, "cell %lld is not on the map of %lld",
                (long long)other[k], (long long)cells);
        } else {
            rest[k] = map[other[k]];
        }
    }
    if (status == MIEN_OK && (n < 1 || others < 1)) {
        status = mien_fail(MIEN_EINVAL, "a shuffled AUC needs fixations of both");
    }
    if (status == MIEN_OK) {
        qsort(rest, (size_t)others, sizeof *rest, mien_by_value);
        *auc = rank_auc(room, n, rest, others);
    }
    mien_free(room);
    return status;
}
