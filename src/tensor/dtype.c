/* SPDX-License-Identifier: MIT */
/* Sizes and names of value types, and their way to and from double. */
#include "tensor/dtype.h"

#include <math.h>
#include <string.h>

size_t mien_dtype_size(mien_dtype dtype) {
    static const size_t sizes[MIEN_DTYPES] = {
        [MIEN_F32] = 4,
        [MIEN_F64] = 8,
        [MIEN_F16] = 2,
        [MIEN_BF16] = 2,
        [MIEN_I8] = 1,
        [MIEN_U8] = 1,
        [MIEN_I16] = 2,
        [MIEN_U16] = 2,
        [MIEN_I32] = 4,
        [MIEN_I64] = 8,
        [MIEN_BOOL] = 1,
    };
    return (unsigned)dtype < MIEN_DTYPES ? sizes[dtype] : 0;
}

const char *mien_dtype_name(mien_dtype dtype) {
    static const char *const names[MIEN_DTYPES] = {
        [MIEN_F32] = "f32",
        [MIEN_F64] = "f64",
        [MIEN_F16] = "f16",
        [MIEN_BF16] = "bf16",
        [MIEN_I8] = "i8",
        [MIEN_U8] = "u8",
        [MIEN_I16] = "i16",
        [MIEN_U16] = "u16",
        [MIEN_I32] = "i32",
        [MIEN_I64] = "i64",
        [MIEN_BOOL] = "bool",
    };
    return (unsigned)dtype < MIEN_DTYPES ? names[dtype] : "unknown";
}

bool mien_dtype_is_integer(mien_dtype dtype) {
    return dtype >= MIEN_I8 && dtype <= MIEN_BOOL;
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double double_of_half(uint16_t h) {
    return (double)mien_float_of_half(h);
}

static double double_of_bfloat(uint16_t b) {
    return (double)float_of_bits((uint32_t)b << 16);
}

/* A 16-bit float with `mantissa` bits and exponent bias `bias`, rounded once from
 * double. The mantissa's leading 1 counts into the exponent field, so that rounding up
 * carries by itself. */
static uint16_t small_of_double(double x, int mantissa, int bias) {
    uint32_t sign = signbit(x) ? 0x8000 : 0;
    uint32_t infinity = (uint32_t)(2 * bias + 1) << mantissa;
    if (isnan(x)) {
        return (uint16_t)(sign | infinity | 1U << (mantissa - 1));
    }
    if (isinf(x)) {
        return (uint16_t)(sign | infinity);
    }
    int exponent;
    frexp(x, &exponent);
    exponent = x == 0 || exponent - 1 < 1 - bias ? 1 - bias : exponent - 1;
    if (exponent > bias) {
        return (uint16_t)(sign | infinity);
    }
    uint32_t digits = (uint32_t)nearbyint(ldexp(fabs(x), mantissa - exponent));
    uint32_t bits = ((uint32_t)(exponent + bias - 1) << mantissa) + digits;
    return (uint16_t)(sign | bits);
}

static double clamp(double x, double low, double high) {
    if (isnan(x)) {
        return 0;
    }
    return x < low ? low : x > high ? high : nearbyint(x);
}

/* 2^63 itself is no int64, and the largest double below it is far from INT64_MAX. */
static int64_t clamp_i64(double x) {
    if (isnan(x)) {
        return 0;
    }
    return x >= 0x1p63 ? INT64_MAX : x < -0x1p63 ? INT64_MIN : (int64_t)nearbyint(x);
}

#define LOAD(type, expression)                                                         \
    {                                                                                  \
        const type *from = (const type *)data + first;                                 \
        for (int64_t i = 0; i < count; i++) {                                          \
            values[i] = expression;                                                    \
        }                                                                              \
        return;                                                                        \
    }
#define STORE(type, expression)                                                        \
    {                                                                                  \
        type *to = (type *)data + first;                                               \
        for (int64_t i = 0; i < count; i++) {                                          \
            to[i] = (type)(expression);                                                \
        }                                                                              \
        return;                                                                        \
    }

void mien_dtype_load(
    mien_dtype dtype, const void *data, int64_t first, int64_t count, double *values) {
    switch (dtype) {
    case MIEN_F32:
        LOAD(float, (double)from[i])
    case MIEN_F64:
        LOAD(double, from[i])
    case MIEN_F16:
        LOAD(uint16_t, double_of_half(from[i]))
    case MIEN_BF16:
        LOAD(uint16_t, double_of_bfloat(from[i]))
    case MIEN_I8:
        LOAD(int8_t, from[i])
    case MIEN_U8:
        LOAD(uint8_t, from[i])
    case MIEN_I16:
        LOAD(int16_t, from[i])
    case MIEN_U16:
        LOAD(uint16_t, from[i])
    case MIEN_I32:
        LOAD(int32_t, from[i])
    case MIEN_I64:
        LOAD(int64_t, (double)from[i])
    case MIEN_BOOL:
        LOAD(uint8_t, from[i] != 0)
    case MIEN_DTYPES:
        return;
    }
}

void mien_dtype_store(
    mien_dtype dtype, const double *values, int64_t first, int64_t count, void *data) {
    switch (dtype) {
    case MIEN_F32:
        STORE(float, values[i])
    case MIEN_F64:
        STORE(double, values[i])
    case MIEN_F16:
        STORE(uint16_t, small_of_double(values[i], 10, 15))
    case MIEN_BF16:
        STORE(uint16_t, small_of_double(values[i], 7, 127))
    case MIEN_I8:
        STORE(int8_t, clamp(values[i], INT8_MIN, INT8_MAX))
    case MIEN_U8:
        STORE(uint8_t, clamp(values[i], 0, UINT8_MAX))
    case MIEN_I16:
        STORE(int16_t, clamp(values[i], INT16_MIN, INT16_MAX))
    case MIEN_U16:
        STORE(uint16_t, clamp(values[i], 0, UINT16_MAX))
    case MIEN_I32:
        STORE(int32_t, clamp(values[i], INT32_MIN, INT32_MAX))
    case MIEN_I64:
        STORE(int64_t, clamp_i64(values[i]))
    case MIEN_BOOL:
        STORE(uint8_t, values[i] != 0)
    case MIEN_DTYPES:
        return;
    }
}

void mien_dtype_load_integers(
    mien_dtype dtype, const void *data, int64_t first, int64_t count, int64_t *values) {
    switch (dtype) {
    case MIEN_I8:
        LOAD(int8_t, from[i])
    case MIEN_U8:
        LOAD(uint8_t, from[i])
    case MIEN_I16:
        LOAD(int16_t, from[i])
    case MIEN_U16:
        LOAD(uint16_t, from[i])
    case MIEN_I32:
        LOAD(int32_t, from[i])
    case MIEN_I64:
        LOAD(int64_t, from[i])
    case MIEN_BOOL:
        LOAD(uint8_t, from[i] != 0)
    default:
        return;
    }
}

static int64_t within(int64_t x, int64_t low, int64_t high) {
    return x < low ? low : x > high ? high : x;
}

void mien_dtype_store_integers(
    mien_dtype dtype, const int64_t *values, int64_t first, int64_t count, void *data) {
    switch (dtype) {
    case MIEN_I8:
        STORE(int8_t, within(values[i], INT8_MIN, INT8_MAX))
    case MIEN_U8:
        STORE(uint8_t, within(values[i], 0, UINT8_MAX))
    case MIEN_I16:
        STORE(int16_t, within(values[i], INT16_MIN, INT16_MAX))
    case MIEN_U16:
        STORE(uint16_t, within(values[i], 0, UINT16_MAX))
    case MIEN_I32:
        STORE(int32_t, within(values[i], INT32_MIN, INT32_MAX))
    case MIEN_I64:
        STORE(int64_t, values[i])
    case MIEN_BOOL:
        STORE(uint8_t, values[i] != 0)
    default:
        return;
    }
}
