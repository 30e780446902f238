/* SPDX-License-Identifier: MIT */
/* Linear prediction and its line spectral frequencies. */
#ifndef MIEN_SIGNAL_LSP_H
#define MIEN_SIGNAL_LSP_H

#include "mien/base.h"

#define MIEN_LPC_ORDER_MAX 32
#define MIEN_LSP_ORDER 8

/** r[j] = sum of x[i] x[i + j], j = 0 … order. */
void mien_autocorrelation(const double *x, int64_t n, int order, double *r);
/** Levinson-Durbin: a[0 … order − 1] of A(z) = 1 + sum a[i] z^−(i + 1); all 0 where
 * r[0] is 0. Returns the energy of the error. */
double mien_lpc(const double *r, int order, double *a);
/** The angles in (0, π), ascending, of the roots of A(z) ± z^−9 A(1/z), of order 8.
 * Where roots coincide or leave the unit circle (pure tones make A singular) the
 * nearest angles stand. */
void mien_lsp(const double a[MIEN_LSP_ORDER], double lsp[MIEN_LSP_ORDER]);

#endif
