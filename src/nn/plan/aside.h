/* SPDX-License-Identifier: MIT */
/* Plans that take turns: the packed weights of one wait in a file while another runs.
 */
#ifndef MIEN_NN_ASIDE_H
#define MIEN_NN_ASIDE_H

#include "mien/nn.h"

/** The same as mien_plan_new(); packed weights go to a file without a name in
 * `folder` (NULL, or no room there: they stay) and are in memory from a run to
 * mien_plan_rest(). Such a plan cannot be refreshed. */
mien_status mien_plan_new_aside(const mien_graph *graph, mien_parameters *parameters,
    const mien_plan_options *options, const char *folder, mien_plan **plan);
/** Gives the memory of weights that were set aside back until the next run. */
void mien_plan_rest(mien_plan *plan);

#endif
