/* SPDX-License-Identifier: MIT */
/* Does a study from beginning to end and fills its run folder. */
#include "mien/train.h"
#include "base/need.h"

#include "train/run/study_run.h"
#include "train/trainers/trainer.h"

mien_train_options mien_train_options_default(void) {
    return (mien_train_options){.threads = mien_cpu_count()};
}

bool mien_study_reported(const mien_study *study) {
    return study && !study->trainer->whole;
}

mien_status mien_train(
    const mien_study *study, const char *folder, const mien_train_options *options) {
    MIEN_NEED(study, folder);
    mien_train_options o = options ? *options : mien_train_options_default();
    return study->trainer->whole ? study->trainer->whole(study, folder, &o)
                                 : mien_study_run_begin(study, folder, &o);
}

mien_status mien_train_tally(
    const mien_study *study, const mien_train_options *options, mien_tally *tally) {
    MIEN_NEED(study, tally);
    mien_train_options o = options ? *options : mien_train_options_default();
    mien_tally made = {.parts = 0};
    mien_status status = study->trainer->whole_check
                             ? study->trainer->whole_check(study, &o)
                             : mien_study_run_check(study, &o, &made);
    if (status == MIEN_OK) {
        *tally = made;
    }
    return status;
}

mien_status mien_train_check(
    const mien_study *study, const mien_train_options *options) {
    MIEN_NEED(study);
    mien_tally tally;
    return mien_train_tally(study, options, &tally);
}
