/* SPDX-License-Identifier: MIT */
/* One loop compiled twice: for any processor, and with wider vectors for those that
 * have them. No multiply-add is fused in either, so both give the same bits. */
#ifndef MIEN_TRAIN_WIDE_H
#define MIEN_TRAIN_WIDE_H

#if defined(__GNUC__)
#define MIEN_WIDE_BODY static inline __attribute__((always_inline))
#else
#define MIEN_WIDE_BODY static inline
#endif

/** Defines void name(parameters), which calls name_body(arguments), a MIEN_WIDE_BODY,
 * compiled for the processor it runs on. linkage: static, or nothing. */
#if defined(__x86_64__)
#define MIEN_WIDE(linkage, name, parameters, arguments)                                \
    __attribute__((target("avx2"))) static void name##_avx2 parameters {               \
        name##_body arguments;                                                         \
    }                                                                                  \
    linkage void name parameters {                                                     \
        if (__builtin_cpu_supports("avx2")) {                                          \
            name##_avx2 arguments;                                                     \
        } else {                                                                       \
            name##_body arguments;                                                     \
        }                                                                              \
    }
#else
#define MIEN_WIDE(linkage, name, parameters, arguments)                                \
    linkage void name parameters {                                                     \
        name##_body arguments;                                                         \
    }
#endif

#endif
