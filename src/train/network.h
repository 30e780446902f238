/* SPDX-License-Identifier: MIT */
/* A study's network with its first weights, and which of them are trained. */
#ifndef MIEN_TRAIN_NETWORK_H
#define MIEN_TRAIN_NETWORK_H

#include "train/dataset/columns.h"

typedef struct mien_net {
    mien_architecture architecture;
    mien_graph *graph;
    mien_parameters *parameters;
    mien_node inputs[MIEN_INPUTS_MAX]; /* -1: its items are computed, see frozen */
    mien_node mask;                    /* -1: nothing can be missing */
    mien_node fused;                   /* what the head reads */
    mien_node output;
    int64_t branch[MIEN_INPUTS_MAX]; /* values that each branch gives the fusion */
    /* Nodes at which what training cannot change ends, each with the input that it
     * depends on; of a tail, its inputs. */
    mien_frontier frozen;
    int64_t tail_weights; /* trained ones behind what is computed; 0: nothing is */
} mien_net;

/** The whole network with its backbones' weights (weights: the file of the only one, or
 * "random"; NULL: the cache's), the rest drawn from the study's seed; what train.what
 * leaves out is frozen.
 */
mien_status mien_net_open(mien_net *net, const mien_study *study,
    const mien_dataset *dataset, const char *weights);
/** Opens the tail of a whole network: the part behind the ends of its frozen part
 * that belong to the inputs in `computed` (a bit each); with the same first weights
 * as the whole network has now. */
mien_status mien_net_open_tail(
    mien_net *net, const mien_study *study, const mien_net *whole, uint32_t computed);
/** Values of one row at a node. */
int64_t mien_net_width(const mien_net *net, mien_node node);
/** Values of one item at a node of a branch: of a window of T items a T-th. */
int64_t mien_net_item(const mien_net *net, mien_node node);
/** Where a plan of the network reads the items of inputs that have a table. `tail`: it
 * is a tail, entered where frozen branches end. parts [inputs]. */
void mien_net_parts(const mien_net *net, const mien_columns *columns, bool tail,
    mien_plan *plan, mien_column_parts *parts);
void mien_net_clear(mien_net *net);
/** Whether a parameter is one of a backbone's; branch (may be NULL): of which, name
 * behind its prefix. */
const char *mien_net_backbone_name(
    const mien_architecture *architecture, const char *name, int *branch);
/** Row of the table of backbones that the branch of input i begins with; NULL: none. */
const mien_backbone *mien_net_backbone(
    const mien_architecture *architecture, int input);
/** Copies the parameters that both have from one to the other. */
void mien_net_copy(mien_net *to, const mien_net *from);
/** The factors of rate and decay of a parameter. */
void mien_net_factors(
    const mien_study *study, const char *name, double *rate, double *decay);

#endif
