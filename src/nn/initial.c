/* SPDX-License-Identifier: MIT */
/* Rules by which first weights are drawn. */
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/parameters.h"
#include "base/need.h"

#define NORMAL_SD 0.02
#define PI 3.14159265358979323846

/* Spread of a weight that adds up `in` values and is read `out` times. */
typedef struct rule {
    const char *name;
    bool normal;
    double (*sd)(double in, double out);
} rule;

static double nothing(double in, double out) {
    (void)in;
    (void)out;
    return 0;
}

static double small(double in, double out) {
    (void)in;
    (void)out;
    return NORMAL_SD;
}

/* Glorot & Bengio 2010 */
static double xavier(double in, double out) {
    return sqrt(2 / (in + out));
}

/* He, Zhang, Ren & Sun 2015 */
static double he(double in, double out) {
    (void)out;
    return sqrt(2 / in);
}

static const rule rules[] = {{"zero", false, nothing}, {"normal", true, small},
    {"xavier_uniform", false, xavier}, {"xavier_normal", true, xavier},
    {"he_uniform", false, he}, {"he_normal", true, he}};
enum { RULES = sizeof rules / sizeof *rules };

mien_status mien_initial_check(const char *name) {
    MIEN_NEED(name);
    for (int i = 0; i < RULES; i++) {
        if (strcmp(rules[i].name, name) == 0) {
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_ENOTFOUND,
        "there is no rule of first weights \"%s\": zero, normal, xavier_uniform, "
        "xavier_normal, he_uniform and he_normal are",
        name);
}

static double normal_of(mien_stream *s) {
    double u = 1 - mien_stream_uniform(s), v = mien_stream_uniform(s);
    return sqrt(-2 * log(u)) * cos(2 * PI * v);
}

/* Fills a weight [out, in, …] by a rule; vectors have no fans and are zeroed by
 * those that ask. */
static void fill(mien_tensor *tensor, const rule *r, mien_stream *stream) {
    float *data = tensor->data;
    int64_t count = mien_tensor_count(tensor), window = 1;
    for (int i = 2; i < tensor->rank; i++) {
        window *= tensor->shape[i];
    }
    bool fans = r->sd == xavier || r->sd == he;
    double sd = 0;
    if (tensor->rank >= 2) {
        sd = r->sd(
            (double)(tensor->shape[1] * window), (double)(tensor->shape[0] * window));
    } else if (!fans) {
        sd = r->sd(1, 1);
    }
    for (int64_t i = 0; i < count; i++) {
        double x = r->normal ? normal_of(stream)
                             : (2 * mien_stream_uniform(stream) - 1) * sqrt(3);
        data[i] = (float)(x * sd);
    }
}

mien_status mien_parameters_initialise(mien_parameters *parameters, const char *pattern,
    const char *name, uint64_t seed, int64_t *count) {
    MIEN_NEED(parameters, pattern, name, count);
    mien_status status = mien_initial_check(name);
    const rule *r = rules;
    if (status != MIEN_OK) {
        return status;
    }
    while (strcmp(r->name, name) != 0) {
        r++;
    }
    *count = 0;
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        const char *own = mien_parameters_name(parameters, i);
        if (mien_parameters_trainable(parameters, i) && fnmatch(pattern, own, 0) == 0) {
            mien_stream stream;
            mien_stream_init(&stream, seed, mien_parameter_hash(own), 0);
            fill(mien_parameters_at(parameters, i), r, &stream);
            ++*count;
        }
    }
    return MIEN_OK;
}
