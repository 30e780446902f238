/* SPDX-License-Identifier: MIT */
/* Reading of inputs that fit into memory (rows of features), by the threads that run
 * the network: each takes a desk with readers of its own, fills its share of a batch
 * and gives the desk back. pass.c calls this. */
#include "predict/desks.h"

#include <string.h>

struct mien_desks {
    const mien_architecture *architecture;
    int64_t steps;
    mien_lock *lock;
    mien_desk *free; /* those that nobody has */
};

static void desk_free(mien_desk *desk) {
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        mien_reader_close(&desk->reader[i]);
        mien_free(desk->kept[i]);
    }
    mien_free(desk->wanted);
    mien_free(desk->seen);
    mien_free(desk);
}

static mien_status desk_new(const mien_desks *desks, mien_desk **desk) {
    const mien_architecture *a = desks->architecture;
    mien_desk *d = mien_alloc(1, sizeof *d);
    if (!d) {
        return MIEN_ENOMEM;
    }
    d->wanted = mien_alloc((size_t)desks->steps, sizeof *d->wanted);
    d->seen = mien_alloc((size_t)desks->steps, sizeof *d->seen);
    mien_status status = d->wanted && d->seen ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        if (mien_source_decodes(&a->inputs[i])) {
            continue;
        }
        status = mien_reader_open(&a->inputs[i], NULL, &d->reader[i]);
        if (status == MIEN_OK) {
            d->kept[i] = mien_alloc(mien_reader_bytes(d->reader[i]), 1);
            status = d->kept[i] ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    if (status != MIEN_OK) {
        desk_free(d);
        return status;
    }
    *desk = d;
    return MIEN_OK;
}

mien_status mien_desks_new(
    const mien_architecture *architecture, int64_t steps, mien_desks **desks) {
    mien_desks *d = mien_alloc(1, sizeof *d);
    if (!d) {
        return MIEN_ENOMEM;
    }
    *d = (mien_desks){.architecture = architecture, .steps = steps};
    mien_status status = mien_lock_new(&d->lock);
    if (status != MIEN_OK) {
        mien_free(d);
        return status;
    }
    *desks = d;
    return MIEN_OK;
}

void mien_desks_free(mien_desks **desks) {
    if (!desks || !*desks) {
        return;
    }
    for (mien_desk *d = (*desks)->free, *next; d; d = next) {
        next = d->next;
        desk_free(d);
    }
    mien_lock_free(&(*desks)->lock);
    mien_free(*desks);
    *desks = NULL;
}

mien_status mien_desks_take(mien_desks *desks, mien_desk **desk) {
    mien_lock_take(desks->lock);
    mien_desk *found = desks->free;
    desks->free = found ? found->next : NULL;
    mien_lock_give(desks->lock);
    *desk = found;
    return found ? MIEN_OK : desk_new(desks, desk);
}

void mien_desks_give(mien_desks *desks, mien_desk *desk) {
    if (!desk) {
        return;
    }
    mien_lock_take(desks->lock);
    desk->next = desks->free;
    desks->free = desk;
    mien_lock_give(desks->lock);
}

/* ---- reading -------------------------------------------------------------------- */

/* How many of the wanted from k on are rows that follow each other in one file. */
static int64_t count_rows(const mien_wanted *wanted, int64_t k, int64_t steps) {
    const mien_place *first = wanted[k].place;
    int64_t count = 1;
    while (first && first->row >= 0 && k + count < steps && wanted[k + count].place &&
           wanted[k + count].place->row == first->row + count &&
           (wanted[k + count].place->file == first->file ||
               strcmp(wanted[k + count].place->file, first->file) == 0)) {
        count++;
    }
    return count;
}

static bool read_rows(
    mien_desk *d, int index, int64_t k, int64_t count, float *values) {
    mien_wanted *w = d->wanted + k;
    if (count < 2 || mien_reader_load_rows(d->reader[index], w->place, count, values,
                         d->seen) != MIEN_OK) {
        return false;
    }
    for (int64_t r = 0; r < count; r++) {
        w[r].status = d->seen[r] != 0 ? MIEN_OK : MIEN_END;
    }
    return true;
}

static mien_status read_one(
    mien_desk *d, int index, const mien_place *place, float *values, float *seen) {
    if (!place || !place->file) {
        return MIEN_END;
    }
    mien_status status = mien_reader_load(d->reader[index], place, d->kept[index]);
    return status == MIEN_OK
               ? mien_reader_make(d->reader[index], d->kept[index], NULL, values, seen)
               : status;
}

/* Sets missing inputs to zeros that are not seen. */
static void clear_missing(const mien_wanted *wanted, const mien_item_shape *shape,
    int64_t steps, float *values, float *seen) {
    int64_t each = mien_item_values(shape);
    for (int64_t k = 0; k < steps; k++) {
        if (seen && shape->steps == 1) {
            seen[k] = wanted[k].status == MIEN_OK;
        }
        if (wanted[k].status != MIEN_OK) {
            memset(values + k * each, 0, (size_t)each * sizeof *values);
            for (int64_t s = 0; seen && s < shape->steps; s++) {
                seen[k * shape->steps + s] = 0;
            }
        }
    }
}

mien_status mien_desk_read(mien_desk *desk, const mien_input *input, int index,
    int64_t steps, float *values, float *seen, mien_desk_failure *failure,
    void *context) {
    int64_t each = mien_item_values(&input->shape), mask = input->shape.steps;
    mien_wanted *w = desk->wanted;
    for (int64_t k = 0, count = 1; k < steps; k += count) {
        count = mask == 1 ? count_rows(w, k, steps) : 1;
        if (read_rows(desk, index, k, count, values + k * each)) {
            continue;
        }
        for (int64_t r = k; r < k + count; r++) {
            w[r].status = read_one(desk, index, w[r].place, values + r * each,
                seen ? seen + r * mask : NULL);
            if (w[r].status == MIEN_ENOMEM || w[r].status == MIEN_EINTERRUPTED) {
                return w[r].status;
            }
            if (w[r].status != MIEN_OK && w[r].status != MIEN_END) {
                failure(context, r, w[r].status);
            }
        }
    }
    clear_missing(w, &input->shape, steps, values, seen);
    return MIEN_OK;
}
