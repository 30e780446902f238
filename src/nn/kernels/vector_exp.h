/* SPDX-License-Identifier: MIT */
/* An exponential of a vector. The including file defines VEC, FMA(a, b, c) = a·b + c,
 * SPLAT(x), MAX(a, b) and MIN(a, b) that give b where one is no number, ROUND(x) to the
 * nearest whole number, POWER(n) = 2^n of a whole number, and INLINE. No include guard.
 */

/* e^x, x taken as at most 87 from 0, to about two units of the last place; NaN stays.
 */
INLINE VEC exp_of(VEC x) {
    x = MIN(SPLAT(87.0f), MAX(SPLAT(-87.0f), x));
    VEC whole = ROUND(x * SPLAT(1.44269504f));
    VEC r = FMA(whole, SPLAT(-0.693145752f), x);
    r = FMA(whole, SPLAT(-1.42860677e-6f), r);
    VEC p = SPLAT(1.98756911e-4f);
    p = FMA(p, r, SPLAT(1.39819994e-3f));
    p = FMA(p, r, SPLAT(8.33345205e-3f));
    p = FMA(p, r, SPLAT(4.16657962e-2f));
    p = FMA(p, r, SPLAT(1.66666655e-1f));
    p = FMA(p, r, SPLAT(0.5f));
    p = FMA(p, r * r, r + SPLAT(1.0f));
    return p * POWER(whole);
}
