/* SPDX-License-Identifier: MIT */
/* The best of several learners, chosen inside each fold as candidates of one are: the
 * candidates of all of them stand behind each other. A learner that cannot learn a kind
 * of target has no say in it. */
#include <string.h>

#include "train/document.h"
#include "train/trainers/trainer.h"

/* The learner that a candidate is of, and which of its own it is. */
static int find(const mien_study *study, int candidate, int *own) {
    const mien_heads_fitted *h = &study->heads;
    int i = 0;
    while (i + 1 < h->of_count && candidate >= h->of[i]->candidates(study)) {
        candidate -= h->of[i++]->candidates(study);
    }
    *own = candidate;
    return i;
}

static int candidates(const mien_study *study) {
    int sum = 0;
    for (int i = 0; i < study->heads.of_count; i++) {
        sum += study->heads.of[i]->candidates(study);
    }
    return sum;
}

static bool suits(const mien_study *study, int candidate, bool classes) {
    int own;
    const mien_learner *l = study->heads.of[find(study, candidate, &own)];
    return !l->suits || l->suits(study, own, classes);
}

static mien_status fit(const mien_lesson *lesson, const mien_study *study,
    int candidate, mien_learned *learned) {
    int own, i = find(study, candidate, &own);
    return study->heads.of[i]->fit(lesson, study, own, learned);
}

static mien_status check(const mien_study *study) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < study->heads.of_count; i++) {
        const mien_learner *l = study->heads.of[i];
        status = l->check ? l->check(study) : MIEN_OK;
    }
    return status;
}

static void tell(
    const mien_study *study, int candidate, mien_value *map, mien_status *status) {
    int own, i = find(study, candidate, &own);
    mien_document_text(map, "method", study->heads.of_name[i], status);
    study->heads.of[i]->tell(study, own, map, status);
}

bool mien_study_learns(const mien_study *study, const mien_learner *learner) {
    const mien_learner *own = study->trainer->learner;
    bool learns = own == learner;
    for (int i = 0; own == &mien_learner_best && i < study->heads.of_count; i++) {
        learns = learns || study->heads.of[i] == learner;
    }
    return learns;
}

const mien_learner mien_learner_best = {
    .head = "logistic",
    .stand_in = "linear",
    .scales = true,
    .check = check,
    .suits = suits,
    .candidates = candidates,
    .fit = fit,
    .tell = tell,
};
