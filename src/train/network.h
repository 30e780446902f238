/* SPDX-License-Identifier: MIT */
/* A study's network with its first weights, and which of them are trained. */
#ifndef MIEN_TRAIN_NETWORK_H
#define MIEN_TRAIN_NETWORK_H

#include "train/corpus.h"

typedef struct mien_net {
    mien_architecture architecture;
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node input, output;
    /* Nodes at which what training cannot change ends; of a tail, its inputs. */
    mien_frontier frozen;
    mien_node inputs[MIEN_INPUTS_MAX],
        mask; /* of a network over features; mask -1: none */
} mien_net;

/** The whole network with the backbone's weights (a file, or "random") and a head drawn
 * from the study's seed; what train.what leaves out is frozen. */
mien_status mien_net_open(
    mien_net *net, const mien_study *study, int64_t outputs, const char *weights);
/** What of a whole network comes behind its frozen part, whose ends are the inputs; the
 * same first weights as the whole network has them now. */
mien_status mien_net_open_tail(
    mien_net *net, const mien_study *study, const mien_net *whole);
/** Values of one item at a node. */
int64_t mien_net_width(const mien_net *net, mien_node node);
/** The study's network over the corpus' features, its first weights drawn from the
 * study's seed; all of it is trained. */
mien_status mien_net_open_features(
    mien_net *net, const mien_study *study, const mien_corpus *corpus);
void mien_net_clear(mien_net *net);
/** Whether what is frozen may be computed once: pictures are always the same. */
bool mien_net_may_cache(const mien_study *study);
/** Copies the parameters that both have from one to the other. */
void mien_net_copy(mien_net *to, const mien_net *from);
/** The factors of rate and decay of a parameter. */
void mien_net_factors(
    const mien_study *study, const char *name, double *rate, double *decay);

#endif
