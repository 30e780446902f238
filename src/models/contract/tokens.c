/* SPDX-License-Identifier: MIT */
/* The beginning of fusions of tokens: the output of each branch is one token. */
#include "models/contract/tokens.h"

#include <inttypes.h>

void mien_tokens_mask(mien_part_build *part) {
    const int64_t shape[] = {part->architecture->inputs_count};
    part->kept = part->mask < 0 ? -1
                                : mien_build_reshape(
                                      &part->b, part->mask, shape, 1, "mask.tokens");
}

void mien_tokens_take(mien_part_build *part, int input) {
    const mien_architecture *a = part->architecture;
    int64_t steps = mien_architecture_steps(a);
    int64_t width = mien_part_width(part, part->x[input]);
    const int64_t one[] = {1, width}, each[] = {steps, 1, width};
    part->x[input] = mien_build_reshape(&part->b, part->x[input],
        steps > 1 ? each : one, steps > 1 ? 3 : 2, "tokens.%s", a->inputs[input].name);
}

/* Tokens are added up or attended to, so all must be of one width. */
mien_status mien_tokens_same_width(const mien_part_build *part) {
    const mien_architecture *a = part->architecture;
    int64_t first = mien_part_width(part, part->x[0]);
    for (int i = 1; i < a->inputs_count; i++) {
        int64_t width = mien_part_width(part, part->x[i]);
        if (width != first) {
            return mien_fail(MIEN_ESHAPE,
                "fusion %s joins inputs of one width: %s has %" PRId64
                " values and %s %" PRId64
                "; give each the stage {project: {width: N}}, or take concat",
                a->fusion.kind, a->inputs[0].name, first, a->inputs[i].name, width);
        }
    }
    return MIEN_OK;
}

mien_node mien_tokens_join(mien_part_build *part) {
    const mien_architecture *a = part->architecture;
    mien_node y = part->x[0];
    if (part->b.status == MIEN_OK) {
        part->b.status = mien_tokens_same_width(part);
    }
    if (part->b.status == MIEN_OK && a->inputs_count > 1) {
        part->b.status = mien_concat(part->b.graph, "tokens", part->x, a->inputs_count,
            mien_architecture_steps(a) > 1 ? 2 : 1, &y);
    }
    return y;
}

mien_status mien_tokens_check(const mien_architecture *architecture, const char *name) {
    return mien_architecture_steps(architecture) == 1
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "%s looks at one segment: it takes no context before or after",
                     name);
}
