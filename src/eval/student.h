/* SPDX-License-Identifier: MIT */
/* Student's t. */
#ifndef MIEN_EVAL_STUDENT_H
#define MIEN_EVAL_STUDENT_H

/** P(|T| > t) with so many degrees of freedom, above 0. */
double mien_student_tails(double t, double freedom);

#endif
