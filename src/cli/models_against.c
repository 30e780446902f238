/* SPDX-License-Identifier: MIT */
/* mien models import --against TRIALS.tsv: is the contract right? In come the network's
 * file, what the user says of it, and pictures with labels; out goes a table of how
 * often the network is right under that contract and under others: the colours in the
 * other order, other scales of its values, its labels in other orders that networks
 * have. A wrong scale costs five to twenty points and still looks plausible, so only
 * labels tell. Called by models_import.c, before the model is written. */
#include "cli/models_against.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mien/data.h"
#include "mien/graphs.h"

enum { ROWS_MAX = 1000, CLASSES_MAX = 64, WAYS_MAX = 32, SHOWN = 8, NAME = 64 };

/* How values are scaled: settings of an input of kind picture. */
static const struct {
    const char *name, *settings;
} scales[] = {{"as given", ""},
    {"0 to 1", "scale=0.00392156862745098; mean=0,0,0; deviation=1,1,1"},
    {"-1 to 1", "scale=0.00784313725490196; mean=1,1,1; deviation=1,1,1"},
    {"ImageNet", "scale=0.00392156862745098; mean=0.485,0.456,0.406; "
                 "deviation=0.229,0.224,0.225"},
    {"0 to 255", "scale=1; mean=0,0,0; deviation=1,1,1"}};
enum { SCALES = sizeof scales / sizeof *scales };
static const char *const colours[] = {"as given", "rgb", "bgr"};
enum { COLOURS = sizeof colours / sizeof *colours };

/* Words that data sets and networks have for one expression. */
static const char *const words[][5] = {{"anger", "angry"}, {"contempt", "contemptuous"},
    {"disgust", "disgusted"}, {"fear", "fearful", "afraid"},
    {"happiness", "happy", "joy"}, {"neutral", "neutrality"}, {"sadness", "sad"},
    {"surprise", "surprised"}};

static const char *canonical(const char *name) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (int k = 0; k < 5 && words[i][k]; k++) {
            if (strcmp(words[i][k], name) == 0) {
                return words[i][0];
            }
        }
    }
    return name;
}

/* An order of labels: which of the table's classes each of the network's is; -1: none.
 */
typedef struct order {
    char name[NAME];
    int count, of[CLASSES_MAX];
} order;

typedef struct way {
    char colour[12], scale[12];
    const order *labels;
    double accuracy;
    bool given;
} way;

typedef struct against {
    mien_trials *trials;
    const mien_trials_target *target;
    int64_t row[ROWS_MAX]; /* of the table */
    int truth[ROWS_MAX], said[ROWS_MAX];
    int rows;
    order orders[16];
    int orders_count;
    way ways[COLOURS * SCALES * 16];
    int ways_count;
} against;

/* ---- what is known ------------------------------------------------------------------
 */

static mien_status choose_target(against *a, const char *name) {
    a->target = NULL;
    for (int i = 0; i < mien_trials_targets(a->trials) && !a->target; i++) {
        const mien_trials_target *t = mien_trials_target_at(a->trials, i);
        if (t->kind == MIEN_TARGET_CLASS && (!name || strcmp(name, t->name) == 0)) {
            a->target = t;
        }
    }
    return a->target ? MIEN_OK
                     : mien_fail(MIEN_ENOTFOUND,
                           "--against: the table has no target of classes%s%s",
                           name ? " called " : "", name ? name : "");
}

/* At most ROWS_MAX rows with a label and a picture, evenly over the table. */
static mien_status choose_rows(against *a) {
    int64_t rows = mien_trials_rows(a->trials), known = 0;
    int *class = mien_alloc((size_t)rows + 1, sizeof *class);
    mien_status status =
        class ? mien_trials_classes(a->trials, a->target->name, class) : MIEN_ENOMEM;
    for (int64_t r = 0; status == MIEN_OK && r < rows; r++) {
        known += class[r] >= 0;
    }
    int64_t step = (known + ROWS_MAX - 1) / ROWS_MAX, at = 0;
    for (int64_t r = 0; status == MIEN_OK && r < rows; r++) {
        if (class[r] < 0 || at++ % step) {
            continue;
        }
        a->row[a->rows] = r;
        a->truth[a->rows] = class[r];
        if (!mien_trials_cell(a->trials, r, "image")) {
            status = mien_fail(MIEN_ENOTFOUND,
                "--against: trial %s has no picture in a column \"image\"",
                mien_trials_id(a->trials, r));
        } else {
            a->rows++;
        }
    }
    mien_free(class);
    return status == MIEN_OK && a->rows == 0
               ? mien_fail(MIEN_EINVAL, "--against: no trial has a label of %s",
                     a->target->name)
               : status;
}

/* Whether a row says where its face is. */
static bool has_regions(const against *a) {
    bool has = false;
    for (int i = 0; i < a->rows && !has; i++) {
        has = mien_trials_cell(a->trials, a->row[i], "x") &&
              mien_trials_cell(a->trials, a->row[i], "w");
    }
    return has;
}

/* ---- orders of labels
 * ---------------------------------------------------------------- */

static int class_of(const against *a, const char *name) {
    for (int k = 0; k < a->target->classes; k++) {
        if (strcmp(canonical(a->target->class_name[k]), canonical(name)) == 0) {
            return k;
        }
    }
    return -1;
}

/* Adds an order that has as many labels, unless it is there already. */
static void add_order(against *a, const char *name, const char *labels, int count) {
    order *o = &a->orders[a->orders_count];
    char label[NAME];
    *o = (order){0};
    snprintf(o->name, sizeof o->name, "%s", name);
    for (const char *at = labels; *at && o->count < CLASSES_MAX;) {
        size_t length = strcspn(at, ",");
        snprintf(label, sizeof label, "%.*s", (int)length, at);
        o->of[o->count++] = class_of(a, label);
        at += length + (at[length] == ',');
    }
    if (count && o->count != count) {
        return;
    }
    for (int i = 0; i < a->orders_count; i++) {
        if (memcmp(a->orders[i].of, o->of, (size_t)o->count * sizeof *o->of) == 0) {
            return;
        }
    }
    if (a->orders_count + 1 < (int)(sizeof a->orders / sizeof *a->orders)) {
        a->orders_count++;
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The labels that are given, by the alphabet. */
static void add_sorted(against *a, const char *labels) {
    char text[CLASSES_MAX * NAME], *names[CLASSES_MAX], sorted[sizeof text] = "";
    int count = 0;
    snprintf(text, sizeof text, "%s", labels);
    for (char *at = strtok(text, ","); at && count < CLASSES_MAX;
         at = strtok(NULL, ",")) {
        names[count++] = at;
    }
    qsort(names, (size_t)count, sizeof *names, by_name);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(sorted);
        snprintf(
            sorted + length, sizeof sorted - length, "%s%s", i ? "," : "", names[i]);
    }
    add_order(a, "alphabetical", sorted, count);
}

static mien_status make_orders(against *a, const char *labels) {
    add_order(a, "as given", labels, 0);
    const order *given = &a->orders[0];
    int known = 0;
    for (int k = 0; k < given->count; k++) {
        known += given->of[k] >= 0;
    }
    if (known == 0) {
        return mien_fail(MIEN_EINVAL,
            "--against: none of the labels %s is a class of %s in the table", labels,
            a->target->name);
    }
    add_sorted(a, labels);
    for (int i = 0; i < mien_import_likes(); i++) {
        const mien_import_like *like = mien_import_like_at(i);
        add_order(a, like->name, like->classes, given->count);
    }
    return MIEN_OK;
}

/* ---- running
 * ------------------------------------------------------------------------- */

/* The settings without those of a list "order scale mean deviation", and others added.
 */
static void change_settings(const char *base, const char *colour, const char *scale,
    char *settings, size_t size) {
    size_t used = 0;
    settings[0] = 0;
    for (const char *at = base ? base : ""; *at;) {
        size_t length = strcspn(at, ";");
        while (*at == ' ') {
            at++;
            length--;
        }
        bool drop =
            (*colour && strncmp(at, "order=", 6) == 0) ||
            (*scale && (strncmp(at, "scale=", 6) == 0 || strncmp(at, "mean=", 5) == 0 ||
                           strncmp(at, "deviation=", 10) == 0));
        if (!drop && length > 0 && used + length + 3 < size) {
            used += (size_t)snprintf(settings + used, size - used, "%s%.*s",
                used ? "; " : "", (int)length, at);
        }
        at += length + (at[length] == ';');
    }
    snprintf(settings + used, size - used, "%s%s%s%s%s", used && *colour ? "; " : "",
        *colour ? "order=" : "", colour, (used || *colour) && *scale ? "; " : "",
        scale);
}

/* The likeliest class of the model's first target of classes; -1: it has none. */
static int choice_of(const mien_model *model, const float *values) {
    for (int t = 0; t < mien_model_targets_count(model); t++) {
        const mien_target *target = &mien_model_targets(model)[t];
        int best = 0;
        for (int k = 1; target->link != MIEN_LINK_VALUE && k < target->classes_count;
             k++) {
            best = values[k] > values[best] ? k : best;
        }
        if (target->link != MIEN_LINK_VALUE) {
            return best;
        }
        values += mien_target_width(target);
    }
    return -1;
}

/* What one model reads, and where. */
typedef struct reading {
    mien_model *model;
    mien_runner *runner;
    mien_reader *reader;
    mien_item_places places;
    void *kept;
    float *item, *values;
} reading;

static void reading_clear(reading *r) {
    mien_item_places_clear(&r->places);
    mien_reader_close(&r->reader);
    mien_runner_free(&r->runner);
    mien_model_close(&r->model);
    mien_free(r->kept);
    mien_free(r->item);
    mien_free(r->values);
}

static mien_status reading_open(
    cli *c, const against *a, const char *path, reading *r) {
    mien_runner_options o = mien_runner_options_default();
    o.threads = c->threads;
    mien_status status = mien_model_open(path, &r->model);
    if (status != MIEN_OK) {
        return status;
    }
    const mien_input *input = &mien_model_network(r->model)->architecture.inputs[0];
    status = mien_runner_new(r->model, &o, &r->runner);
    status = status ? status : mien_reader_open(input, NULL, &r->reader);
    status = status ? status
                    : mien_trials_places(a->trials, input, a->row, a->rows, &r->places);
    if (status == MIEN_OK) {
        r->kept = mien_alloc(mien_reader_bytes(r->reader), 1);
        r->item = mien_alloc((size_t)mien_item_values(&input->shape), sizeof *r->item);
        r->values = mien_alloc((size_t)mien_model_width(r->model), sizeof *r->values);
        status = r->kept && r->item && r->values ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

/* Fills in the answer of the model at path to every row, of the face where the table
 * says one is and the model reads such; -1 where that cannot be read. */
static mien_status say(cli *c, against *a, const char *path) {
    reading r = {0};
    mien_status status = reading_open(c, a, path, &r);
    for (int i = 0; status == MIEN_OK && i < a->rows; i++) {
        a->said[i] = -1;
        status = mien_reader_load(r.reader, &r.places.place[i], r.kept);
        status =
            status ? status : mien_reader_make(r.reader, r.kept, NULL, r.item, NULL);
        status = status ? status
                        : mien_runner_run_arrays(r.runner,
                              (const float *const[]){r.item}, NULL, 1, r.values, NULL);
        if (status == MIEN_OK) {
            a->said[i] = choice_of(r.model, r.values);
        } else if (status != MIEN_ENOMEM && status != MIEN_EINTERRUPTED) {
            status = MIEN_OK;
        }
    }
    reading_clear(&r);
    return status;
}

static void judge(against *a, const char *colour, const char *scale) {
    for (int k = 0; k < a->orders_count; k++) {
        way *w = &a->ways[a->ways_count++];
        const order *o = &a->orders[k];
        int right = 0;
        for (int i = 0; i < a->rows; i++) {
            int said = a->said[i];
            right += said >= 0 && said < o->count && o->of[said] == a->truth[i];
        }
        *w = (way){.labels = o,
            .accuracy = (double)right / a->rows,
            .given = k == 0 && colour == colours[0] && scale == scales[0].name};
        snprintf(w->colour, sizeof w->colour, "%s", colour);
        snprintf(w->scale, sizeof w->scale, "%s", scale);
    }
}

static mien_status run_way(cli *c, against *a, const char *path,
    const mien_import_options *how, const mien_import_contract *contract, int colour,
    int scale, const char *temporary) {
    char settings[1024], faces[1024];
    const char *colour_of = colour ? colours[colour] : "";
    mien_import_contract other = *contract;
    change_settings(contract->picture, colour_of, scales[scale].settings, settings,
        sizeof settings);
    other.picture = settings;
    if (contract->faces) {
        change_settings(
            contract->faces, colour_of, scales[scale].settings, faces, sizeof faces);
        other.faces = faces;
    }
    mien_status status = mien_import_model(path, how, &other, temporary);
    if (status == MIEN_OK) {
        status = say(c, a, temporary);
    }
    if (status == MIEN_OK) {
        judge(a, colours[colour], scales[scale].name);
    }
    return status;
}

/* ---- telling
 * ------------------------------------------------------------------------- */

static int by_accuracy(const void *a, const void *b) {
    const way *x = a, *y = b;
    if (x->accuracy != y->accuracy) {
        return x->accuracy < y->accuracy ? 1 : -1;
    }
    return (int)y->given - (int)x->given;
}

/* The contract holds unless another is better by more than two standard errors of the
 * difference could be. */
static mien_status tell(cli *c, against *a) {
    mien_string text;
    double given = 0;
    mien_string_init(&text);
    qsort(a->ways, (size_t)a->ways_count, sizeof *a->ways, by_accuracy);
    mien_string_addf(&text, "accuracy\tcolours\tvalues\tlabels\n");
    for (int i = 0; i < a->ways_count; i++) {
        const way *w = &a->ways[i];
        given = w->given ? w->accuracy : given;
        if (i < SHOWN || w->given) {
            mien_string_addf(&text, "%.4f\t%s\t%s\t%s%s\n", w->accuracy, w->colour,
                w->scale, w->labels->name, w->given ? "\t<- the contract" : "");
        }
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : cli_write(NULL, &text);
    mien_string_clear(&text);
    const way *best = &a->ways[0];
    double margin = 2 * sqrt(best->accuracy * (1 - best->accuracy) / a->rows);
    if (status == MIEN_OK && best->accuracy > given + margin) {
        mien_log(MIEN_LOG_WARN, "cli",
            "of %d pictures the contract has %.1f %% right, another %.1f %% (colours "
            "%s, "
            "values %s, labels %s): is the contract right?",
            a->rows, given * 100, best->accuracy * 100, best->colour, best->scale,
            best->labels->name);
    } else if (status == MIEN_OK) {
        cli_say(c, "of %d pictures the contract has %.1f %% right; no other is better",
            a->rows, given * 100);
    }
    return status;
}

mien_status cli_models_against(cli *c, const char *trials, const char *path,
    const mien_import_options *how, const mien_import_contract *contract,
    const char *output) {
    const mien_import_like *like = NULL;
    mien_import_contract whole = *contract;
    mien_string temporary;
    against *a = mien_alloc(1, sizeof *a);
    mien_string_init(&temporary);
    mien_status status = a ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && contract->like) {
        status = mien_import_like_find(contract->like, &like);
        whole.picture = whole.picture || !like ? whole.picture : like->picture;
        whole.classes = whole.classes || !like ? whole.classes : like->classes;
        whole.values = whole.values || !like ? whole.values : like->values;
        whole.faces = whole.faces && !*whole.faces ? like->faces : whole.faces;
    }
    if (status == MIEN_OK && !whole.classes) {
        status = mien_fail(MIEN_EINVAL, "--against judges classes: name them with "
                                        "--classes, or a network with --like");
    }
    status = status ? status : mien_trials_open(trials, &a->trials);
    status = status ? status : choose_target(a, whole.target);
    status = status ? status : choose_rows(a);
    status = status ? status : make_orders(a, whole.classes);
    if (status == MIEN_OK && !whole.faces && has_regions(a)) {
        mien_log(MIEN_LOG_WARN, "cli",
            "--against: the table says where faces are (x, y, w, h), and without "
            "--faces whole pictures are taken");
    }
    mien_string_addf(&temporary, "%s.against.safetensors", output);
    status = status ? status : mien_string_status(&temporary);
    for (int colour = 0; status == MIEN_OK && colour < COLOURS; colour++) {
        for (int scale = 0; status == MIEN_OK && scale < SCALES; scale++) {
            status = run_way(c, a, path, how, &whole, colour, scale, temporary.text);
        }
    }
    status = status ? status : tell(c, a);
    if (temporary.text) {
        unlink(temporary.text);
    }
    if (a) {
        mien_trials_close(&a->trials);
    }
    mien_free(a);
    mien_string_clear(&temporary);
    return status;
}
