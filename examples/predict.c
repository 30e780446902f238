/* SPDX-License-Identifier: MIT */
/* Prints valence and arousal of pictures and films; README.md shows this program. */
#include <mien/mien.h>

#include <stdio.h>

/* Called for every picture, and for every moment of a film. */
static mien_status print(void *context, const mien_prediction *p) {
    (void)context;
    printf("%s\t%.2f\t%.2f\n", p->input, p->value[0], p->value[1]);
    return MIEN_OK;
}

int main(int argc, char **argv) {
    mien_predictor *predictor = NULL;
    mien_status status = mien_predictor_open("image-va", NULL, &predictor);
    if (status == MIEN_OK) {
        const char *const *inputs = (const char *const *)argv + 1;
        status = mien_predictor_run(predictor, inputs, argc - 1, print, NULL, NULL);
    }
    if (status != MIEN_OK) {
        fprintf(stderr, "%s\n", mien_error());
    }
    mien_predictor_close(&predictor);
    return status != MIEN_OK;
}
