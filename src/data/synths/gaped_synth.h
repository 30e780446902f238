/* SPDX-License-Identifier: MIT */
/* The best correlations that can be read out of synthetic GAPED. */
#ifndef MIEN_DATA_GAPED_SYNTH_H
#define MIEN_DATA_GAPED_SYNTH_H

#include <stdbool.h>

/* Correlation of the best linear read-out with valence or arousal, for pictures that
 * tell their rating with rho within a kind; kind_known: the kind's mean is known too.
 */
double mien_gaped_r(double rho, bool arousal, bool kind_known);
/* Share of pictures whose category (negative, neutral, positive) is the likeliest one
 * given the best prediction of its valence. */
double mien_gaped_category_accuracy(double rho);

#endif
