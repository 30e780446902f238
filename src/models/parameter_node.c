/* SPDX-License-Identifier: MIT */
/* Reads the node out of a parameter's name. */
#include "models/parameter_node.h"

#include <string.h>

mien_node mien_parameter_node(const mien_graph *graph, const char *name) {
    char node[256];
    const char *dot = strrchr(name, '.');
    size_t length = dot ? (size_t)(dot - name) : 0;
    if (length == 0 || length >= sizeof node) {
        return -1;
    }
    memcpy(node, name, length);
    node[length] = 0;
    return mien_graph_find(graph, node);
}
