/* SPDX-License-Identifier: MIT */
/* The signal that is planted in synthetic films, and its ideal read-out. */
#ifndef MIEN_DATA_SYNTH_H
#define MIEN_DATA_SYNTH_H

#include "data/importers/film.h"

/* The signal of a target is half a part that all carrying modalities show, half a part
 * for each of them alone. Each part is shown by this many columns of a modality, each
 * with this loading: column = sign · loading · part + sqrt(1 - loading²) · noise. */
#define MIEN_SYNTH_COLUMNS 16
#define MIEN_SYNTH_LOADING 0.6
#define MIEN_SYNTH_SHARED 0.5
/* From one segment to the next, of every part and of what the features do not tell. */
#define MIEN_SYNTH_AUTOCORRELATION 0.9

enum { MIEN_SYNTH_TARGETS = 2 }; /* valence, arousal */

/* The source of a column of a modality: part 2 · target is the shared one, 2 ·
 * target + 1 the modality's own; -1: neither. Value = mean + sd · standardised, cut
 * below at lowest. */
typedef struct mien_synth_column {
    int part;
    int sign;
    double mean, sd, lowest;
} mien_synth_column;

/* The columns of modality `kind`, [width]; carries: it may show parts. */
void mien_synth_columns(
    uint32_t seed, int kind, bool carries, mien_synth_column *columns);

/* How the parts are weighted in the signal and found in features, for so many carrying
 * modalities: values is the population correlation of signal and its best linear
 * read-out. */
double mien_synth_reliability(int carriers);

double mien_synth_normal(mien_stream *s);
/* A first-order autoregressive series, stationary, of variance 1. */
void mien_synth_autoregress(mien_stream *s, int64_t count, double *x);
/* Makes x of mean 0, orthogonal to the `many` series before it, of variance 1: so every
 * film holds the correlations that were asked for, however short. */
void mien_synth_orthonormalise(
    int64_t count, double *const *before, int many, double *x);

/* One figure that can be reached on a set. */
typedef struct mien_synth_figure {
    const char *what;
    double value;
} mien_synth_figure;

/* Writes directory/ideal.csv: figure, value. */
mien_status mien_synth_ideal(
    const char *directory, int count, const mien_synth_figure *figures);
/* Adds a line for each, what it is in so many columns. */
mien_status mien_synth_tell(
    int count, const mien_synth_figure *figures, int columns, mien_string *text);

/* Writes directory/trials.tsv with its sidecar as the importer of the set makes them,
 * with a name and a note of the synthetic one. */
mien_status mien_synth_trials(const char *directory, const mien_importer *set,
    const char *name, const char *note);

/* Films as files, in place of features: what `media` asks for (planted_films.c). */
mien_status mien_synth_media(const mien_synth_options *options, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context);

#define X(name) extern const mien_synth mien_synth_##name;
#include "data/synths/synths.def"
#undef X

#endif
