/* SPDX-License-Identifier: MIT */
/* Times a finder of faces for `mien bench`. */
#ifndef MIEN_CLI_BENCH_FINDER_H
#define MIEN_CLI_BENCH_FINDER_H

#include "cli/command.h"

/** One look of the finder at a canvas of noise after the other: prints a line as the
 * other benches do. item: "3xHEIGHTxWIDTH", or NULL for `size` × `size`. */
mien_status cli_bench_finder(
    const char *name, const char *item, int size, int64_t repeat, int threads);

#endif
