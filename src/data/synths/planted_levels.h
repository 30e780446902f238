/* SPDX-License-Identifier: MIT */
/* Ratings as levels of a latent that is standard normal, and how well they can be told.
 */
#ifndef MIEN_DATA_PLANTED_LEVELS_H
#define MIEN_DATA_PLANTED_LEVELS_H

double mien_normal_share(double x);
/* By bisection: exact to the last bits. */
double mien_normal_quantile(double p);
/* The number of cuts below t: 0 to cuts. */
int mien_level_of(int cuts, const double *cut, double t);
/* Correlation of the latent with its level. */
double mien_levels_r(int cuts, const double *cut);
/* Share of right answers of one who knows a part of the latent, with this squared
 * correlation, and always names the likeliest level; by numerical integration. */
double mien_levels_accuracy(int cuts, const double *cut, double r2);

#endif
