/* SPDX-License-Identifier: MIT */
/* Schematic faces with a planted expression, valence and arousal, and what can be told
 * of them at best. */
#ifndef MIEN_DATA_AFFECTNET_SYNTH_H
#define MIEN_DATA_AFFECTNET_SYNTH_H

#include "mien/media.h"

enum { MIEN_PLANTED_EXPRESSIONS = 8 };

/* How faces scatter round what is usual for their expression, and labels round faces.
 */
typedef struct mien_face_plan {
    double spread; /* SD of the drawn valence and arousal within an expression */
    double noise;  /* SD of a rating about what is drawn */
    double wrong;  /* share of expressions that are labelled as another, any alike */
} mien_face_plan;

/* The usual valence and arousal of each expression, in AffectNet's order. */
extern const double mien_planted_expression[MIEN_PLANTED_EXPRESSIONS][2];

/* Share of right labels by one who sees everything that is drawn. */
double mien_face_accuracy(const mien_face_plan *plan);
/* The same by one who knows drawn valence and arousal alone, all expressions alike
 * frequent (balanced accuracy too); by numerical integration. */
double mien_face_accuracy_by_values(const mien_face_plan *plan);
/* Correlation of a rating with what is drawn, all expressions alike frequent; values
 * beyond -1 and 1 taken as they are. which: 0 valence, 1 arousal. */
double mien_face_r(const mien_face_plan *plan, int which);

/* One face. */
typedef struct mien_face_drawing {
    int size, expression;
    double valence, arousal; /* mouth and eyes */
    double middle[2], scale; /* of the head, shares of the picture */
    double skin[3], ground[3];
} mien_face_drawing;
/* image [size, size, 3] u8, freed by the caller. */
mien_status mien_face_draw(const mien_face_drawing *face, mien_tensor **image);

#endif
