/* SPDX-License-Identifier: MIT */
/* The report of run folders written here by hand. */
#include "report/markup.h"

#include "report/run.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ROWS = 30 };

#define METRICS                                                                        \
    "[{\"name\":\"r\",\"title\":\"Pearson "                                            \
    "r\",\"value\":0.66,\"low\":0.6,\"high\":0.71,"                                    \
    "\"baseline\":null,\"plain\":{\"value\":0.61,\"low\":0.55,\"high\":0.67}},"        \
    "{\"name\":\"rmse\",\"title\":\"RMSE\",\"value\":0.9,\"low\":0.8,\"high\":1.0,"    \
    "\"baseline\":{\"value\":1.2,\"low\":1.1,\"high\":1.3}}]"

static const char good[] =
    "{\"version\":1,\"study\":\"my <study>\",\"created_by\":\"mien 0.1.0\","
    "\"trials\":{\"path\":\"t.tsv\",\"sha256\":\"abc\",\"rows\":30,\"groups\":10},"
    "\"model\":{\"backbone\":\"mobilenet_v2\",\"layers\":\"pool\"},"
    "\"folds\":{\"k\":5,\"by\":\"group\",\"seed\":0},"
    "\"bootstrap\":{\"repeats\":2000,\"level\":0.95,\"seed\":1},\"targets\":["
    "{\"name\":\"valence\",\"range\":[1,7],\"unit\":\"rating\",\"construct\":"
    "\"evoked\","
    "\"perspective\":\"normative\",\"rows\":30,\"metrics\":" METRICS
    ",\"ceiling\":{\"reliability\":0.98,\"r\":0.99},\"chosen\":{\"candidates\":["
    "{\"candidate\":\"pool\",\"weight\":1,\"lambda\":0.01}]}},"
    "{\"name\":\"arousal\",\"range\":[1,7],\"metrics\":[],\"ceiling\":null}],"
    "\"notes\":[\"2 rows & more\"]}";

static char *predictions(void) {
    mien_string out;
    mien_string_init(&out);
    mien_string_add(&out, "trial,person,stimulus,group,fold,split,valence_truth,"
                          "valence_prediction,arousal_truth,arousal_prediction\n");
    for (int i = 0; i < ROWS; i++) {
        int tenths = 10 + 2 * i;
        mien_string_addf(&out, "t%d,n/a,s & %d,g%d,%d,held-out,%d.%d,%d.%d,%s,3.5\n", i,
            i, i / 3, i % 5, tenths / 10, tenths % 10, 2 + tenths / 20, tenths % 10,
            i % 7 ? "4.0" : "n/a");
    }
    assert_false(out.failed);
    return mien_string_take(&out);
}

static const char *make_run(const char *name, const char *results, const char *table) {
    char part[256];
    const char *path = support_temp_path(name);
    mkdir(path, 0777);
    if (results) {
        snprintf(part, sizeof part, "%s/results.json", name);
        support_write(part, results, strlen(results));
    }
    if (table) {
        snprintf(part, sizeof part, "%s/predictions.csv", name);
        support_write(part, table, strlen(table));
    }
    return path;
}

/* Not inlined: GCC 12 would take the text for the variable that holds it. */
__attribute__((noinline)) static char *read_back(const char *path) {
    char *text = NULL;
    size_t count = 0;
    assert_good(mien_file_read(path, 1 << 24, &text, &count));
    return text;
}

static void a_report_says_what_the_run_holds(void **state) {
    (void)state;
    char *table = predictions();
    const char *run = make_run("full", good, table);
    const char *path = support_temp_path("report.html");
    support_write("full/study.yaml", "name: my <study>\n", 17);
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_markup(text);
    assert_non_null(strstr(text, "Report of the study “my &lt;study&gt;”"));
    assert_non_null(strstr(text, "correlate at r = 0.66 (95 % interval 0.60 to 0.71)"));
    assert_non_null(strstr(text, "to 5 folds by group (10 groups"));
    assert_non_null(strstr(text, "against 1.20 for always answering with the mean"));
    assert_non_null(strstr(text, "2 rows &amp; more"));
    assert_non_null(strstr(text, "name: my &lt;study&gt;"));
    assert_non_null(strstr(text, "Noise ceiling of r"));
    assert_non_null(strstr(text, "Plain last layer"));
    assert_non_null(strstr(text, "Largest misses of valence"));
    assert_non_null(strstr(text, "s &amp; 29"));
    assert_int_equal(count_of(text, "<svg"), 5);
    assert_null(strstr(text, "nan"));
    mien_free(text);
    mien_free(table);
}

/* Each row is then a group of its own: five folds of six rows in six groups. */
static void rows_without_a_group_are_counted_one_by_one(void **state) {
    (void)state;
    mien_string table;
    mien_string_init(&table);
    mien_string_add(&table, "trial,person,stimulus,group,fold,split,valence_truth,"
                            "valence_prediction,arousal_truth,arousal_prediction\n");
    for (int i = 0; i < ROWS; i++) {
        mien_string_addf(
            &table, "t%d,n/a,s,n/a,%d,held-out,%d,2.5,4,3.5\n", i, i % 5, 1 + i % 6);
    }
    const char *run = make_run("alone", good, table.text);
    const char *path = support_temp_path("alone.html");
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_int_equal(count_of(text, "<td class=\"n\">6</td><td class=\"n\">6</td>"), 5);
    mien_free(text);
    mien_string_clear(&table);
}

static void misses_come_largest_first(void **state) {
    (void)state;
    const char *run = make_run("misses",
        "{\"version\":1,\"targets\":[{\"name\":\"v\",\"range\":[0,9],\"metrics\":[]}]}",
        "trial,stimulus,fold,v_truth,v_prediction\n"
        "a,x,0,1,2\nb,x,0,1,9\nc,x,0,5,5\nd,x,0,8,4\ne,x,0,n/a,4\n");
    const char *path = support_temp_path("misses.html");
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_markup(text);
    const char *b = strstr(text, "<tr><td>b</td>"), *d = strstr(text, "<tr><td>d</td>");
    const char *a = strstr(text, "<tr><td>a</td>");
    assert_true(b && d && a && b < d && d < a);
    assert_null(strstr(text, "<tr><td>e</td>"));
    assert_non_null(strstr(text, "−4.00"));
    mien_free(text);
}

static void several_runs_are_compared(void **state) {
    (void)state;
    char *table = predictions();
    const char *runs[2] = {make_run("one", good, table), make_run("two", good, table)};
    const char *path = support_temp_path("two.html");
    assert_good(mien_report_runs(runs, 2, path));
    char *text = read_back(path);
    assert_markup(text);
    assert_non_null(strstr(text, "Report of 2 runs"));
    assert_non_null(strstr(text, "side by side"));
    assert_non_null(strstr(text, "<h2>one: what was done</h2>"));
    assert_non_null(strstr(text, "<h2>two: what was done</h2>"));
    mien_free(text);
    mien_free(table);
}

#define OF_SEEDS                                                                       \
    "{\"version\":1,\"method\":\"network\",\"targets\":[{\"name\":\"v\",\"range\":[0," \
    "9],"                                                                              \
    "\"metrics\":[{\"name\":\"r\",\"title\":\"Pearson r\",\"value\":0.5,\"low\":0.4,"  \
    "\"high\":0.6,\"by_seed\":[0.4,0.6],\"sd\":0.141,\"ensemble\":{\"value\":0.7,"     \
    "\"low\":0.6,\"high\":0.8}}]}]}"

static void several_seeds_are_shown_by_their_mean(void **state) {
    (void)state;
    const char *run = make_run("seeds", OF_SEEDS,
        "trial,stimulus,fold,seed,v_truth,v_prediction\n"
        "a,x,0,3,1,2\nb,x,0,3,1,9\na,x,0,4,1,4\nb,x,0,4,1,8\n");
    const char *path = support_temp_path("seeds.html");
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_markup(text);
    assert_non_null(strstr(text, "was trained 2 times"));
    assert_non_null(strstr(text, "SD over seeds"));
    assert_non_null(strstr(text, "0.141"));
    assert_non_null(strstr(text, "0.700"));
    assert_non_null(strstr(text, "2 held-out predictions"));
    assert_non_null(strstr(text, ">8.50<"));
    assert_int_equal(count_of(text, "<tr><td>b</td>"), 1);
    mien_free(text);
}

#define OF_FILMS                                                                       \
    "{\"version\":1,\"method\":\"network\",\"model\":{\"network\":\"aan\",\"inputs\":" \
    "["                                                                                \
    "\"sound\",\"sight\"],\"trained\":99,\"values\":[{\"part\":\"sight\",\"learnt\":"  \
    "1234567,\"frozen\":890},{\"part\":\"head\",\"learnt\":42,\"most\":true}]},"       \
    "\"targets\":[{\"name\":\"v\",\"range\":[0,"                                       \
    "9],"                                                                              \
    "\"metrics\":[],\"groups\":{\"by\":\"film\",\"mean\":{\"mse\":{\"value\":0.25,"    \
    "\"low\":0.2,\"high\":0.3}},\"each\":[{\"group\":\"A & "                           \
    "B\",\"rows\":2,\"mse\":0.125,"                                                    \
    "\"r\":null,\"ccc\":0.5,\"effective_rows\":1.5,\"p\":0.00001,\"shift_p\":0.25}]}," \
    "\"series\":{\"r\":0.4,\"effective_rows\":17.3,\"p\":0.04,\"shift_p\":0.0005,"     \
    "\"shifts\":2001,\"lag\":{\"most\":6,\"best\":-2,\"r\":0.45}},"                    \
    "\"unsmoothed\":{\"mse\":0.375,\"r\":0.3,\"ccc\":0.2}}]}"

static void films_are_shown_one_by_one(void **state) {
    (void)state;
    const char *run = make_run("films", OF_FILMS,
        "trial,stimulus,group,fold,v_truth,v_prediction,v_unsmoothed\n"
        "a,x,A & B,0,1,2,3\nb,x,A & B,0,1,9,8\n");
    const char *path = support_temp_path("films.html");
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_markup(text);
    assert_non_null(strstr(text, "by a network (aan) over features: sound, sight"));
    assert_non_null(strstr(text, "99 values were trained"));
    assert_non_null(strstr(text, "1,234,567"));
    assert_non_null(strstr(text, ">890<"));
    assert_non_null(strstr(text, "at most 42"));
    assert_non_null(strstr(text, "Each film on its own: v"));
    assert_non_null(strstr(text, "A &amp; B"));
    assert_non_null(strstr(text, "0.125"));
    assert_non_null(strstr(text, "&lt; 0.001"));
    assert_non_null(strstr(text, "count as 17 independent ones"));
    assert_non_null(strstr(text, "p = 0.040"));
    assert_non_null(strstr(text, "with p &lt; 0.001 (2001 turns)"));
    assert_non_null(strstr(text, "as 2 trials too early (r = 0.450"));
    assert_non_null(strstr(text, "without it MSE would be 0.375"));
    assert_non_null(strstr(text, "Always the mean"));
    assert_null(strstr(text, "nan"));
    mien_free(text);
}

static void seeds_with_other_trials_are_told(void **state) {
    (void)state;
    static const char *const tables[] = {
        "trial,seed,v_truth,v_prediction\na,3,1,2\nb,3,1,9\nb,4,1,4\na,4,1,8\n",
        "trial,seed,v_truth,v_prediction\na,3,1,2\nb,3,1,9\na,4,1,4\nb,5,1,8\n",
        "trial,seed,v_truth,v_prediction\na,3,1,2\nb,3,1,9\na,4,1,4\n"};
    static const char *const parts[] = {"predictions.csv:4: trial b of seed 4",
        "predictions.csv:5: trial b of seed 5",
        "the last seed has 1 trials, the first 2"};
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "unlike%d", i);
        const char *run = make_run(name, OF_SEEDS, tables[i]);
        assert_fails(mien_report_runs(&run, 1, support_temp_path("unlike.html")),
            MIEN_EFORMAT, parts[i]);
    }
}

/* ---- hits and misses --------------------------------------------------------------
 */

typedef struct asked {
    char files[64][64];
    double at_s[64];
    int count;
} asked;

/* Any picture but those of "lost" is there. */
static mien_status give_picture(
    void *context, const char *file, double at_s, void **jpeg, size_t *bytes) {
    asked *a = context;
    if (strstr(file, "lost")) {
        return mien_fail(MIEN_EIO, "%s: lost", file);
    }
    if (a->count < 64) {
        snprintf(a->files[a->count], sizeof a->files[0], "%.63s", file);
        a->at_s[a->count++] = at_s;
    }
    *jpeg = mien_strdup("JPEG");
    *bytes = 4;
    return *jpeg ? MIEN_OK : MIEN_ENOMEM;
}

static char *report_with_pictures(const char *run, asked *a) {
    const char *path = support_temp_path("pictures.html");
    mien_report_options o = mien_report_options_default();
    o.picture = give_picture;
    o.context = a;
    assert_good(mien_report_runs_with(&run, 1, &o, path));
    char *text = read_back(path);
    assert_markup(text);
    return text;
}

static void write_part(const char *run, const char *name, const char *text) {
    char part[128];
    snprintf(part, sizeof part, "%s/%s", run, name);
    support_write(part, text, strlen(text));
}

static void the_largest_misses_are_shown_once_a_picture(void **state) {
    (void)state;
    asked a = {.count = 0};
    const char *run = make_run("shown",
        "{\"version\":1,\"targets\":[{\"name\":\"v\",\"range\":[0,9],\"metrics\":[]}]}",
        "trial,stimulus,fold,v_truth,v_prediction\n"
        "a,one,0,1,2\nb,two,0,1,9\nc,two,0,1,8.5\nd,<four>,0,8,4\ne,n/a,0,5,5.25\n"
        "f,six,0,3,3.5\n");
    write_part("shown", "trials.tsv",
        "trial\timage\na\tp/1.png\nx\tx.png\nb\tp/2.png\nc\tp/2.png\nd\tp/4.png\n"
        "e\tp/5.png\nf\tlost.png\n");
    write_part("shown", "run.json", "{\"trials\": \"/data/set/t.tsv\"}");
    char *text = report_with_pictures(run, &a);
    /* of five trials with pictures two are misses, the rest hits by rising rating */
    static const char *const want[] = {"2.png", "4.png", "1.png", "5.png"};
    assert_int_equal(a.count, 4);
    for (int i = 0; i < a.count; i++) {
        char file[64];
        snprintf(file, sizeof file, "/data/set/p/%s", want[i]);
        assert_string_equal(a.files[i], file);
        assert_true(isnan(a.at_s[i]));
    }
    assert_int_equal(count_of(text, "data:image/jpeg;base64,SlBFRw=="), 4);
    assert_non_null(strstr(text, "Largest misses: v"));
    assert_non_null(strstr(text, "<strong>&lt;four&gt;</strong>"));
    assert_non_null(strstr(text, "<strong>e</strong>")); /* no stimulus: its trial */
    assert_non_null(strstr(text, "rated <strong>1.00</strong><br>predicted "
                                 "<strong>9.00</strong> <small>(+8.00)</small>"));
    assert_non_null(strstr(text, "rated 8.00 (ring), predicted 4.00 (dot)"));
    mien_free(text);
}

static void moments_of_films_are_shown_by_their_middle(void **state) {
    (void)state;
    asked a = {.count = 0};
    const char *run = make_run("moments",
        "{\"version\":1,\"targets\":[{\"name\":\"v\",\"range\":[0,9],\"metrics\":[]}]}",
        "trial,fold,v_truth,v_prediction\na,0,1,2\nb,0,1,9\n");
    write_part("moments", "trials.tsv",
        "trial\tfilm\tstart_s\tend_s\na\tf.mp4\t0\t5\nb\tf.mp4\t5\t10\n");
    char *text = report_with_pictures(run, &a);
    assert_int_equal(a.count, 2);
    assert_true(a.at_s[0] == 7.5 && a.at_s[1] == 2.5);
    mien_free(text);
}

static void sure_misses_and_hits_of_classes_are_shown(void **state) {
    (void)state;
    asked a = {.count = 0};
    const char *run = make_run("labels",
        "{\"version\":1,\"targets\":[{\"name\":\"e\",\"classes\":[\"sad\",\"glad\"],"
        "\"metrics\":[]}]}",
        "trial,fold,e_truth,e_prediction,e_p_sad,e_p_glad\n"
        "a,0,sad,sad,0.7,0.3\nb,0,sad,glad,0.4,0.6\nc,0,glad,sad,0.93,0.07\n"
        "d,0,sad,sad,0.9,0.1\ne,0,glad,n/a,n/a,n/a\n");
    write_part("labels", "trials.tsv",
        "trial\tface\na\t1.png\nb\t2.png\nc\t3.png\nd\t4.png\ne\t5.png\n");
    char *text = report_with_pictures(run, &a);
    assert_int_equal(a.count, 3); /* c, b; d: glad has no hit */
    assert_non_null(strstr(a.files[0], "3.png"));
    assert_non_null(strstr(a.files[1], "2.png"));
    assert_non_null(strstr(a.files[2], "4.png"));
    assert_non_null(strstr(text, "rated <strong>glad</strong> <small>7 %</small><br>"
                                 "predicted <strong>sad</strong> <small>93 %</small>"));
    mien_free(text);
}

static void without_pictures_at_hand_nothing_is_shown(void **state) {
    (void)state;
    static const char *const tables[] = {"trial\timage\na\tlost.png\nb\tlost/2.png\n",
        "trial\timage\na\tn/a\nb\tn/a\n", "trial\tfeatures.x\na\tx#0\nb\tx#1\n",
        "name\timage\na\t1.png\nb\t2.png\n", "trial\timage\nz\t1.png\n"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        asked a = {.count = 0};
        char name[32];
        snprintf(name, sizeof name, "unseen%d", (int)i);
        const char *run = make_run(name,
            "{\"version\":1,\"targets\":[{\"name\":\"v\",\"range\":[0,9],\"metrics\":"
            "[]}]}",
            "trial,fold,v_truth,v_prediction\na,0,1,2\nb,0,1,9\n");
        write_part(name, "trials.tsv", tables[i]);
        char *text = report_with_pictures(run, &a);
        assert_null(strstr(text, "Hits and misses"));
        mien_free(text);
    }
}

static void runs_without_rows_are_reported(void **state) {
    (void)state;
    const char *run = make_run("none", good,
        "trial,valence_truth,valence_prediction,arousal_truth,arousal_prediction\n");
    const char *path = support_temp_path("none.html");
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_markup(text);
    mien_free(text);
}

static void what_a_run_lacks_is_named(void **state) {
    (void)state;
    static const struct {
        const char *results, *table, *part;
        mien_status status;
    } cases[] = {
        {NULL, NULL, "results.json", MIEN_EIO},
        {"{\"version\":2}", "trial\n", "version", MIEN_EFORMAT},
        {"{\"version\":1}", "trial\n", "without targets", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":[]}", "trial\n", "without targets", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":[{}]}", "trial\n", "without a name", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":[3]}", "trial\n", "without a name", MIEN_EFORMAT},
        {"[]", "trial\n", "version", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":[{\"name\":\"v\",\"metrics\":[{}]}]}", "trial\n",
            "metric without", MIEN_EFORMAT},
        {good, NULL, "predictions.csv", MIEN_EIO},
        {good, "trial\n1\n", "no column valence_truth", MIEN_EFORMAT},
        {good,
            "trial,valence_truth,valence_prediction,arousal_truth,arousal_prediction\n"
            "a,1,x,3,4\n",
            "valence_prediction", MIEN_EFORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        snprintf(name, sizeof name, "bad%d", (int)i);
        const char *run = make_run(name, cases[i].results, cases[i].table);
        const char *path = support_temp_path("bad.html");
        assert_fails(mien_report_runs(&run, 1, path), cases[i].status, cases[i].part);
        assert_false(mien_file_exists(path));
    }
    assert_fails(mien_report_runs(NULL, 0, "x"), MIEN_EINVAL, "at least one");
}

static mien_status report_once(void *context) {
    const char *run = context;
    asked a = {.count = 0};
    const mien_report_options o = {.picture = give_picture, .context = &a};
    return mien_report_runs_with(&run, 1, &o, support_temp_path("each.html"));
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    char *table = predictions(), *run = NULL;
    run = mien_strdup(make_run("each", good, table));
    assert_non_null(run);
    write_part("each", "trials.tsv", "trial\timage\nt0\t1.png\nt1\t2.png\nt2\t3.png\n");
    write_part("each", "run.json", "{\"trials\": \"/data/t.tsv\"}");
    support_each_allocation_fails(report_once, run, 5000);
    mien_free(run);
    mien_free(table);
}

/* ---- films --------------------------------------------------------------------- */

#define FILM_METRICS                                                                   \
    "[{\"name\":\"r\",\"title\":\"Pearson r\",\"value\":0.5,\"low\":0.4,\"high\":0.6," \
    "\"loss\":{\"value\":0.12,\"low\":0.05,\"high\":0.2}}]"

static void write_film_run(const char *name, bool other_trials) {
    static const char results[] =
        "{\"version\":1,\"study\":\"films\",\"method\":\"network\",\"targets\":[{"
        "\"name\":"
        "\"valence\",\"range\":[-1,1],\"metrics\":[],\"residual_95\":[-0.2,0.3],"
        "\"groups\":{\"by\":\"film\",\"mean\":{},\"each\":[]},\"series\":{\"r\":0.5}}]"
        "}";
    static const char explained[] =
        "{\"version\":1,\"hiding\":\"mask\",\"permutation\":{\"rule\":\"shift\","
        "\"repeats\":"
        "5},\"targets\":[{\"name\":\"valence\",\"inputs\":[{\"name\":\"so<und\","
        "\"left_out\":" FILM_METRICS ",\"permuted\":" FILM_METRICS
        ",\"alone\":" FILM_METRICS "}]}]}";
    mien_string p, t, e;
    char path[64];
    mien_string_init(&p);
    mien_string_init(&t);
    mien_string_init(&e);
    mien_string_add(&p, "trial,fold,valence_truth,valence_prediction\n");
    mien_string_add(&t, "trial\tfilm\tstart_s\tend_s\tfold\n");
    mien_string_add(&e, "trial,valence_prediction,valence_effect_so<und,"
                        "valence_effect_sight,valence_driver\n");
    for (int i = 0; i < 20; i++) {
        /* the second film's rows come last first */
        int at = i < 10 ? i : 29 - i;
        mien_string_addf(&p, "t%d,0,0.%d,0.%d\n", i, at % 10, (at + 1) % 10);
        mien_string_addf(&t, "t%d\tfilm%d\t%d\t%d\t0\n", i, i / 10, 5 * (at % 10),
            5 * (at % 10) + 5);
        mien_string_addf(&e, "%s%d,0.1,0.%d,%s,so<und\n", other_trials ? "x" : "t", i,
            at % 10, i % 4 ? "-0.25" : "n/a");
    }
    make_run(name, results, p.text);
    snprintf(path, sizeof path, "%s/trials.tsv", name);
    support_write(path, t.text, t.length);
    snprintf(path, sizeof path, "%s/explain.json", name);
    support_write(path, explained, sizeof explained - 1);
    snprintf(path, sizeof path, "%s/explain.csv", name);
    support_write(path, e.text, e.length);
    mien_string_clear(&e);
    mien_string_clear(&t);
    mien_string_clear(&p);
}

/* Writes text over the first place of a file where `old` stands. */
static void put_in(const char *file, const char *old, const char *text) {
    char *whole = read_back(support_temp_path(file));
    char *at = strstr(whole, old);
    assert_non_null(at);
    mien_string out;
    mien_string_init(&out);
    mien_string_add_n(&out, whole, (size_t)(at - whole));
    mien_string_add(&out, text);
    mien_string_add(&out, at + strlen(old));
    support_write(file, out.text, out.length);
    mien_string_clear(&out);
    mien_free(whole);
}

static void a_damaged_cell_of_any_table_is_named(void **state) {
    (void)state;
    static const struct {
        const char *file, *old, *text, *part;
    } cases[] = {
        {"trials.tsv", "\t15\t0\n", "\tx\t0\n",
            "trials.tsv:4: column \"end_s\": \"x\" is not a number"},
        {"trials.tsv", "film0\t0\t", "film0\tx\t",
            "trials.tsv:2: column \"start_s\": \"x\" is not a number"},
        {"trials.tsv", "film1\t45\t", "film1\tn/a\t",
            "trials.tsv:12: column \"start_s\": trial t10 has no time"},
        {"trials.tsv", "film1\t45\t", "film1\tinf\t",
            "trials.tsv:12: column \"start_s\": "},
        {"trials.tsv", "\tstart_s\t", "\tstart\t", "it does not say when trial t0 is"},
        {"explain.csv", "0.2,-0.25", "0.2,x",
            "explain.csv:4: column \"valence_effect_sight\": \"x\" is not a number"},
        {"predictions.csv", "t2,0,0.2,0.3", "t2,0,0.2,x",
            "predictions.csv:4: column \"valence_prediction\": \"x\" is not a number"},
        {"metrics.csv", "b,1,0.5,0.5", "b,1,0.5,x",
            "metrics.csv:5: column \"loss_validation\": \"x\" is not a number"},
        {"metrics.csv", "a,1,", "a,x,",
            "metrics.csv:3: column \"epoch\": \"x\" is not a number"},
    };
    static const char curves[] = "fit,epoch,loss_train,loss_validation\na,0,1,1\n"
                                 "a,1,0.5,n/a\nb,0,1,1\nb,1,0.5,0.5\n";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32], file[64];
        snprintf(name, sizeof name, "damaged%d", (int)i);
        write_film_run(name, false);
        snprintf(file, sizeof file, "%s/metrics.csv", name);
        support_write(file, curves, sizeof curves - 1);
        const char *run = support_temp_path(name),
                   *path = support_temp_path("damaged.html");
        assert_good(mien_report_runs(&run, 1, path));
        assert_int_equal(remove(path), 0);
        snprintf(file, sizeof file, "%s/%s", name, cases[i].file);
        put_in(file, cases[i].old, cases[i].text);
        assert_fails(mien_report_runs(&run, 1, path), MIEN_EFORMAT, cases[i].part);
        assert_false(mien_file_exists(path));
    }
}

static void films_are_drawn_with_what_drove_them(void **state) {
    (void)state;
    const char *path = support_temp_path("films.html"),
               *run = support_temp_path("explained");
    write_film_run("explained", false);
    assert_good(mien_report_runs(&run, 1, path));
    char *text = read_back(path);
    assert_markup(text);
    assert_non_null(strstr(text, "Film by film"));
    assert_non_null(strstr(text, ">film0<"));
    assert_non_null(strstr(text, ">film1<"));
    /* the smaller of two effects is drawn weak; sight is larger where sound adds 0.2
     * at most */
    assert_non_null(strstr(text, "What adds most to it is so&lt;und at"));
    assert_non_null(strstr(text, ">sight</text>"));
    assert_non_null(strstr(text, "so&lt;und: left out"));
    assert_non_null(strstr(text, "so&lt;und: permuted"));
    assert_non_null(strstr(text, "an interval that holds 0"));
    assert_non_null(strstr(text, "0.050 to 0.200"));
    assert_null(strstr(text, "nan"));
    mien_free(text);
}

static void effects_of_other_trials_are_refused(void **state) {
    (void)state;
    const char *run = support_temp_path("explained_other");
    write_film_run("explained_other", true);
    assert_fails(mien_report_runs(&run, 1, support_temp_path("other.html")),
        MIEN_EFORMAT, "run `mien explain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_says_what_the_run_holds),
        cmocka_unit_test(rows_without_a_group_are_counted_one_by_one),
        cmocka_unit_test(misses_come_largest_first),
        cmocka_unit_test(several_runs_are_compared),
        cmocka_unit_test(several_seeds_are_shown_by_their_mean),
        cmocka_unit_test(films_are_shown_one_by_one),
        cmocka_unit_test(seeds_with_other_trials_are_told),
        cmocka_unit_test(the_largest_misses_are_shown_once_a_picture),
        cmocka_unit_test(moments_of_films_are_shown_by_their_middle),
        cmocka_unit_test(sure_misses_and_hits_of_classes_are_shown),
        cmocka_unit_test(without_pictures_at_hand_nothing_is_shown),
        cmocka_unit_test(runs_without_rows_are_reported),
        cmocka_unit_test(what_a_run_lacks_is_named),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(a_damaged_cell_of_any_table_is_named),
        cmocka_unit_test(films_are_drawn_with_what_drove_them),
        cmocka_unit_test(effects_of_other_trials_are_refused),
    };
    return cmocka_run_group_tests_name("report/report_runs", tests, NULL, NULL);
}
