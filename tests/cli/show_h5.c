/* SPDX-License-Identifier: MIT */
/* show_h5 FILE: every data set as a line "name [shape] values…" (the first eight), then
 * its attributes as "name@attribute value" (the first text of a list), for facts to
 * look at. show_h5 ARRAY ARRAY: how near their first rows are. */
#include "mien/io.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_attributes(mien_hdf5 *file, const char *object) {
    char **names = NULL, **texts = NULL;
    int64_t count = 0, n = 0;
    mien_tensor *number = NULL;
    if (mien_hdf5_attributes(file, object, &names, &count) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        if (mien_hdf5_texts(file, object, names[i], &texts, &n) == MIEN_OK) {
            printf(
                "%s@%s %s (%lld)\n", object, names[i], n ? texts[0] : "", (long long)n);
            mien_names_free(&texts, n);
        } else if (mien_hdf5_numbers(file, object, names[i], &number) == MIEN_OK) {
            printf("%s@%s %.9g\n", object, names[i], ((const double *)number->data)[0]);
            mien_tensor_free(&number);
        }
    }
    mien_names_free(&names, count);
}

static void show_values(const mien_tensor *t) {
    mien_tensor *wide = NULL;
    int64_t count = mien_tensor_count(t);
    if (mien_tensor_convert(t, MIEN_F64, &wide) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < count && i < 8; i++) {
        printf(" %.9g", ((const double *)wide->data)[i]);
    }
    mien_tensor_free(&wide);
}

/* "cosine C difference D": how near the first rows of two arrays are, the difference as
 * a share of the largest value. */
static int compare(const char *one, const char *two) {
    const char *paths[] = {one, two};
    mien_tensor *wide[2] = {NULL};
    double products[3] = {0}, largest = 0, most = 0;
    int64_t widths[2] = {0};
    for (int k = 0; k < 2; k++) {
        mien_array *array = NULL;
        mien_tensor *row = NULL;
        if (mien_array_open(paths[k], &array) != MIEN_OK) {
            fprintf(stderr, "show_h5: %s\n", mien_error());
            return 1;
        }
        const int rank = mien_array_rank(array);
        widths[k] = rank == 1 ? mien_array_shape(array)[0] : mien_array_width(array);
        const int64_t shape[] = {widths[k]};
        if (mien_tensor_new(MIEN_F32, 1, shape, &row) != MIEN_OK ||
            mien_array_read(array, 0, rank == 1 ? widths[k] : 1, row->data) !=
                MIEN_OK ||
            mien_tensor_convert(row, MIEN_F64, &wide[k]) != MIEN_OK) {
            fprintf(stderr, "show_h5: %s\n", mien_error());
            return 1;
        }
        mien_tensor_free(&row);
        mien_array_close(&array);
    }
    for (int64_t i = 0; i < widths[0] && widths[0] == widths[1]; i++) {
        const double a = ((double *)wide[0]->data)[i], b = ((double *)wide[1]->data)[i];
        products[0] += a * a;
        products[1] += b * b;
        products[2] += a * b;
        largest = fabs(b) > largest ? fabs(b) : largest;
        most = fabs(a - b) > most ? fabs(a - b) : most;
    }
    printf("%lld values, cosine %.8f difference %.3g\n", (long long)widths[0],
        products[2] / sqrt(products[0] * products[1]), most / largest);
    mien_tensor_free(&wide[0]);
    mien_tensor_free(&wide[1]);
    return 0;
}

int main(int argc, char **argv) {
    mien_hdf5 *file = NULL;
    char group[256] = "", shown[256] = "";
    if (argc == 3) {
        return compare(argv[1], argv[2]);
    }
    if (argc != 2 || mien_hdf5_open(argv[1], &file) != MIEN_OK) {
        fprintf(stderr, "show_h5: %s\n", mien_error());
        return 1;
    }
    show_attributes(file, "");
    for (int64_t i = 0; i < mien_hdf5_count(file); i++) {
        mien_tensor *tensor = NULL;
        char shape[96];
        if (mien_hdf5_load(file, i, &tensor) != MIEN_OK) {
            fprintf(stderr, "show_h5: %s\n", mien_error());
            return 1;
        }
        const char *slash = strrchr(mien_hdf5_name(file, i), '/');
        snprintf(group, sizeof group, "%.*s",
            slash ? (int)(slash - mien_hdf5_name(file, i)) : 0,
            mien_hdf5_name(file, i));
        if (strcmp(group, shown) != 0) {
            show_attributes(file, group);
            strcpy(shown, group);
        }
        printf("%s %s", mien_hdf5_name(file, i),
            mien_shape_text(tensor->rank, tensor->shape, shape, sizeof shape));
        show_values(tensor);
        putchar('\n');
        show_attributes(file, mien_hdf5_name(file, i));
        mien_tensor_free(&tensor);
    }
    mien_hdf5_close(&file);
    return 0;
}
