/* SPDX-License-Identifier: MIT */
/* Pictures as imported graphs read them. */
#include "models/parts/graph_entry.h"

#include <stdio.h>

/* Luma of [N, 3, H, W]; exact where the three colours are equal and weigh alike. */
static mien_status grey_of(mien_graph *graph, bool bgr, mien_node *x) {
    static const char *const weights[] = {"0.299", "0.587", "0.114"};
    mien_node sum = -1;
    mien_status status = MIEN_OK;
    for (int c = 0; c < 3 && status == MIEN_OK; c++) {
        char name[24], text[80];
        mien_node colour, scaled = -1, both[2];
        snprintf(name, sizeof name, "grey.%d", c);
        status = mien_slice(graph, name, *x, 1, c, c + 1, &colour);
        snprintf(name, sizeof name, "grey.%d.part", c);
        snprintf(text, sizeof text, "function=scale alpha=%s beta=0",
            weights[bgr ? 2 - c : c]);
        if (status == MIEN_OK) {
            status = mien_graph_add(graph, "unary", name, &colour, 1, text, &scaled);
        }
        both[0] = sum;
        both[1] = scaled;
        snprintf(name, sizeof name, "grey.%d.sum", c);
        if (status == MIEN_OK && c > 0) {
            status = mien_graph_add(graph, "add", name, both, 2, "", &scaled);
        }
        sum = scaled;
    }
    if (status == MIEN_OK) {
        *x = sum;
    }
    return status;
}

mien_status mien_graph_entry(mien_graph *graph, mien_node x, bool grey, bool bgr,
    bool channels_last, mien_node *out) {
    mien_status status = grey ? grey_of(graph, bgr, &x) : MIEN_OK;
    if (status == MIEN_OK && channels_last) {
        status = mien_permute(graph, "layout", x, (const int[]){0, 2, 3, 1}, 4, &x);
    }
    if (status == MIEN_OK) {
        *out = x;
    }
    return status;
}
