/* SPDX-License-Identifier: MIT */
/* A user's program: the library answers, and finds its data from where it was moved to.
 */
#include <mien/mien.h>

#include <stdio.h>

int main(void) {
    char **names = NULL;
    int64_t count = 0;
    if (mien_model_names(&names, &count)) {
        fprintf(stderr, "%s\n", mien_error());
        return 1;
    }
    printf("mien %s, %d backbones, %d metrics\n", MIEN_VERSION, mien_backbone_count(),
        mien_metric_count());
    for (int64_t i = 0; i < count; i++) {
        printf("model %s\n", names[i]);
        mien_free(names[i]);
    }
    mien_free(names);
    return 0;
}
