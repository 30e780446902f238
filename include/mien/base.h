/* SPDX-License-Identifier: MIT */
/* Status codes, log, memory, strings, options, random numbers, threads: what every
 * room stands on.
 *
 * Calls that can fail return a status; mien_error() has the words. A pointer may be
 * NULL only where the comment of its function says so: else a function that returns a
 * status gives MIEN_EINVAL and names the argument, and others return 0, -1 where that
 * means "none", false, NULL or NaN, or do nothing. Freeing or closing NULL is fine.
 *
 *     mien_string text;
 *     mien_string_init(&text);
 *     mien_status status = mien_string_addf(&text, "%d rows", 3);
 *     double value = 0;
 *     if (status == MIEN_OK && !mien_parse_number("0.25", &value)) {
 *         status = mien_fail(MIEN_EFORMAT, "%s: no number", text.text);
 *     }
 *     if (status != MIEN_OK) {
 *         mien_log(MIEN_LOG_WARN, "example", "%s", mien_error());
 *     }
 *     mien_string_clear(&text);
 */
#ifndef MIEN_BASE_H
#define MIEN_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mien/version.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MIEN_API __attribute__((visibility("default")))
#define MIEN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define MIEN_API
#define MIEN_PRINTF(fmt, args)
#endif

/** The version of the library that runs: MIEN_VERSION is that of the header. */
MIEN_API const char *mien_version(void);

/* ---- status ------------------------------------------------------------------- */

/** The result of a call that can fail: 0 good, negative bad. Outputs are untouched on
 * failure; mien_error() has the words. */
typedef enum mien_status {
    MIEN_OK = 0,
    MIEN_EINVAL = -1,       /**< an argument or option the caller got wrong */
    MIEN_ENOMEM = -2,       /**< out of memory */
    MIEN_EIO = -3,          /**< the operating system refused (missing, full, denied) */
    MIEN_EFORMAT = -4,      /**< the bytes are not what they should be */
    MIEN_ESHAPE = -5,       /**< shapes or types do not fit together */
    MIEN_ENOTFOUND = -6,    /**< no such name, row, column, model */
    MIEN_EUNSUPPORTED = -7, /**< well-formed, but not something we do */
    MIEN_ELIMIT = -8,       /**< larger than the documented limit */
    MIEN_EINTERRUPTED = -9, /**< stopped by the user */
    MIEN_EVERIFY = -10,     /**< a hash, contract or golden vector does not match */
    MIEN_ENETWORK = -11,    /**< a download failed */
    MIEN_EINTERNAL = -12,   /**< a library failed in a way that is our fault */
    MIEN_END = -13,         /**< no more items (streams); not a failure */
    MIEN_ENUMBER = -14      /**< a computed number is infinite or not a number */
} mien_status;

/** Short fixed name of a status ("format error"); never NULL. */
MIEN_API const char *mien_status_name(mien_status status);

/** Sets the calling thread's error text and returns `status`. Truncates at 4095 bytes.
 */
MIEN_API mien_status mien_fail(mien_status status, const char *format, ...)
    MIEN_PRINTF(2, 3);

/** Puts "prefix: " before the calling thread's error text and returns `status`: for a
 * caller that knows the file or row which the failing function did not. */
MIEN_API mien_status mien_fail_in(mien_status status, const char *format, ...)
    MIEN_PRINTF(2, 3);

/** Text of the last failure on the calling thread; "" if none. Valid until the thread's
 * next failing call. */
MIEN_API const char *mien_error(void);

/* ---- log ---------------------------------------------------------------------- */

typedef enum mien_log_level {
    MIEN_LOG_ERROR,
    MIEN_LOG_WARN,
    MIEN_LOG_INFO,
    MIEN_LOG_DEBUG
} mien_log_level;

/** Receives every message the library writes; may be called from any thread. */
typedef void mien_log_sink(
    void *context, mien_log_level level, const char *room, const char *text);

/** Replaces the sink (default: WARN and above to stderr). NULL silences. Call it before
 * other threads use the library. */
MIEN_API void mien_log_set(mien_log_sink *sink, void *context);
MIEN_API void mien_log(mien_log_level level, const char *room, const char *format, ...)
    MIEN_PRINTF(3, 4);

/* ---- memory ------------------------------------------------------------------- */

/** Zeroed, 64-byte aligned room for count × size bytes; NULL (with error text) on
 * overflow or exhaustion. count × size = 0 gives a unique pointer. Freed with
 * mien_free(). */
MIEN_API void *mien_alloc(size_t count, size_t size);
/** Grows or shrinks to count × size bytes keeping the common part (old_count of them);
 * new bytes are zero. NULL on failure: the old block stays. */
MIEN_API void *mien_realloc(void *old, size_t old_count, size_t count, size_t size);
MIEN_API void mien_free(void *memory);
/** Number of mien_alloc()/mien_realloc() calls of this process so far: tests compare.
 */
MIEN_API uint64_t mien_alloc_count(void);
/** For tests: the n-th allocation from now on fails (1 = the next); 0 turns it off. */
MIEN_API void mien_alloc_fail_at(uint64_t n);

/** Memory freed all at once. One thread at a time. */
typedef struct mien_arena mien_arena;
MIEN_API mien_status mien_arena_new(size_t block_size, mien_arena **arena);
/** Zeroed, 64-byte aligned; lives until mien_arena_free(); NULL when out of memory. */
MIEN_API void *mien_arena_alloc(mien_arena *arena, size_t count, size_t size);
MIEN_API char *mien_arena_strdup(mien_arena *arena, const char *text);
MIEN_API void mien_arena_free(mien_arena **arena);

/* ---- strings ------------------------------------------------------------------ */

/** A growing, always 0-terminated text. Start with mien_string_init(). After a failed
 * append `failed` stays true and later appends do nothing: check once at the end. */
typedef struct mien_string {
    char *text; /**< never NULL after init */
    size_t length;
    size_t capacity;
    bool failed;
} mien_string;

MIEN_API void mien_string_init(mien_string *s);
MIEN_API void mien_string_clear(mien_string *s);
MIEN_API void mien_string_empty(mien_string *s);
MIEN_API mien_status mien_string_add(mien_string *s, const char *text);
/** Adds text as it can be shown on a terminal: control characters (of C0 but for tab
 * and line break, delete, C1) and bytes that are no UTF-8 become \xHH. */
MIEN_API mien_status mien_string_add_shown(mien_string *s, const char *text);
MIEN_API mien_status mien_string_add_n(mien_string *s, const char *bytes, size_t count);
MIEN_API mien_status mien_string_addf(mien_string *s, const char *format, ...)
    MIEN_PRINTF(2, 3);
/** MIEN_OK, or MIEN_ENOMEM if any append failed. */
MIEN_API mien_status mien_string_status(const mien_string *s);
/** Gives the text to the caller (mien_free()) and empties s; NULL if it had failed. */
MIEN_API char *mien_string_take(mien_string *s);

MIEN_API char *mien_strdup(const char *text);
MIEN_API char *mien_strndup(const char *text, size_t count);
/** "directory/name", or name alone if it is absolute or directory is "" or NULL. */
MIEN_API char *mien_path_join(const char *directory, const char *name);
/** New string: directory part of a path ("." if none). */
MIEN_API char *mien_path_directory(const char *path);
/** Points into path, after the last slash. */
MIEN_API const char *mien_path_base(const char *path);
/** Points at the last extension without its dot, "" if none ("a/b.tar.gz" → "gz"). */
MIEN_API const char *mien_path_extension(const char *path);
/** Orders like people do: "Dog 2" before "Dog 10". */
MIEN_API int mien_natural_compare(const char *a, const char *b);
/** Smallest edit distance between two names (insert, delete, replace, swap). */
MIEN_API int mien_edit_distance(const char *a, const char *b);
/** Parses the whole text as a number (C locale). False on anything left over, or on
 * nothing. Reads "nan" and "inf" too. */
MIEN_API bool mien_parse_number(const char *text, double *value);
MIEN_API bool mien_parse_int(const char *text, int64_t *value);
/** Shortest decimal that reads back as the same double (or float): at most 25 bytes
 * with the 0; "nan", "inf", "-inf". C locale. Returns buffer. */
MIEN_API char *mien_format_double(double value, char buffer[32]);
MIEN_API char *mien_format_float(float value, char buffer[32]);

/* ---- options: one table for parsing, checking, help, man pages ---------------- */

typedef enum mien_option_type {
    MIEN_OPTION_FLAG,    /**< present or not; `--no-name` turns it off */
    MIEN_OPTION_INT,     /**< int64_t */
    MIEN_OPTION_NUMBER,  /**< double */
    MIEN_OPTION_TEXT,    /**< const char * */
    MIEN_OPTION_CHOICE,  /**< const char *, one of choices */
    MIEN_OPTION_SECONDS, /**< double; "0.2s", "200ms", "1.5", "2min" */
    MIEN_OPTION_LIST     /**< given any number of times; the texts joined by newlines */
} mien_option_type;

/** One key. A table ends with a row whose name is NULL. */
typedef struct mien_option {
    const char *name; /**< "every", "threads": lower case, words joined with - */
    mien_option_type type;
    const char *initial;        /**< default as text; NULL: none (absent) */
    double minimum, maximum;    /**< for numbers; both 0: no bound */
    const char *const *choices; /**< NULL-ended, for CHOICE */
    const char *metavar;        /**< "N", "FILE"; NULL: from the type */
    const char *help;           /**< one sentence without its final full stop */
    char letter;                /**< short form, 0: none */
} mien_option;

/** Parsed values of one table (given values, else defaults). */
typedef struct mien_options mien_options;

MIEN_API mien_status mien_options_new(const mien_option *table, mien_options **options);
MIEN_API void mien_options_free(mien_options **options);
/** The same values of the same table, independent of those it was copied from. */
MIEN_API mien_status mien_options_copy(
    const mien_options *from, mien_options **options);
/** Sets one key from text; MIEN_EINVAL names the key, the value and what is allowed; an
 * unknown key also names the nearest right one. `where` ("file:3", or NULL) starts the
 * text. */
MIEN_API mien_status mien_options_set(
    mien_options *options, const char *where, const char *name, const char *value);
/** Takes back what was given for a key: a list is empty, anything else its default. */
MIEN_API mien_status mien_options_clear(mien_options *options, const char *name);
/** Parses argv[0..argc): options anywhere, "--" ends them; the rest are put, in order,
 * in positional (room for argc; lent from argv) and counted. */
MIEN_API mien_status mien_options_parse(mien_options *options, int argc,
    char *const *argv, const char **positional, int *positional_count);
MIEN_API bool mien_options_given(const mien_options *options, const char *name);
MIEN_API bool mien_options_flag(const mien_options *options, const char *name);
MIEN_API int64_t mien_options_int(const mien_options *options, const char *name);
MIEN_API double mien_options_number(const mien_options *options, const char *name);
/** Lent until the key is set again; NULL if absent. Asking for a name that is not in
 * the table is our own mistake (assert). */
MIEN_API const char *mien_options_text(const mien_options *options, const char *name);

/* ---- random numbers ----------------------------------------------------------- */

/** NumPy's legacy generator (MT19937 seeded by init_genrand): same seed, same draws as
 * numpy.random.RandomState(seed). Plain struct, copied freely. */
typedef struct mien_random {
    uint32_t state[624];
    int position;
    bool has_normal;
    double normal;
} mien_random;

MIEN_API void mien_random_init(mien_random *random, uint32_t seed);
MIEN_API uint32_t mien_random_word(mien_random *random);
/** Uniform in [0, 1), 53 bits: RandomState.random_sample(). */
MIEN_API double mien_random_uniform(mien_random *random);
/** Uniform integer in [0, maximum], masked rejection as NumPy's shuffle draws it; low +
 * interval(high − 1 − low) is RandomState.randint(low, high). */
MIEN_API uint64_t mien_random_interval(mien_random *random, uint64_t maximum);
/** Standard normal: RandomState.standard_normal() (polar Box–Muller with a spare). */
MIEN_API double mien_random_normal(mien_random *random);
/** RandomState.shuffle() of order[0..n). */
MIEN_API void mien_random_shuffle(mien_random *random, int64_t *order, int64_t n);
/** RandomState.permutation(n). */
MIEN_API void mien_random_permutation(mien_random *random, int64_t *order, int64_t n);
/** RandomState.choice(n, count, replace): out [count] in [0, n). MIEN_EINVAL if there
 * is nothing to choose from, or fewer than count without replacement. */
MIEN_API mien_status mien_random_choice(
    mien_random *random, int64_t n, int64_t count, bool replace, int64_t *out);

/** A small stream of its own for each (seed, a, b): the same numbers whatever the
 * threads do (splitmix64 seeding xoshiro256**). */
typedef struct mien_stream {
    uint64_t s[4];
} mien_stream;
MIEN_API void mien_stream_init(mien_stream *s, uint64_t seed, uint64_t a, uint64_t b);
MIEN_API uint64_t mien_stream_word(mien_stream *s);
MIEN_API double mien_stream_uniform(mien_stream *s); /**< [0, 1) */

/* ---- threads ------------------------------------------------------------------ */

/** Processors this process may use. */
MIEN_API int mien_cpu_count(void);

/** A pool of workers for loops; passed in, never global. One caller at a time. */
typedef struct mien_thread_pool mien_thread_pool;
/** threads ≥ 1 counts the caller; 1 makes no thread at all. */
MIEN_API mien_status mien_thread_pool_new(int threads, mien_thread_pool **pool);
MIEN_API void mien_thread_pool_free(mien_thread_pool **pool);
MIEN_API int mien_thread_pool_threads(const mien_thread_pool *pool);
/** Does item `index` (worker in [0, threads) names the thread, for scratch of its own).
 */
typedef mien_status mien_thread_pool_work(void *context, int64_t index, int worker);
/** Runs work for every index in [0, count), in any order; waits; after a failure starts
 * no further item. Returns the failure of the lowest failed index, its text handed to
 * the calling thread. pool may be NULL: the caller does all. */
MIEN_API mien_status mien_thread_pool_run(
    mien_thread_pool *pool, int64_t count, mien_thread_pool_work *work, void *context);

/** One background thread, and a lock with a condition, for producers and consumers. */
typedef struct mien_thread mien_thread;
MIEN_API mien_status mien_thread_new(
    mien_status (*run)(void *context), void *context, mien_thread **thread);
/** Waits for its end, frees it, returns its status (its error text handed over). */
MIEN_API mien_status mien_thread_join(mien_thread **thread);
typedef struct mien_lock mien_lock;
MIEN_API mien_status mien_lock_new(mien_lock **lock);
MIEN_API void mien_lock_free(mien_lock **lock);
MIEN_API void mien_lock_take(mien_lock *lock);
MIEN_API void mien_lock_give(mien_lock *lock);
/** Waits for mien_lock_wake(), giving the taken lock meanwhile; may wake spuriously. */
MIEN_API void mien_lock_wait(mien_lock *lock);
MIEN_API void mien_lock_wake(mien_lock *lock);

/** The process's one turn for outside libraries that only one thread may be in at a
 * time. */
MIEN_API void mien_serial_take(void);
MIEN_API void mien_serial_give(void);

/** Asks long work to stop: safe in a signal handler. Long loops ask
 * mien_interrupted() and return MIEN_EINTERRUPTED. */
MIEN_API void mien_interrupt(void);
MIEN_API bool mien_interrupted(void);
MIEN_API void mien_interrupt_clear(void);

/** Monotonic seconds, for timing only. */
MIEN_API double mien_clock_s(void);
/** Largest resident memory of this process so far, bytes. */
MIEN_API int64_t mien_peak_memory(void);

#ifdef __cplusplus
}
#endif

#endif
