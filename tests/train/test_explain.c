/* SPDX-License-Identifier: MIT */
/* Inputs with a planted signal are told from those without; what is changed, trained
 * without and refused. */
#include "train/films.h"

#include "mien/data.h"
#include "mien/eval.h"
#include "mien/train.h"

static const char *path_of(const char *folder, const char *name) {
    static char path[8][4096];
    static int next;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s%s%s", support_temp_path(folder),
        *name ? "/" : "", name);
    return path[next];
}

static void train_on(const char *run, const char *text, const char *const *set, int n) {
    mien_study *study = NULL;
    char file[64], path[4096];
    snprintf(file, sizeof file, "%s.yaml", run);
    snprintf(path, sizeof path, "%s", support_write(file, text, strlen(text)));
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    assert_good(mien_study_open(path, set, n, &study));
    assert_good(mien_train(study, path_of(run, ""), &o));
    mien_study_close(&study);
}

static mien_value *explain(const char *run, mien_explain_options o) {
    mien_value *document = NULL;
    assert_good(mien_explain(path_of(run, ""), &o, path_of(run, "explain.json")));
    assert_good(mien_value_read(path_of(run, "explain.json"), &document));
    return document;
}

static const mien_value *named(const mien_value *list, const char *name) {
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *item = mien_value_at(list, i);
        if (strcmp(mien_value_text(mien_value_get(item, "name")), name) == 0) {
            return item;
        }
    }
    fail_msg("nothing is named %s", name);
    return NULL;
}

static const mien_value *metric_of(
    const mien_value *document, const char *input, const char *how, const char *name) {
    const mien_value *target = mien_value_at(mien_value_get(document, "targets"), 0);
    const mien_value *at =
        input ? named(mien_value_get(target, "inputs"), input) : target;
    return named(mien_value_get(at, how), name);
}

static double number_of(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), (double)NAN);
}

static mien_interval loss_of(
    const mien_value *document, const char *input, const char *how, const char *name) {
    const mien_value *loss =
        mien_value_get(metric_of(document, input, how, name), "loss");
    return (mien_interval){
        number_of(loss, "value"), number_of(loss, "low"), number_of(loss, "high")};
}

/* ---- a planted signal ---------------------------------------------------------- */

#define SYNTH_STUDY                                                                    \
    "trials: made/trials.tsv\n"                                                        \
    "method: network\n"                                                                \
    "inputs: [flownet, vggish, emobase2010]\n"                                         \
    "targets: [valence]\n"                                                             \
    "modality-dropout: 0.2\n"                                                          \
    "model: {name: aan, dropout: 0.2}\n"                                               \
    "epochs: 8\n"                                                                      \
    "batch: 30\n"                                                                      \
    "optimiser: {rate: 0.003, decay: 0.1}\n"                                           \
    "folds: {rule: leave-one-group-out}\n"                                             \
    "bootstrap: {repeats: 200}\n"

static const char *const carriers[] = {"vggish", "emobase2010"};
#define OTHER "flownet" /* the widest but one; it carries nothing */

static void make_films(const char *name, double r) {
    const mien_synth *synth = NULL;
    mien_synth_options o = {.r = r,
        .films = 10,
        .segments = 40,
        .seed = 1,
        .modalities = "vggish,emobase2010"};
    assert_good(mien_synth_find("cognimuse", &synth));
    assert_good(mien_synth_write(synth, &o, support_temp_path(name), NULL, NULL));
}

/* An input to which nothing but noise was fitted does harm, which leaving it out
 * shows; permuted it does as much harm as before. */
static void inputs_that_carry_the_signal_contribute_and_no_others(void **state) {
    (void)state;
    make_films("made", 0.8);
    static const char *const draws[] = {"intervals=bootstrap"}; /* 10 films are few */
    train_on("signal", SYNTH_STUDY, draws, 1);
    mien_explain_options o = mien_explain_options_default();
    o.repeats = 10;
    mien_value *document = explain("signal", o);
    static const char *const metrics[] = {"r", "ccc"};
    for (int m = 0; m < 2; m++) {
        for (int i = 0; i < 2; i++) {
            assert_true(loss_of(document, carriers[i], "left_out", metrics[m]).low > 0);
            assert_true(loss_of(document, carriers[i], "permuted", metrics[m]).low > 0);
            assert_true(number_of(metric_of(document, carriers[i], "alone", metrics[m]),
                            "low") > 0);
        }
        mien_interval permuted = loss_of(document, OTHER, "permuted", metrics[m]);
        assert_true(permuted.low <= 0 && permuted.high >= 0);
        assert_true(loss_of(document, OTHER, "left_out", metrics[m]).low <= 0);
    }
    mien_value_free(&document);
}

static void without_a_signal_r_stays_within_chance(void **state) {
    (void)state;
    make_films("noise", 0);
    static const char *const set[] = {"trials=noise/trials.tsv"};
    train_on("chance", SYNTH_STUDY, set, 1);
    mien_value *document = explain("chance", mien_explain_options_default());
    mien_value *results = NULL;
    assert_good(mien_value_read(path_of("chance", "results.json"), &results));
    const mien_value *series =
        mien_value_get(mien_value_at(mien_value_get(results, "targets"), 0), "series");
    double r = number_of(metric_of(document, NULL, "metrics", "r"), "value");
    double chance = 2 / sqrt(number_of(series, "effective_rows"));
    assert_true(fabs(r) < chance);
    assert_true(fabs(number_of(series, "r")) < chance);
    assert_true(number_of(series, "shift_p") > 0.05);
    for (int i = 0; i < 2; i++) {
        assert_true(loss_of(document, carriers[i], "permuted", "r").low <= 0);
    }
    mien_value_free(&results);
    mien_value_free(&document);
}

/* ---- what is changed ----------------------------------------------------------- */

static float still(int row, int k) {
    (void)row;
    return k ? 3 : 7;
}

static void films_with_a_still_input(void) {
    mien_string text;
    films_make();
    films_array("still", 2, still);
    mien_string_init(&text);
    mien_string_add(&text, "trial\tgroup\tstart_s\tend_s\tfeatures.sound\t"
                           "features.still\tvalence\n");
    for (int row = 0; row < FILMS_ROWS; row++) {
        int film = row / FILMS_SEGMENTS, segment = row % FILMS_SEGMENTS;
        mien_string_addf(&text,
            "t%02d\tfilm%d\t%d\t%d\tsound.csv#%d\tstill.csv#%d\t%.6f\n", row, film,
            5 * segment, 5 * segment + 5, row, row, films_felt(film, segment));
    }
    support_write("still.tsv", text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] = "{\"version\": 1, \"targets\": {\"valence\": "
                                  "{\"range\": [-1, 1], \"construct\": "
                                  "\"evoked\", \"perspective\": \"normative\"}}}";
    support_write("still.json", sidecar, sizeof sidecar - 1);
}

/* The mean of what never changes is what it is: nothing is lost, to the last bit,
 * whether or not columns are standardised. */
static void an_input_that_never_changes_has_no_effect(void **state) {
    (void)state;
    static const char *const standardise[] = {"standardise=true", "standardise=false"};
    films_with_a_still_input();
    for (int i = 0; i < 2; i++) {
        const char *run = i ? "still1" : "still0";
        const char *const set[] = {
            standardise[i], "trials=still.tsv", "inputs=sound;still"};
        mien_table *rows = NULL;
        train_on(run, FILMS_STUDY, set, 3);
        mien_value *document = explain(run, mien_explain_options_default());
        static const char *const ways[] = {"left_out", "permuted"};
        for (int w = 0; w < 2; w++) {
            mien_interval loss = loss_of(document, "still", ways[w], "mse");
            assert_near(loss.value, 0, 1e-15); /* means over repeats round */
            assert_near(loss.high, 0, 1e-15);
        }
        assert_good(mien_table_read(path_of(run, "explain.csv"), NULL, &rows));
        assert_int_equal(mien_table_rows(rows), FILMS_ROWS);
        for (int64_t r = 0; r < FILMS_ROWS; r++) {
            double effect = 1;
            int driver = mien_table_column(rows, "valence_driver");
            assert_good(mien_table_number(
                rows, r, mien_table_column(rows, "valence_effect_still"), &effect));
            assert_near(effect, 0, 0);
            assert_string_equal(mien_table_cell(rows, r, driver), "sound");
        }
        mien_table_free(&rows);
        mien_value_free(&document);
    }
}

static void assert_equal_files(const char *a, const char *b) {
    char x[65], y[65];
    assert_good(mien_sha256_file(a, x));
    assert_good(mien_sha256_file(b, y));
    assert_string_equal(x, y);
}

/* Of several seeds, with windows, smoothing and two targets, one of them of classes. */
static void the_whole_is_what_the_run_says_whatever_the_threads(void **state) {
    (void)state;
    static const char *const set[] = {"model.name=temporal_aan", "context.before=2",
        "modality-dropout=0.3", "targets=valence;mood", "seeds=2",
        "smoothing.rule=mean", "validation.rule=groups", "stopping.patience=2",
        "average.rule=decaying"};
    films_make();
    train_on("busy", FILMS_STUDY, set, 9);
    mien_explain_options o = mien_explain_options_default();
    mien_value *document = explain("busy", o), *results = NULL;
    o.threads = 2;
    assert_good(mien_explain(path_of("busy", ""), &o, support_temp_path("two.json")));
    assert_equal_files(path_of("busy", "explain.json"), support_temp_path("two.json"));
    assert_equal_files(path_of("busy", "explain.csv"), support_temp_path("two.csv"));
    assert_good(mien_value_read(path_of("busy", "results.json"), &results));
    assert_int_equal(mien_value_count(mien_value_get(document, "targets")), 2);
    assert_string_equal(mien_value_text(mien_value_get(document, "hiding")), "mask");
    static const char *const metrics[2][3] = {
        {"r", "ccc", "mse"}, {"log_loss", "balanced_accuracy", NULL}};
    for (int t = 0; t < 2; t++) {
        const mien_value *judged = mien_value_at(mien_value_get(results, "targets"), t);
        const mien_value *whole = mien_value_at(mien_value_get(document, "targets"), t);
        for (int m = 0; m < 3 && metrics[t][m]; m++) {
            const mien_value *want =
                named(mien_value_get(judged, "metrics"), metrics[t][m]);
            const mien_value *got =
                named(mien_value_get(whole, "metrics"), metrics[t][m]);
            assert_near(number_of(got, "value"), number_of(want, "value"), 1e-6);
            assert_near(number_of(got, "low"), number_of(want, "low"), 1e-6);
        }
    }
    mien_value_free(&results);
    mien_value_free(&document);
}

static void trained_without_is_a_training_without(void **state) {
    (void)state;
    static const char *const seen[] = {"inputs=sight"};
    films_make();
    train_on("with", FILMS_STUDY, NULL, 0);
    train_on("without", FILMS_STUDY, seen, 1);
    mien_explain_options o = mien_explain_options_default();
    o.retrain = true;
    mien_value *document = explain("with", o);
    const mien_value *got = metric_of(document, "sound", "retrained", "mse");
    mien_value *results = NULL;
    assert_good(mien_value_read(path_of("without", "results.json"), &results));
    const mien_value *target = mien_value_at(mien_value_get(results, "targets"), 0);
    const mien_value *want = named(mien_value_get(target, "metrics"), "mse");
    assert_near(number_of(got, "value"), number_of(want, "value"), 1e-6);
    const mien_value *whole = metric_of(document, NULL, "metrics", "mse");
    assert_near(number_of(mien_value_get(got, "loss"), "value"),
        number_of(got, "value") - number_of(whole, "value"), 1e-9);
    mien_value_free(&results);
    mien_value_free(&document);
    /* what is there is taken up: nothing is trained again */
    char before[65], after[65];
    assert_good(
        mien_sha256_file(path_of("with/explain/without-sound", "log.jsonl"), before));
    document = explain("with", o);
    assert_good(
        mien_sha256_file(path_of("with/explain/without-sound", "log.jsonl"), after));
    assert_string_equal(before, after);
    mien_value_free(&document);
}

/* Rows of attention are shares; those of a row do not depend on its batch. */
static void attention_of_every_row_sums_to_one(void **state) {
    (void)state;
    mien_array *array = NULL;
    mien_explain_options o = mien_explain_options_default();
    enum { EACH = 2 * 2 * 2 * 2 }; /* layers, heads, inputs, inputs */
    float maps[FILMS_ROWS * EACH], varied = 0;
    char path[4096], named[4200];
    films_make();
    train_on("attentive", FILMS_STUDY, NULL, 0);
    snprintf(path, sizeof path, "%s", support_temp_path("maps.h5"));
    snprintf(named, sizeof named, "%s#encoder", path);
    o.attention = path;
    mien_value *document = explain("attentive", o);
    assert_good(mien_array_open(named, &array));
    const int64_t want[] = {FILMS_ROWS, 2, 2, 2, 2}, *shape = mien_array_shape(array);
    assert_int_equal(mien_array_rank(array), 5);
    for (int k = 0; k < 5; k++) {
        assert_int_equal(shape[k], want[k]);
    }
    assert_good(mien_array_read(array, 0, FILMS_ROWS, maps));
    for (int i = 0; i < FILMS_ROWS * EACH; i += 2) {
        assert_near((double)maps[i] + (double)maps[i + 1], 1, 1e-5);
        varied = fmaxf(varied, fabsf(maps[i] - maps[0]));
    }
    assert_true(varied > 1e-4f);
    mien_array_close(&array);
    mien_value_free(&document);
}

/* ---- classes --------------------------------------------------------------------- */

/* The loss by its definition, from rows of predictions.csv that have a label. */
static double log_loss_of(const char *run) {
    mien_table *table = NULL;
    double sum = 0;
    int64_t n = 0;
    assert_good(mien_table_read(path_of(run, "predictions.csv"), NULL, &table));
    int truth = mien_table_column(table, "mood_truth");
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        char name[80];
        double p = 0;
        const char *label = mien_table_cell(table, i, truth);
        if (mien_cell_missing(label)) {
            continue;
        }
        snprintf(name, sizeof name, "mood_p_%s", label);
        assert_good(mien_table_number(table, i, mien_table_column(table, name), &p));
        sum -= log(p);
        n++;
    }
    mien_table_free(&table);
    assert_true(n > 20);
    return sum / (double)n;
}

static void classes_are_explained_by_log_loss_and_accuracy(void **state) {
    (void)state;
    static const char *const moods[] = {"targets=mood"};
    static const char *const blind[] = {"targets=mood", "inputs=sound"};
    static const char *const names[] = {"log_loss", "balanced_accuracy"};
    mien_explain_options o = mien_explain_options_default();
    films_make();
    train_on("moods", FILMS_STUDY, moods, 1);
    train_on("blind", FILMS_STUDY, blind, 2);
    o.retrain = true;
    mien_value *document = explain("moods", o);
    assert_near(number_of(metric_of(document, NULL, "metrics", "log_loss"), "value"),
        log_loss_of("moods"), 1e-5);
    const mien_value *got = metric_of(document, "sight", "retrained", "log_loss");
    assert_near(number_of(got, "value"), log_loss_of("blind"), 1e-5);
    for (int m = 0; m < 2; m++) {
        double whole =
            number_of(metric_of(document, NULL, "metrics", names[m]), "value");
        const mien_value *out = metric_of(document, "sight", "left_out", names[m]);
        double loss = number_of(mien_value_get(out, "loss"), "value");
        double change = number_of(out, "value") - whole;
        assert_near(loss, m ? -change : change, 1e-9);
        print_message("%s %.3f, without sight %+.3f\n", names[m], whole, change);
    }
    mien_value_free(&document);
    mien_table *rows = NULL;
    assert_good(mien_table_read(path_of("moods", "explain.csv"), NULL, &rows));
    assert_true(mien_table_column(rows, "mood_effect_sight") > 0);
    int label = mien_table_column(rows, "mood_prediction");
    mien_table *run = NULL;
    assert_good(mien_table_read(path_of("moods", "predictions.csv"), NULL, &run));
    int predicted = mien_table_column(run, "mood_prediction");
    for (int64_t i = 0; i < mien_table_rows(rows); i++) {
        assert_string_equal(
            mien_table_cell(rows, i, label), mien_table_cell(run, i, predicted));
    }
    mien_table_free(&run);
    mien_table_free(&rows);
}

/* ---- what is refused ----------------------------------------------------------- */

static void what_cannot_be_explained_is_told(void **state) {
    (void)state;
    mien_explain_options o = mien_explain_options_default();
    char json[4096];
    snprintf(json, sizeof json, "%s", support_temp_path("no.json"));
    films_make();
    train_on("plain", FILMS_STUDY, NULL, 0);
    const char *plain = path_of("plain", "");
    assert_fails(mien_explain(plain, &o, "explain.txt"), MIEN_EINVAL, ".json");
    assert_fails(
        mien_explain(support_temp_path("none"), &o, json), MIEN_ENOTFOUND, "run.json");
    o.hiding = MIEN_HIDING_MASK;
    assert_fails(mien_explain(plain, &o, json), MIEN_EINVAL, "takes no mask");
    o = mien_explain_options_default();
    o.repeats = 0;
    assert_fails(mien_explain(plain, &o, json), MIEN_EINVAL, "1 to 1000");
    o = mien_explain_options_default();
    films_array("sound", FILMS_SOUND, films_sight);
    assert_fails(mien_explain(plain, &o, json), MIEN_EVERIFY, "features changed");
    films_make();
    remove(path_of("plain", "SHA256SUMS"));
    assert_fails(mien_explain(plain, &o, json), MIEN_ENOTFOUND, "mien resume");
    assert_false(mien_file_exists(json));
}

static void targets_and_rows_must_fit(void **state) {
    (void)state;
    static const char *const timeless[] = {"trials=timeless.tsv"};
    mien_explain_options o = mien_explain_options_default();
    films_make();
    films_table("timeless", (films_options){.no_starts = true});
    train_on("timeless", FILMS_STUDY, timeless, 1);
    char json[4096];
    snprintf(json, sizeof json, "%s", support_temp_path("no.json"));
    o.permutation = MIEN_PERMUTATION_SHIFT;
    assert_fails(mien_explain(path_of("timeless", ""), &o, json), MIEN_EINVAL,
        "no order in time");
    o.permutation = MIEN_PERMUTATION_AUTO;
    mien_value *document = explain("timeless", o);
    const mien_value *rule =
        mien_value_get(mien_value_get(document, "permutation"), "rule");
    assert_string_equal(mien_value_text(rule), "rows");
    mien_value_free(&document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_that_carry_the_signal_contribute_and_no_others),
        cmocka_unit_test(without_a_signal_r_stays_within_chance),
        cmocka_unit_test(an_input_that_never_changes_has_no_effect),
        cmocka_unit_test(the_whole_is_what_the_run_says_whatever_the_threads),
        cmocka_unit_test(trained_without_is_a_training_without),
        cmocka_unit_test(attention_of_every_row_sums_to_one),
        cmocka_unit_test(classes_are_explained_by_log_loss_and_accuracy),
        cmocka_unit_test(what_cannot_be_explained_is_told),
        cmocka_unit_test(targets_and_rows_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
