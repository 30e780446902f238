/* SPDX-License-Identifier: MIT */
/* Makes the ratings of synthetic reactions, and reckons how well they can be
 * foretold. */
#include <math.h>
#include <string.h>

#include "data/synths/emoeye_synth.h"
#include "data/synths/planted_levels.h"
#include "data/synths/synth.h"

enum { SENSORS = MIEN_PLANTED_SENSORS, CUTS = MIEN_RATINGS - 1 };
/* Streams of random numbers, one for each thing that is drawn. */
enum { OF_STIMULI = 11, OF_PERSONS, OF_ORDER, OF_REACTIONS, OF_LOSSES, OF_SPOTS };

const char *const mien_scale_names[MIEN_SCALES] = {"arousal", "valence"};
const char *const mien_planted_names[SENSORS] = {"pupil", "gsr", "hr", "gaze"};

mien_scale mien_planted_scale(mien_planted_sensor sensor) {
    return sensor == MIEN_PLANTED_PUPIL || sensor == MIEN_PLANTED_GSR ? MIEN_AROUSAL
                                                                      : MIEN_VALENCE;
}

double mien_planted_rho(const mien_synth_reactions *o, mien_planted_sensor sensor) {
    const double rho[SENSORS] = {o->pupil, o->gsr, o->hr, o->gaze};
    return rho[sensor];
}

/* ---- ratings --------------------------------------------------------------- */

/* Shares of ratings at most 1, 2, … 6, as read off EmoEye's histograms. */
static const double shares[MIEN_SCALES][CUTS] = {
    {.28, .50, .70, .86, .95, .98}, {.03, .08, .20, .61, .89, .96}};

/* Of Q = 1 + Σ [t > c]. */
double mien_planted_quantising(mien_scale scale) {
    double cut[CUTS];
    for (int k = 0; k < CUTS; k++) {
        cut[k] = mien_normal_quantile(shares[scale][k]);
    }
    return mien_levels_r(CUTS, cut);
}

/* ---- what can be read out -------------------------------------------------- */

double mien_planted_r2(const mien_synth_reactions *o, mien_scale scale,
    unsigned sensors, bool picture, bool person) {
    double body = o->alpha + o->gamma, evidence = 0;
    /* with the picture known, what is left of the body's answer is gamma's part */
    double share = picture ? o->gamma / body : 1;
    for (int k = 0; k < SENSORS; k++) {
        mien_planted_sensor s = (mien_planted_sensor)k;
        double rho = mien_planted_rho(o, s);
        if (sensors >> k & 1 && mien_planted_scale(s) == scale) {
            evidence += share * rho * rho / (1 - rho * rho);
        }
    }
    double told = evidence / (1 + evidence);
    return (picture ? o->alpha + o->gamma * told : body * told) +
           (person ? o->beta : 0);
}

double mien_planted_r2_missing(const mien_synth_reactions *o, mien_scale scale,
    unsigned sensors, bool picture, bool person) {
    double mean = 0;
    for (unsigned left = 0; left < 1u << SENSORS; left++) {
        double p = 1;
        for (int k = 0; k < SENSORS; k++) {
            p *= left >> k & 1 ? 1 - o->missing : o->missing;
        }
        mean += p * mien_planted_r2(o, scale, sensors & left, picture, person);
    }
    return mean;
}

/* ---- draws ----------------------------------------------------------------- */

static void draw_causes(mien_reactions *r) {
    mien_stream s;
    for (int k = 0; k < MIEN_SCALES * CUTS; k++) {
        r->cut[k / CUTS][k % CUTS] = mien_normal_quantile(shares[k / CUTS][k % CUTS]);
    }
    for (int i = 0; i < r->o->stimuli; i++) {
        mien_stream_init(&s, r->seed, OF_STIMULI, (uint64_t)i);
        for (int k = 0; k < MIEN_SCALES; k++) {
            r->a[k][i] = mien_synth_normal(&s);
        }
        mien_stream_init(&s, r->seed, OF_SPOTS, (uint64_t)i);
        for (int k = 0; k < 2 * MIEN_SPOTS; k++) {
            r->spot[i * 2 * MIEN_SPOTS + k] = 0.15 + 0.7 * mien_stream_uniform(&s);
        }
    }
    for (int i = 0; i < r->o->persons; i++) {
        mien_stream_init(&s, r->seed, OF_PERSONS, (uint64_t)i);
        for (int k = 0; k < MIEN_SCALES; k++) {
            r->b[k][i] = mien_synth_normal(&s);
        }
        mien_stream_init(&s, r->seed, OF_LOSSES, (uint64_t)i);
        for (int k = 0; k < SENSORS; k++) {
            r->lost[i * SENSORS + k] = mien_stream_uniform(&s) < r->o->missing;
        }
    }
}

static void draw_reaction(const mien_reactions *r, mien_reaction *x) {
    const mien_synth_reactions *o = r->o;
    double answer[MIEN_SCALES];
    mien_stream s;
    mien_stream_init(&s, r->seed, OF_REACTIONS,
        (uint64_t)x->person * (uint64_t)o->stimuli + (uint64_t)x->stimulus);
    for (int k = 0; k < MIEN_SCALES; k++) {
        double a = r->a[k][x->stimulus], b = r->b[k][x->person];
        x->e[k] = mien_synth_normal(&s);
        double shown = sqrt(o->alpha) * a + sqrt(o->gamma) * x->e[k];
        x->t[k] = shown + sqrt(o->beta) * b;
        answer[k] = shown / sqrt(o->alpha + o->gamma);
        x->rating[k] = 1 + mien_level_of(CUTS, r->cut[k], x->t[k]);
    }
    for (int k = 0; k < SENSORS; k++) {
        double rho = mien_planted_rho(o, (mien_planted_sensor)k);
        x->z[k] = rho * answer[mien_planted_scale((mien_planted_sensor)k)] +
                  sqrt(1 - rho * rho) * mien_synth_normal(&s);
    }
}

/* Each person sees so many of the pictures, in an order of their own. */
static void draw_order(const mien_reactions *r, int person, int *order) {
    mien_stream s;
    mien_stream_init(&s, r->seed, OF_ORDER, (uint64_t)person);
    for (int i = 0; i < r->o->stimuli; i++) {
        order[i] = i;
    }
    for (int i = 0; i < r->o->per_person; i++) {
        int left = r->o->stimuli - i;
        int k = i + (int)(mien_stream_uniform(&s) * left);
        int t = order[i];
        order[i] = order[k];
        order[k] = t;
    }
}

static mien_status check_reactions(const mien_synth_reactions *o) {
    const double rho[] = {o->pupil, o->gsr, o->hr, o->gaze};
    if (o->persons < 2 || o->persons > 10000 || o->stimuli < 2 || o->stimuli > 10000 ||
        o->per_person < 2 || o->per_person > o->stimuli) {
        return mien_fail(MIEN_EINVAL,
            "%d persons, %d stimuli, %d for each person; 2 to 10000 persons and "
            "stimuli "
            "and at most all stimuli for each person are possible",
            o->persons, o->stimuli, o->per_person);
    }
    if (!(o->alpha >= 0 && o->beta >= 0 && o->gamma >= 0 && o->alpha + o->gamma > 0 &&
            fabs(o->alpha + o->beta + o->gamma - 1) < 1e-6)) {
        return mien_fail(MIEN_EINVAL,
            "alpha %g, beta %g, gamma %g: shares that sum to 1 are needed, with "
            "something "
            "left for alpha and gamma",
            o->alpha, o->beta, o->gamma);
    }
    for (int k = 0; k < 4; k++) {
        if (!(rho[k] >= 0 && rho[k] <= 0.99)) {
            return mien_fail(MIEN_EINVAL,
                "a sensor's correlation is %g; 0 to 0.99 is possible", rho[k]);
        }
    }
    return o->missing >= 0 && o->missing <= 0.9
               ? MIEN_OK
               : mien_fail(
                     MIEN_EINVAL, "missing is %g; 0 to 0.9 is possible", o->missing);
}

mien_status mien_reactions_draw(
    const mien_synth_reactions *o, uint64_t seed, mien_reactions *r) {
    *r = (mien_reactions){.o = o, .seed = seed};
    mien_status status = check_reactions(o);
    if (status != MIEN_OK) {
        return status;
    }
    size_t stimuli = (size_t)o->stimuli, persons = (size_t)o->persons;
    for (int k = 0; k < MIEN_SCALES; k++) {
        r->a[k] = mien_alloc(stimuli, sizeof *r->a[k]);
        r->b[k] = mien_alloc(persons, sizeof *r->b[k]);
    }
    r->lost = mien_alloc(persons * SENSORS, sizeof *r->lost);
    r->spot = mien_alloc(stimuli * 2 * MIEN_SPOTS, sizeof *r->spot);
    r->count = (int64_t)o->persons * o->per_person;
    r->item = mien_alloc((size_t)r->count, sizeof *r->item);
    int *order = mien_alloc(stimuli, sizeof *order);
    bool good = r->a[0] && r->a[1] && r->b[0] && r->b[1] && r->lost && r->spot &&
                r->item && order;
    if (!good) {
        mien_free(order);
        mien_reactions_clear(r);
        return MIEN_ENOMEM;
    }
    draw_causes(r);
    for (int p = 0; p < o->persons; p++) {
        draw_order(r, p, order);
        for (int i = 0; i < o->per_person; i++) {
            mien_reaction *x = &r->item[p * o->per_person + i];
            *x = (mien_reaction){.person = p, .stimulus = order[i], .sequence = i};
            draw_reaction(r, x);
        }
    }
    mien_free(order);
    return MIEN_OK;
}

void mien_reactions_clear(mien_reactions *r) {
    for (int k = 0; k < MIEN_SCALES; k++) {
        mien_free(r->a[k]);
        mien_free(r->b[k]);
    }
    mien_free(r->lost);
    mien_free(r->spot);
    mien_free(r->item);
    *r = (mien_reactions){.count = 0};
}
