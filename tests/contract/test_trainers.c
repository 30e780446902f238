/* SPDX-License-Identifier: MIT */
/* Every row of trainers.def: what it says of itself, and one small study that it learns
 * from, whose model opens, gives its golden vectors and has a head that runs. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "mien/predict.h"
#include "mien/train.h"
#include "train/trainers/booster.h"
#include "train/pictures.h"
#include "train/trainers/trainer.h"

enum { ROWS = 40, WIDTH = 3 };

static int make(void **state) {
    mien_string columns, table;
    mien_random random;
    (void)state;
    pictures_make();
    mien_random_init(&random, 9);
    mien_string_init(&columns);
    mien_string_init(&table);
    mien_string_add(&table, "trial\tgroup\timage\tfeatures.values\tvalence\tmood\n");
    for (int i = 0; i < ROWS; i++) {
        double felt = (double)((i * 7) % 11) / 5 - 1;
        for (int k = 0; k < WIDTH; k++) {
            mien_string_addf(&columns, k ? ",%.6f" : "%.6f",
                (k == 1 ? felt : 0) + 0.2 * mien_random_normal(&random));
        }
        mien_string_add(&columns, "\n");
        mien_string_addf(&table, "t%d\tg%d\tpictures/%d.png\tvalues.csv#%d\t%.4f\t%s\n",
            i, i % 8, i % PICTURES_ROWS, i, 4 + 2 * felt, felt > 0 ? "up" : "down");
    }
    assert_good(mien_string_status(&columns));
    assert_good(mien_string_status(&table));
    support_write("values.csv", columns.text, columns.length);
    support_write("rows.tsv", table.text, table.length);
    mien_string_clear(&columns);
    mien_string_clear(&table);
    static const char sidecar[] =
        "{\"version\": 2, \"targets\": {\"valence\": {\"range\": [1, 7], \"unit\": "
        "\"1-7\", \"construct\": \"evoked\", \"perspective\": \"normative\"}, "
        "\"mood\": "
        "{\"classes\": [\"down\", \"up\"], \"construct\": \"evoked\", \"perspective\": "
        "\"normative\"}}}";
    support_write("rows.json", sidecar, sizeof sidecar - 1);
    return 0;
}

static void each_row_says_what_it_is(void **state) {
    (void)state;
    for (int i = 0; i < mien_trainer_count(); i++) {
        const mien_trainer *t = mien_trainer_at(i);
        assert_true(t->name[0] && t->summary[0] && t->can);
        assert_ptr_equal(mien_trainer_of(t->method), t);
        if (t->whole) { /* judged in its own way: tests/train/test_person.c */
            assert_true(t->whole_check != NULL);
            assert_true(!t->check && !t->open && !t->run && !t->learner);
            continue;
        }
        assert_true(t->check && t->open && t->close && t->run && t->done && t->state);
        assert_true(t->load && t->result && t->epoch_at && t->predict);
        assert_true(t->learner == NULL || t->take != NULL);
    }
    assert_null(mien_trainer_of("nothing"));
}

static void write_study(const mien_trainer *t, const char **path) {
    char yaml[1024];
    bool kernels = mien_trainer_kernels(t);
    snprintf(yaml, sizeof yaml,
        "trials: rows.tsv\nmethod: %s\ntargets: [%s]\n%s%s"
        "folds: {k: 4}\nbootstrap: {repeats: 20}\n",
        t->method, t->can & MIEN_TRAINS_NUMBERS ? "valence" : "mood",
        kernels ? "picture: {fit: squash, height: 32, width: 32}\n"
                : "inputs: [values]\n",
        kernels                         ? "readout: {layers: [features.1]}\n"
        : t->can & MIEN_TRAINS_BY_STEPS ? "model: {name: linear}\nepochs: 3\nbatch: 8\n"
                                        : "");
    *path = support_write("row.yaml", yaml, strlen(yaml));
}

static void each_row_learns_and_its_model_gives_its_golden_vectors(void **state) {
    (void)state;
    for (int i = 0; i < mien_trainer_count(); i++) {
        const mien_trainer *t = mien_trainer_at(i);
        mien_train_options o = mien_train_options_default();
        mien_study *study = NULL;
        const char *path = NULL;
        if (t->whole) {
            continue;
        }
        if ((t->learner == &mien_learner_trees || t->learner == &mien_learner_best) &&
            mien_booster_check() != MIEN_OK) {
            print_message("skipped: %s\n", mien_error());
            continue;
        }
        write_study(t, &path);
        o.threads = 1;
        o.weights = mien_trainer_kernels(t) ? pictures_weights() : NULL;
        const char *run = support_temp_path(t->name);
        assert_good(mien_study_open(path, NULL, 0, &study));
        assert_ptr_equal(study->trainer, t);
        assert_good(mien_train(study, run, &o));
        char *file = mien_path_join(run, "model.safetensors");
        mien_predict_options p = mien_predict_options_default();
        mien_predictor *predictor = NULL;
        mien_verification v;
        p.weights = o.weights;
        assert_good(mien_predictor_open(file, &p, &predictor));
        assert_good(mien_predictor_verify(predictor, 1e-6, &v));
        assert_int_equal(v.vectors, 4);
        mien_predictor_close(&predictor);
        mien_free(file);
        mien_study_close(&study);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_it_is),
        cmocka_unit_test(each_row_learns_and_its_model_gives_its_golden_vectors),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
