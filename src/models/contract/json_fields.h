/* SPDX-License-Identifier: MIT */
/* Keys of a contract, written and read one by one. */
#ifndef MIEN_MODELS_JSON_FIELDS_H
#define MIEN_MODELS_JSON_FIELDS_H

#include "mien/io.h"

/** A map under construction: after a failure the rest do nothing. */
typedef struct mien_maker {
    mien_value *value;
    mien_status status;
} mien_maker;
mien_maker mien_maker_new(void);
/** item NULL is a failure, so makers nest. */
void mien_maker_set(mien_maker *m, const char *key, mien_value *item);
/** The finished map, NULL if anything had failed. */
mien_value *mien_maker_take(mien_maker *m);
mien_value *mien_maker_numbers(const double *numbers, int count);

/** Keys being read: the first that is missing or wrong sets status, and the error text
 * names it. */
typedef struct mien_json_fields {
    mien_status status;
} mien_json_fields;
void mien_json_field_bad(mien_json_fields *r, const char *key, const char *allowed);
void mien_json_field_text(mien_json_fields *r, const mien_value *map, const char *key,
    char *out, size_t size);
int64_t mien_json_field_int(mien_json_fields *r, const mien_value *map, const char *key,
    int64_t low, int64_t high);
bool mien_json_field_bool(mien_json_fields *r, const mien_value *map, const char *key);
double mien_json_field_number(
    mien_json_fields *r, const mien_value *map, const char *key);
void mien_json_field_numbers(mien_json_fields *r, const mien_value *map,
    const char *key, double *out, int count);

#endif
