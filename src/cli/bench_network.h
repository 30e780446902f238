/* SPDX-License-Identifier: MIT */
/* Small networks that mien bench times beside the backbones. */
#ifndef MIEN_CLI_BENCH_NETWORK_H
#define MIEN_CLI_BENCH_NETWORK_H

#include "mien/nn.h"

typedef struct cli_bench_network {
    const char *name;
    const char *loss; /**< a row of losses.def */
    mien_status (*build)(mien_graph *graph, mien_node *output);
} cli_bench_network;

/** NULL with error text that names the nearest. */
const cli_bench_network *cli_bench_network_find(const char *name);

#endif
