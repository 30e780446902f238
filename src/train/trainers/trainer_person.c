/* SPDX-License-Identifier: MIT */
/* The row of trainers.def for studies of people's own ratings over a norm, which are
 * judged by people and numbers of own trials instead of folds. */
#include "train/persons/person.h"
#include "train/trainers/trainer.h"

const mien_trainer mien_trainer_person = {
    .name = "person",
    .method = "person",
    .summary = "One person's ratings over the norm of others",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_PEOPLE,
    .whole = mien_person_train,
    .whole_check = mien_person_check,
};
