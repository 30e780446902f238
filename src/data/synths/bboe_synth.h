/* SPDX-License-Identifier: MIT */
/* Ratings of videos with planted causes, in the layout of BBOE: what all people share,
 * what is each one's own, what only the film, the skin and the heart tell. */
#ifndef MIEN_DATA_BBOE_SYNTH_H
#define MIEN_DATA_BBOE_SYNTH_H

#include "mien/data.h"

enum { MIEN_BBOE_LEVELS = 5, MIEN_BBOE_CUTS = MIEN_BBOE_LEVELS - 1 };

/* Shares of the latent rating; what is left to 1 nothing tells. */
typedef struct mien_bboe_plan {
    int persons, videos, rated;
    double common, own, film, body;
    double skin, heart; /* correlation of each with the body's share */
    double missing;     /* share of ratings that are */
    double cut[MIEN_BBOE_CUTS];
} mien_bboe_plan;
/* MIEN_EINVAL says which option cannot be. */
mien_status mien_bboe_plan_take(const mien_options *own, mien_bboe_plan *plan);

/* Flags: the information that a model has of a trial. */
enum {
    MIEN_BBOE_STILL = 1,  /* the summary picture */
    MIEN_BBOE_PERSON = 2, /* and whose rating it is: only with the picture */
    MIEN_BBOE_FILM = 4,
    MIEN_BBOE_BODY = 8
};
/* Squared correlation of the latent with its best read-out. */
double mien_bboe_r2(const mien_bboe_plan *plan, unsigned known);

#endif
