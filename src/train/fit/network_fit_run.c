/* SPDX-License-Identifier: MIT */
/* The loop: steps of an epoch, judging it, what is kept in the end. */
#include <math.h>
#include <string.h>

#include "mien/eval.h"
#include "train/smoothing.h"
#include "train/fit/network_fit_parts.h"

enum { BLAMED_MAX = 48 };

/* ---- targets of a batch -------------------------------------------------------- */

static float share_of(const mien_dataset_target *t, int64_t row, int64_t c) {
    return t->shares ? t->shares[row * t->from->classes + c]
                     : (float)(t->label[row] == (int)c);
}

static void gather_classes(const mien_dataset_target *t, const mien_fit_batch *b,
    float *values, int32_t *classes, mien_loss_batch *batch) {
    int64_t k = t->from->classes;
    if (!t->shares && !b->mixed) {
        for (int64_t i = 0; i < b->n; i++) {
            classes[i] = t->label[b->rows[i]];
        }
        batch->classes = classes;
        return;
    }
    for (int64_t i = 0; i < b->n; i++) {
        for (int64_t c = 0; c < k; c++) {
            float own = share_of(t, b->rows[i], c);
            if (b->mixed) {
                float other = share_of(t, b->rows[b->partner[i]], c);
                own = (float)(b->weight[i] * (double)own +
                              (1 - b->weight[i]) * (double)other);
            }
            values[i * k + c] = own;
        }
    }
    batch->values = values;
}

static void gather_numbers(const mien_dataset_target *t, const mien_fit_batch *b,
    float *values, mien_loss_batch *batch) {
    for (int64_t i = 0; i < b->n; i++) {
        values[i] = t->normal[b->rows[i]];
        if (b->mixed) {
            double other = (double)t->normal[b->rows[b->partner[i]]];
            values[i] =
                (float)(b->weight[i] * (double)values[i] + (1 - b->weight[i]) * other);
        }
    }
    batch->values = values;
}

/* Weighs the rows of a batch by whether they have the target. Mixup: a mixed row
 * counts only if both of its sources have it. */
static void gather_weights(
    const mien_dataset_target *t, const mien_fit_batch *b, float *weight) {
    for (int64_t i = 0; i < b->n; i++) {
        weight[i] = mien_dataset_has(t, b->rows[i]) &&
                    (!b->mixed || mien_dataset_has(t, b->rows[b->partner[i]]));
    }
}

/* outputs [n, all outputs] to an array for each target, with its truth. */
static void gather(const mien_network_fit *t, mien_network_fit_rows *rows,
    const float *outputs, const mien_fit_batch *b, mien_loss_batch *batches) {
    const mien_dataset *c = t->setup.dataset;
    for (int k = 0; k < c->targets; k++) {
        const mien_dataset_target *target = &c->target[k];
        int64_t width = mien_target_outputs(&target->target);
        for (int64_t i = 0; i < b->n; i++) {
            memcpy(rows->prediction[k] + i * width,
                outputs + i * c->outputs + target->output,
                (size_t)width * sizeof(float));
        }
        batches[k] = (mien_loss_batch){.rows = b->n, .prediction = rows->prediction[k]};
        if (c->masked) {
            gather_weights(target, b, rows->weight[k]);
            batches[k].row_weights = rows->weight[k];
        }
        if (target->label) {
            gather_classes(target, b, rows->values[k], rows->classes[k], &batches[k]);
        } else {
            gather_numbers(target, b, rows->values[k], &batches[k]);
        }
    }
}

static void scatter(const mien_network_fit *t, const mien_network_fit_rows *rows,
    int64_t n, float *gradient) {
    const mien_dataset *c = t->setup.dataset;
    for (int k = 0; k < c->targets; k++) {
        int64_t width = mien_target_outputs(&c->target[k].target);
        for (int64_t i = 0; i < n; i++) {
            memcpy(gradient + i * c->outputs + c->target[k].output,
                rows->gradient[k] + i * width, (size_t)width * sizeof(float));
        }
    }
}

/* ---- a step -------------------------------------------------------------------- */

static void make_stale(mien_network_fit *t) {
    for (int i = 0; i < MIEN_PLANS; i++) {
        t->stale[i] = true;
    }
}

static mien_status freshen(mien_network_fit *t, int which) {
    mien_status status = MIEN_OK;
    if (t->stale[which]) {
        status = mien_plan_refresh(t->plan[which]);
        t->stale[which] = status != MIEN_OK;
    }
    return status;
}

/* The trainables read the gradients of the plan that ran. */
static void point_at(mien_network_fit *t, int which) {
    for (int64_t i = 0; i < t->learned; i++) {
        const mien_tensor *g = mien_plan_gradient(t->plan[which], t->parameter_of[i]);
        t->trainables->row[i].gradient = g->data;
    }
}

static int64_t seed_of(const mien_network_fit *t) {
    return mien_options_int(t->setup.study->options, "seed");
}

static uint64_t steps_so_far(const mien_network_fit *t) {
    return (uint64_t)t->at[MIEN_AT_EPOCH] * (uint64_t)t->steps +
           (uint64_t)t->at[MIEN_AT_STEP];
}

/* Loss and gradients at the weights as they are. pass: 1 for the second of a
 * sharpness-aware step. */
static mien_status propagate(mien_network_fit *t, int which, const mien_fit_batch *b,
    uint64_t pass, double *loss) {
    mien_plan *plan = t->plan[which];
    mien_loss_batch batches[MIEN_TARGETS_MAX];
    mien_status status = freshen(t, which);
    if (status == MIEN_OK) {
        mien_plan_seed(plan, (uint64_t)seed_of(t), 2 * steps_so_far(t) + pass);
        status = mien_plan_run(plan);
    }
    if (status != MIEN_OK) {
        return status;
    }
    gather(t, &t->batch_rows, mien_plan_output(plan, 0)->data, b, batches);
    status = mien_multitask_compute(
        t->multitask, batches, loss, NULL, t->batch_rows.gradient);
    if (status == MIEN_OK) {
        scatter(t, &t->batch_rows, b->n, mien_plan_output_gradient(plan, 0));
        status = mien_plan_backward(plan);
    }
    return status;
}

static mien_status descend(mien_network_fit *t, int which, const mien_fit_batch *b,
    const mien_pace *pace, double *loss) {
    double second;
    mien_status status = propagate(t, which, b, 0, loss);
    if (status != MIEN_OK || !t->sam) {
        return status == MIEN_OK ? mien_optimiser_step(t->optimiser, pace) : status;
    }
    status = mien_sam_perturb(t->sam);
    if (status == MIEN_OK) {
        make_stale(t);
        status = propagate(t, which, b, 1, &second);
        if (status != MIEN_OK) {
            mien_sam_restore(t->sam);
        }
    }
    return status == MIEN_OK ? mien_sam_step(t->sam, t->optimiser, pace) : status;
}

/* Where it happened, and with what: enough to find the rows. */
static mien_status blame(
    const mien_network_fit *t, mien_status status, const mien_fit_batch *b) {
    mien_string ids;
    mien_string_init(&ids);
    for (int64_t i = 0; i < b->n && i < BLAMED_MAX; i++) {
        mien_string_addf(&ids, "%s%s", i ? ", " : "",
            mien_trials_id(
                t->setup.dataset->trials, t->setup.dataset->row[b->rows[i]]));
    }
    if (b->n > BLAMED_MAX) {
        mien_string_addf(&ids, " and %lld more", (long long)(b->n - BLAMED_MAX));
    }
    if (mien_string_status(&ids) == MIEN_OK) {
        status = mien_fail_in(status,
            "fold %d, seed %lld, epoch %lld, step %lld (trials %s)", t->setup.fold,
            (long long)seed_of(t), (long long)t->at[MIEN_AT_EPOCH],
            (long long)t->at[MIEN_AT_STEP], ids.text);
    }
    mien_string_clear(&ids);
    return status;
}

static bool averages_steps(const mien_network_fit *t) {
    const mien_options *o = t->setup.study->options;
    return t->average &&
           strcmp(mien_options_text(o, "average.rule"), "decaying") == 0 &&
           t->at[MIEN_AT_EPOCH] >= (double)mien_options_int(o, "average.from");
}

static bool averages_epochs(const mien_network_fit *t) {
    const mien_options *o = t->setup.study->options;
    return t->average && strcmp(mien_options_text(o, "average.rule"), "mean") == 0 &&
           t->at[MIEN_AT_EPOCH] >= (double)mien_options_int(o, "average.from");
}

/* Zeros for the parts of an item that a row may not see. */
static void hide_parts(
    const mien_network_fit *t, int m, int64_t row, int64_t epoch, float *to) {
    const mien_dataset_input *in = &t->setup.dataset->input[m];
    uint32_t hidden = mien_columns_hidden_parts(&t->inputs, m, row, epoch) |
                      mien_columns_change_rows(t->inputs.change, m);
    int64_t each = in->width / in->input.shape.size[0];
    for (int64_t k = 0; hidden && k < in->input.shape.size[0]; k++) {
        if (hidden >> k & 1) {
            memset(to + k * each, 0, (size_t)each * sizeof *to);
        }
    }
}

/* Copies what was loaded of input m, of each segment of a row; zeros where a row may
 * not see it, and beyond the ends of its group. What turned out to be missing when it
 * was read is so in the mask as well. */
static void copy_loaded(const mien_network_fit *t, mien_plan *plan, int m,
    const mien_fit_batch *b, int64_t epoch, float *mask) {
    const mien_dataset *c = t->setup.dataset;
    int64_t width = c->input[m].width, steps = c->input[m].input.shape.steps;
    int64_t count = b->n * c->segments;
    float *to = mien_plan_input(plan, t->net.inputs[m]);
    bool hides =
        t->inputs.dropout > 0 || (t->inputs.change && t->inputs.change->hidden);
    for (int64_t at = 0; mask && steps == 1 && at < count; at++) {
        mask[at * c->inputs + m] *= b->seen[m][at];
    }
    if (!to) {
        return;
    }
    memcpy(to, b->values[m], (size_t)(count * width) * sizeof *to);
    for (int64_t at = 0; at < count; at++) {
        int64_t row = b->rows[at / c->segments];
        if (mien_dataset_at(c, b->rows, at) < 0 ||
            (hides && mien_columns_hides(&t->inputs, m, row, epoch))) {
            memset(to + at * width, 0, (size_t)width * sizeof *to);
        } else if (t->inputs.parts[m] > 0 ||
                   mien_columns_change_rows(t->inputs.change, m)) {
            hide_parts(t, m, row, epoch, to + at * width);
        }
    }
}

/* Tables and masks are mixed as the loader has mixed what it loaded. */
static mien_status mix_tables(
    const mien_fit_batch *b, const mien_column_parts *parts, int inputs, float *mask) {
    mien_status status = MIEN_OK;
    for (int m = 0; status == MIEN_OK && m < inputs; m++) {
        for (int k = 0; status == MIEN_OK && k < parts[m].count; k++) {
            if (parts[m].to[k]) {
                status = mien_augment_mix(b->n, parts[m].width[k], b->partner,
                    b->weight, NULL, parts[m].to[k]);
            }
        }
    }
    return status == MIEN_OK && mask
               ? mien_augment_mix(b->n, inputs, b->partner, b->weight, NULL, mask)
               : status;
}

mien_status mien_network_fit_put(
    mien_network_fit *t, mien_plan *plan, const mien_fit_batch *b, int64_t epoch) {
    const mien_dataset *c = t->setup.dataset;
    mien_column_parts parts[MIEN_INPUTS_MAX];
    float *mask = t->net.mask >= 0 ? mien_plan_input(plan, t->net.mask) : NULL;
    mien_net_parts(&t->net, &t->inputs, t->setup.whole, plan, parts);
    mien_columns_fill(&t->inputs, b->rows, b->n, epoch, parts, mask);
    for (int m = 0; m < c->inputs; m++) {
        if (b->values[m]) {
            copy_loaded(t, plan, m, b, epoch, mask);
        }
    }
    return b->mixed ? mix_tables(b, parts, c->inputs, mask) : MIEN_OK;
}

/* Whether the class of a row is the one that its outputs choose. */
static bool is_right(
    const mien_dataset_target *target, int64_t row, const float *outputs) {
    float shares[MIEN_CLASSES_MAX];
    double probability[MIEN_CLASSES_MAX];
    mien_target_read(&target->target, outputs, shares);
    for (int64_t c = 0; c < target->from->classes; c++) {
        probability[c] = (double)shares[c];
    }
    return mien_target_choose(&target->target, probability) == target->label[row];
}

/* The share of right answers in a batch as it was trained on, the mean over targets
 * of classes; 0 where there is none, or rows are mixed. */
static double share_right(const mien_network_fit *t, const mien_fit_batch *b) {
    const mien_dataset *c = t->setup.dataset;
    double sum = 0;
    int targets = 0;
    for (int k = 0; k < c->targets && !b->mixed; k++) {
        const mien_dataset_target *target = &c->target[k];
        int64_t outputs = mien_target_outputs(&target->target), right = 0, n = 0;
        for (int64_t i = 0; target->label && i < b->n; i++) {
            if (mien_dataset_has(target, b->rows[i])) {
                right += is_right(
                    target, b->rows[i], t->batch_rows.prediction[k] + i * outputs);
                n++;
            }
        }
        sum += n ? (double)right / (double)n : 0;
        targets += n > 0;
    }
    return targets ? sum / targets : 0;
}

static mien_status step(mien_network_fit *t, const mien_fit_batch *b, double *loss) {
    int which = b->n == t->batch ? MIEN_PLAN_BATCH : MIEN_PLAN_REST;
    mien_pace pace = mien_scheduler_at(t->scheduler, (int64_t)steps_so_far(t));
    mien_status status =
        mien_network_fit_put(t, t->plan[which], b, (int64_t)t->at[MIEN_AT_EPOCH]);
    point_at(t, which);
    if (status == MIEN_OK) {
        status = descend(t, which, b, &pace, loss);
    }
    make_stale(t);
    if (status != MIEN_OK) {
        return status == MIEN_ENUMBER || status == MIEN_EINVAL
                   ? blame(t, MIEN_ENUMBER, b)
                   : status;
    }
    if (averages_steps(t)) {
        status = mien_network_fit_average_add(t);
    }
    t->at[MIEN_AT_LOSS] += *loss * (double)b->n;
    t->at[MIEN_AT_ROWS] += (double)b->n;
    t->at[MIEN_AT_NORM] += mien_optimiser_norm(t->optimiser);
    t->at[MIEN_AT_RIGHT] += t->watches[0] ? share_right(t, b) : 0;
    t->at[MIEN_AT_RATE] = pace.rate;
    t->at[MIEN_AT_STEP]++;
    return status;
}

/* ---- judging ------------------------------------------------------------------- */

/* Outputs of rows, as when predicting, or as in training: then count is whole batches.
 */
static mien_status infer_rows(mien_network_fit *t, const int64_t *rows, int64_t count,
    int64_t wanted, float *outputs) {
    mien_batches_pass pass = {.rows = rows, .count = count, .change = t->inputs.change};
    mien_plan *plan = t->plan[MIEN_PLAN_JUDGE];
    const int64_t width = t->setup.dataset->outputs;
    mien_status status = freshen(t, MIEN_PLAN_JUDGE);
    mien_plan_seed(plan, ~(uint64_t)seed_of(t), steps_so_far(t) << 20);
    if (status == MIEN_OK) {
        status = mien_batches_start(t->setup.feed, &pass);
    }
    for (int64_t done = 0; status == MIEN_OK && done < count;) {
        mien_fit_batch b;
        status = mien_batches_next(t->setup.feed, &b);
        if (status == MIEN_OK) {
            status = mien_network_fit_put(t, plan, &b, -1);
        }
        if (status == MIEN_OK) {
            status = mien_plan_run(plan);
        }
        if (status == MIEN_OK) {
            int64_t n = b.n < wanted - done ? b.n : wanted - done;
            memcpy(outputs + done * width, mien_plan_output(plan, 0)->data,
                (size_t)(n * width) * sizeof(float));
            done += b.n;
        }
    }
    return status;
}

/* A network in training mode sees whole batches: the last is filled up with the first
 * rows, whose second outputs are thrown away. */
static mien_status infer(
    mien_network_fit *t, const int64_t *rows, int64_t count, float *outputs) {
    int64_t whole = (count + t->batch - 1) / t->batch * t->batch;
    if (!mien_network_fit_judges_training(t) || whole == count) {
        return infer_rows(t, rows, count, count, outputs);
    }
    int64_t *filled = mien_alloc((size_t)whole, sizeof *filled);
    for (int64_t i = 0; filled && i < whole; i++) {
        filled[i] = rows[i % count];
    }
    mien_status status =
        filled ? infer_rows(t, filled, whole, count, outputs) : MIEN_ENOMEM;
    mien_free(filled);
    return status;
}

/* r of numbers, accuracy of classes, of the rows that have the target; 0 where it is
 * undefined. */
static double metric_of(const mien_network_fit *t, int index, const int64_t *rows,
    int64_t count, double *truth, double *guess) {
    const mien_dataset_target *target = &t->setup.dataset->target[index];
    const float *prediction = t->judged_rows.prediction[index];
    int64_t outputs = mien_target_outputs(&target->target), n = 0, right = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t row = rows[i];
        if (!mien_dataset_has(target, row)) {
            continue;
        }
        if (target->value) {
            truth[n] = (double)target->normal[row];
            guess[n] = (double)prediction[i];
        } else {
            right += is_right(target, row, prediction + i * outputs);
        }
        n++;
    }
    const mien_pairs pairs = {n, truth, guess, NULL};
    double metric = target->label ? (double)right / (double)n
                                  : mien_metric_value(mien_metric_find("r"), &pairs);
    return isfinite(metric) ? metric : 0;
}

static mien_status judge(
    mien_network_fit *t, const int64_t *rows, int64_t n, double *loss, double *metric) {
    mien_loss_batch batches[MIEN_TARGETS_MAX];
    double *room = mien_alloc(2 * (size_t)n, sizeof *room), sum = 0;
    mien_status status = room ? infer(t, rows, n, t->outputs) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        mien_fit_batch b = {.n = n, .rows = rows};
        gather(t, &t->judged_rows, t->outputs, &b, batches);
        status = mien_multitask_compute(t->multitask, batches, loss, NULL, NULL);
        if (status != MIEN_OK) {
            status = mien_fail_in(status, "fold %d, epoch %lld, judged rows",
                t->setup.fold, (long long)t->at[MIEN_AT_EPOCH]);
        }
    }
    for (int i = 0; status == MIEN_OK && i < t->setup.dataset->targets; i++) {
        sum += metric_of(t, i, rows, n, room, room + n);
    }
    *metric = sum / t->setup.dataset->targets;
    mien_free(room);
    return status;
}

static void copy_best(mien_network_fit *t, bool back) {
    for (int64_t i = 0; i < mien_parameters_count(t->net.parameters); i++) {
        mien_tensor *tensor = mien_parameters_at(t->net.parameters, i);
        if (t->best[i]) {
            memcpy(back ? tensor->data : t->best[i], back ? t->best[i] : tensor->data,
                mien_tensor_bytes(tensor));
        }
    }
}

/* With averages in their place, where there are any yet. */
static mien_status swap_averages(mien_network_fit *t, bool *swapped) {
    if (!t->average ||
        t->at[MIEN_AT_EPOCH] <
            (double)mien_options_int(t->setup.study->options, "average.from")) {
        return MIEN_OK;
    }
    mien_status status = mien_network_fit_average_swap(t);
    *swapped = status == MIEN_OK;
    make_stale(t);
    return status;
}

static mien_status validate(
    mien_network_fit *t, mien_network_fit_epoch *e, mien_verdict *verdict) {
    bool swapped = false;
    mien_status status = swap_averages(t, &swapped);
    if (status == MIEN_OK) {
        status = judge(
            t, t->validation, t->validation_count, &e->loss_validation, &e->metric);
    }
    if (status == MIEN_OK) {
        status = mien_stopping_tell(&t->stopping,
            t->stopping.options.higher ? e->metric : e->loss_validation, verdict);
    }
    if (status == MIEN_OK && verdict->best && t->keeps) {
        copy_best(t, false);
        t->at[MIEN_AT_KEPT] = t->at[MIEN_AT_EPOCH];
    }
    if (swapped) {
        mien_status back = mien_network_fit_average_swap(t);
        make_stale(t);
        status = status == MIEN_OK ? back : status;
    }
    return status;
}

/* ---- an epoch ------------------------------------------------------------------ */

static mien_status end_epoch(
    mien_network_fit *t, mien_network_fit_epoch *e, mien_verdict *verdict) {
    *e = (mien_network_fit_epoch){
        .loss_train = t->at[MIEN_AT_LOSS] / t->at[MIEN_AT_ROWS],
        .loss_validation = (double)NAN,
        .metric = (double)NAN,
        .rate = t->at[MIEN_AT_RATE],
        .norm = t->at[MIEN_AT_NORM] / (double)t->steps,
        .accuracy_train =
            t->watches[0] ? t->at[MIEN_AT_RIGHT] / (double)t->steps : (double)NAN,
        .metric_test = (double)NAN};
    mien_status status = MIEN_OK;
    /* once, though it may be interrupted and come here again */
    if (averages_epochs(t) && !t->at[MIEN_AT_AVERAGED]) {
        status = mien_network_fit_average_add(t);
        t->at[MIEN_AT_AVERAGED] = 1;
    }
    if (status == MIEN_OK && t->validation_count) {
        status = validate(t, e, verdict);
    }
    if (status == MIEN_OK && t->watches[1]) {
        double loss; /* the rows choose nothing: they are only told */
        status = judge(t, t->test, t->test_count, &loss, &e->metric_test);
    }
    if (status == MIEN_OK && mien_scheduler_listens(t->scheduler)) {
        status = mien_scheduler_tell(
            t->scheduler, t->validation_count ? e->loss_validation : e->loss_train);
    }
    if (status != MIEN_OK) {
        return status;
    }
    const double row[MIEN_NETWORK_FIT_COLUMNS] = {e->loss_train, e->loss_validation,
        e->metric, e->rate, e->norm, e->accuracy_train, e->metric_test};
    memcpy(t->history + (int64_t)t->at[MIEN_AT_EPOCH] * MIEN_NETWORK_FIT_COLUMNS, row,
        sizeof row);
    t->at[MIEN_AT_EPOCH]++;
    t->at[MIEN_AT_STEP] = t->at[MIEN_AT_LOSS] = t->at[MIEN_AT_ROWS] = 0;
    t->at[MIEN_AT_NORM] = t->at[MIEN_AT_AVERAGED] = t->at[MIEN_AT_RIGHT] = 0;
    t->at[MIEN_AT_STOPPED] = verdict->stop;
    return MIEN_OK;
}

static mien_status start_epoch(mien_network_fit *t) {
    int64_t epoch = (int64_t)t->at[MIEN_AT_EPOCH];
    const int64_t *drawn = mien_sampling_draw(t->sampling, epoch);
    for (int64_t i = 0; i < t->order_count; i++) {
        t->order[i] = t->train[drawn[i]];
    }
    mien_batches_pass pass = {.rows = t->order,
        .count = t->order_count,
        .epoch = epoch,
        .first = (int64_t)t->at[MIEN_AT_STEP],
        .augment = true};
    return mien_batches_start(t->setup.feed, &pass);
}

static mien_status save(const mien_network_fit_hooks *h, bool epoch_end, bool urgent) {
    return h->save ? h->save(h->context, epoch_end, urgent) : MIEN_OK;
}

/* Saves the state that was reached, and stops. */
static mien_status give_up(const mien_network_fit_hooks *h) {
    mien_status status = save(h, false, true);
    return status == MIEN_OK ? mien_fail(MIEN_EINTERRUPTED, "interrupted") : status;
}

static mien_status one_step(mien_network_fit *t, const mien_network_fit_hooks *h) {
    mien_fit_batch b;
    double loss = 0;
    mien_network_fit_moment moment = {.fold = t->setup.fold,
        .seed = seed_of(t),
        .epoch = (int64_t)t->at[MIEN_AT_EPOCH],
        .step = (int64_t)t->at[MIEN_AT_STEP],
        .steps = t->steps};
    mien_status status = mien_batches_next(t->setup.feed, &b);
    if (status == MIEN_OK) {
        status = step(t, &b, &loss);
    }
    if (status == MIEN_OK && h->step) {
        moment.loss = loss;
        moment.rate = t->at[MIEN_AT_RATE];
        moment.norm = mien_optimiser_norm(t->optimiser);
        moment.idle = mien_batches_idle(t->setup.feed);
        status = h->step(h->context, &moment);
    }
    return status == MIEN_OK ? save(h, false, false) : status;
}

static mien_status run_epoch(mien_network_fit *t, const mien_network_fit_hooks *h) {
    mien_network_fit_epoch result;
    mien_verdict verdict = {0};
    mien_network_fit_moment moment = {.fold = t->setup.fold,
        .seed = seed_of(t),
        .epoch = (int64_t)t->at[MIEN_AT_EPOCH],
        .step = t->steps - 1,
        .steps = t->steps};
    bool steps_left = t->at[MIEN_AT_STEP] < (double)t->steps;
    mien_status status = steps_left ? start_epoch(t) : MIEN_OK;
    while (status == MIEN_OK && t->at[MIEN_AT_STEP] < (double)t->steps) {
        status = mien_interrupted() ? MIEN_EINTERRUPTED : one_step(t, h);
    }
    moment.idle = steps_left ? mien_batches_idle(t->setup.feed) : 0;
    if (status == MIEN_OK) {
        status = end_epoch(t, &result, &verdict);
    }
    if (status == MIEN_EINTERRUPTED) {
        return give_up(h);
    }
    if (status == MIEN_OK && h->epoch) {
        moment.loss = result.loss_train;
        moment.rate = result.rate;
        moment.norm = result.norm;
        moment.result = &result;
        moment.best = verdict.best;
        status = h->epoch(h->context, &moment);
    }
    return status == MIEN_OK ? save(h, true, false) : status;
}

/* ---- the end ------------------------------------------------------------------- */

/* Predicted rows [count, width] of the dataset's rows. */
static mien_status predict(
    mien_network_fit *t, const int64_t *rows, int64_t count, float *predictions) {
    const mien_dataset *c = t->setup.dataset;
    mien_status status = count ? infer(t, rows, count, t->outputs) : MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        for (int k = 0; k < c->targets; k++) {
            const mien_dataset_target *target = &c->target[k];
            mien_target_read(&target->target,
                t->outputs + i * c->outputs + target->output,
                predictions + i * c->width + target->place);
        }
    }
    return status;
}

/* How much each target is smoothed is chosen on rows that are not tested: those that
 * validate, or else those it was trained on. */
static mien_status choose_smoothing(mien_network_fit *t) {
    const mien_dataset *c = t->setup.dataset;
    bool validates = t->validation_count > 0;
    mien_smoothing_rows r = {.rows = validates ? t->validation : t->train,
        .count = validates ? t->validation_count : t->train_count,
        .stride = c->width};
    float *values = mien_alloc((size_t)(r.count * c->width), sizeof *values);
    mien_status status = values ? predict(t, r.rows, r.count, values) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < c->targets; k++) {
        r.values = values + c->target[k].place;
        if (c->target[k].value) {
            status = mien_smoothing_choose(
                c, t->setup.study, c->target[k].value, &r, &t->smooth[k]);
        }
    }
    mien_free(values);
    return status;
}

/* Tested rows, as was chosen. */
static mien_status smooth_rows(mien_network_fit *t, float *predictions) {
    const mien_dataset *c = t->setup.dataset;
    mien_smoothing_rows r = {
        .rows = t->test, .count = t->test_count, .stride = c->width};
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < c->targets; k++) {
        r.values = predictions + c->target[k].place;
        if (c->target[k].value) {
            status = mien_smoothing_run(c, t->setup.study, t->smooth[k], &r);
        }
    }
    return status;
}

static mien_status smooth(mien_network_fit *t) {
    mien_status status = choose_smoothing(t);
    memcpy(t->unsmoothed, t->predictions,
        (size_t)(t->test_count * t->setup.dataset->width) * sizeof *t->predictions);
    return status == MIEN_OK ? smooth_rows(t, t->predictions) : status;
}

mien_status mien_network_fit_predict(
    mien_network_fit *fit, const mien_columns_change *change, float *predictions) {
    mien_network_fit *t = fit;
    mien_status status = MIEN_OK;
    if (change && change->hidden && !change->masked) {
        status = mien_columns_stand_in(&t->inputs, t->train, t->train_count);
    }
    t->inputs.change = change;
    if (status == MIEN_OK) {
        status = predict(t, t->test, t->test_count, predictions);
    }
    t->inputs.change = NULL;
    return status == MIEN_OK && t->unsmoothed ? smooth_rows(t, predictions) : status;
}

static mien_status check_finite(const mien_network_fit *t) {
    int64_t count = t->test_count * t->setup.dataset->width;
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(t->predictions[i])) {
            return mien_fail(MIEN_ENUMBER,
                "fold %d: the prediction of trial %s is no finite number",
                t->setup.fold,
                mien_trials_id(t->setup.dataset->trials,
                    t->setup.dataset->row[t->test[i / t->setup.dataset->width]]));
        }
    }
    return MIEN_OK;
}

/* The weights that are kept come first: an interrupt while predicting leaves the
 * checkpoint before, from which this is done again. */
static mien_status finish(mien_network_fit *t, const mien_network_fit_hooks *h) {
    bool swapped = false;
    mien_status status = MIEN_OK;
    if (t->keeps && t->at[MIEN_AT_KEPT] >= 0) {
        copy_best(t, true);
    } else {
        t->at[MIEN_AT_EPOCH]--; /* averages count by the epoch that was last */
        status = swap_averages(t, &swapped);
        t->at[MIEN_AT_EPOCH]++;
    }
    make_stale(t);
    if (status == MIEN_OK) {
        status = predict(t, t->test, t->test_count, t->predictions);
    }
    if (status == MIEN_OK) {
        status = check_finite(t);
    }
    if (status == MIEN_OK && t->validated) {
        status = predict(t, t->validation, t->validation_count, t->validated);
    }
    if (status == MIEN_OK && t->unsmoothed) {
        status = smooth(t);
    }
    if (status != MIEN_OK) {
        return status;
    }
    t->at[MIEN_AT_DONE] = 1;
    return save(h, false, true);
}

mien_status mien_network_fit_run(
    mien_network_fit *fit, const mien_network_fit_hooks *hooks) {
    static const mien_network_fit_hooks silent = {0};
    mien_network_fit *t = fit;
    const mien_network_fit_hooks *h = hooks ? hooks : &silent;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && !mien_network_fit_done(t) && !t->at[MIEN_AT_STOPPED] &&
           t->at[MIEN_AT_EPOCH] < (double)t->epochs) {
        status = run_epoch(t, h);
    }
    return status == MIEN_OK && !mien_network_fit_done(t) ? finish(t, h) : status;
}
