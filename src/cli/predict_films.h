/* SPDX-License-Identifier: MIT */
/* mien predict of a model over features, over films: what it reads is computed. */
#ifndef MIEN_CLI_PREDICT_FILMS_H
#define MIEN_CLI_PREDICT_FILMS_H

#include "cli/command.h"
#include "cli/predict_output.h"
#include "mien/predict.h"

/** Whether what is given is films, or files that `mien extract` wrote, and no NAME=FILE
 * pairs. */
bool cli_takes_films(const mien_options *o, int count, const char *const *positional);

/** Predicts a row a segment of every film: input is the film, times are the segment's.
 * A bad film is told, the others are done.
 *
 * @param thumbnails  height of the pictures that predictions carry; 0: none
 * @param tracks      what the sink adds to: each film's gets what the model's inputs
 *                    add to its values; NULL: that is not wanted */
mien_status cli_predict_films(cli *c, const mien_options *o, mien_predictor *predictor,
    int count, const char *const *positional, int thumbnails, cli_tracks *tracks,
    mien_predict_sink *sink, mien_predict_problem *problem, void *context);

/** A trial table of parts of films without the features that a model reads is copied
 * with them (cli_film_trials()); films that cannot be read are told.
 *
 * @param copy  its path, mien_free(); NULL: the table stays as it is */
mien_status cli_predict_film_table(cli *c, const mien_options *o,
    mien_predictor *predictor, const char *table, char **copy);

#endif
