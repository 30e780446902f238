/* SPDX-License-Identifier: MIT */
/* Any bytes as a checkpoint: as a file with its seal, and behind the seal, where a
 * training that took them up must go on, end, or refuse in words. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/archive.h"
#include "train/run/checkpoint.h"
#include "train/heads.h"

static heads made;
static mien_training *training;
static char path[128];

static void need(bool good) {
    if (!good) {
        fprintf(stderr, "%s\n", mien_error());
        abort();
    }
}

static void start(void) {
    char folder[] = "/tmp/mien-fuzz-checkpoint-XXXXXX";
    mien_log_set(NULL, NULL);
    need(mkdtemp(folder) != NULL);
    need(heads_open(&made, folder, NULL, 0) == MIEN_OK);
    need(heads_training(&made, 0, &training) == MIEN_OK);
    snprintf(path, sizeof path, "%s/checkpoint.safetensors", folder);
}

/* Two steps are enough to use all that was taken up. */
static mien_status stop(void *context, const mien_network_fit_moment *moment) {
    int *left = context;
    (void)moment;
    return --*left > 0 ? MIEN_OK : mien_fail(MIEN_EINTERRUPTED, "enough");
}

static void go_on(void) {
    int left = 2;
    const int64_t *rows = NULL;
    const float *predictions = NULL;
    mien_network_fit_hooks hooks = {.context = &left, .step = stop};
    mien_status status = mien_training_run(training, &hooks);
    need(status == MIEN_OK || mien_error()[0]);
    need(mien_network_fit_epochs(mien_training_fit(training)) >= 0 &&
         mien_network_fit_best(mien_training_fit(training)) >= -1);
    for (int64_t e = 0; e < mien_network_fit_epochs(mien_training_fit(training)); e++) {
        (void)mien_network_fit_epoch_at(mien_training_fit(training), e);
    }
    need(mien_network_fit_tested(mien_training_fit(training), &rows, &predictions) ==
         HEADS_ROWS / HEADS_FOLDS);
}

/* Without waiting for the disk, as mien_file_write() would. */
static void put(const uint8_t *data, size_t size) {
    FILE *file = fopen(path, "wb");
    need(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void read_file(const uint8_t *data, size_t size) {
    char run[65];
    int64_t events = -1;
    memset(run, '0', 64);
    run[64] = 0;
    put(data, size);
    mien_status status = mien_checkpoint_read(path, training, run, &events);
    need(status == MIEN_OK ? events >= 0 : mien_error()[0] != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    mien_archive *archive = NULL;
    if (!started) {
        started = true;
        start();
    }
    read_file(data, size);
    if (mien_archive_open_memory("fuzz", data, size, &archive) == MIEN_OK) {
        if (mien_training_load(training, archive) == MIEN_OK) {
            go_on();
        }
        mien_archive_close(&archive);
    }
    return 0;
}
