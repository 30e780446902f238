/* SPDX-License-Identifier: MIT */
/* One file over HTTP(S), continued where an earlier try broke off. libcurl is loaded
 * with the first of them: with what it stands on it costs 5 ms of every start. */
#include "models/weights/download.h"

/* functions are called through pointers, which its checking macros cannot */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/library.h"

#define BYTES_MAX ((curl_off_t)4 << 30)
#define TRIES_WITHOUT_A_BYTE 4
#define CONNECT_S 20L
#define STALLED_S 30L
#define HTTP_PARTIAL 206
#define HTTP_PAST_THE_END 416

/* One pointer a function, named and typed like it. */
typedef struct library {
#define X(kind, name) __typeof__(name) *name;
#include "models/weights/curl.def"
#undef X
} library;

static const mien_symbol symbols[] = {
#define X(kind, name) {#name, offsetof(library, name)},
#include "models/weights/curl.def"
#undef X
};

typedef struct transfer {
    library lib;
    CURL *curl;
    const char *url, *part;
    int file;
    int64_t start; /* bytes of part before this try */
    int64_t done;  /* bytes of part */
    bool begun;    /* the answer's first bytes have come */
    int error;     /* errno of a write that failed */
    mien_pull_progress *progress;
    void *context;
} transfer;

/* A server that sends the whole file although asked for its rest starts it anew. */
static bool begin(transfer *t) {
    long code = 0;
    t->lib.curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code != HTTP_PARTIAL && t->start > 0) {
        if (ftruncate(t->file, 0) != 0) {
            t->error = errno;
            return false;
        }
        t->start = t->done = 0;
    }
    t->begun = true;
    return true;
}

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    transfer *t = context;
    size_t total = size * count, written = 0;
    if (!t->begun && !begin(t)) {
        return 0;
    }
    while (written < total) {
        ssize_t got = write(t->file, bytes + written, total - written);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            t->error = got < 0 ? errno : EIO;
            return 0;
        }
        written += (size_t)got;
        t->done += got;
    }
    return t->done <= BYTES_MAX ? total : 0;
}

static int tell(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
    curl_off_t up) {
    transfer *t = context;
    (void)now;
    (void)up_total;
    (void)up;
    if (t->progress && t->begun) {
        t->progress(t->context, t->done, total > 0 ? t->start + total : 0);
    }
    return mien_interrupted() ? 1 : 0;
}

static void set_up(transfer *t, char *error) {
    CURL *c = t->curl;
    t->lib.curl_easy_setopt(c, CURLOPT_URL, t->url);
    t->lib.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    t->lib.curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    t->lib.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    t->lib.curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
    t->lib.curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    t->lib.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    t->lib.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    t->lib.curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    t->lib.curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALLED_S);
    t->lib.curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, BYTES_MAX);
    t->lib.curl_easy_setopt(c, CURLOPT_USERAGENT, "mien/" MIEN_VERSION);
    t->lib.curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    t->lib.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    t->lib.curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    t->lib.curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    t->lib.curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, tell);
    t->lib.curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
}

static CURLcode try_once(transfer *t) {
    char range[32];
    t->begun = false;
    t->start = t->done;
    if (t->start > 0) {
        snprintf(range, sizeof range, "%" PRId64 "-", t->start);
    }
    t->lib.curl_easy_setopt(t->curl, CURLOPT_RANGE, t->start > 0 ? range : NULL);
    return t->lib.curl_easy_perform(t->curl);
}

/* Is the connection to blame, so that another try may do better? */
static bool may_pass(CURLcode code) {
    return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
           code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
           code == CURLE_OPERATION_TIMEDOUT || code == CURLE_HTTP2 ||
           code == CURLE_HTTP2_STREAM;
}

static void pause_before(int try) {
    struct timespec pause = { 0, 100000000L << (try < 3 ? try : 3) };
    nanosleep(&pause, NULL);
}

static mien_status verdict(const transfer *t, CURLcode code, const char *error) {
    long http = 0;
    t->lib.curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
    if (code == CURLE_OK) {
        return MIEN_OK;
    }
    if (code == CURLE_HTTP_RETURNED_ERROR && http == HTTP_PAST_THE_END &&
        t->start > 0) {
        return MIEN_OK; /* all of it was there; its hash will tell */
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        return mien_fail(MIEN_EINTERRUPTED,
            "interrupted; %" PRId64 " bytes are kept in %s and will be continued",
            t->done, t->part);
    }
    if (t->error != 0) {
        return mien_fail(MIEN_EIO, "%s: %s", t->part, strerror(t->error));
    }
    return mien_fail(MIEN_ENETWORK, "%s: %s", t->url,
        error[0] ? error : t->lib.curl_easy_strerror(code));
}

static mien_status run(transfer *t) {
    char error[CURL_ERROR_SIZE] = "";
    CURLcode code = CURLE_OK;
    set_up(t, error);
    for (int try = 0; try < TRIES_WITHOUT_A_BYTE && !mien_interrupted(); try++) {
        int64_t before = t->done;
        code = try_once(t);
        if (!may_pass(code)) {
            break;
        }
        mien_log(MIEN_LOG_INFO, "models", "%s: %s; trying again", t->url, error);
        if (t->done > before) {
            try = 0;
        }
        pause_before(try);
    }
    code = mien_interrupted() && code != CURLE_OK ? CURLE_ABORTED_BY_CALLBACK : code;
    mien_status status = verdict(t, code, error);
    if (status == MIEN_OK && fsync(t->file) != 0 && errno != EINVAL) {
        status = mien_fail(MIEN_EIO, "%s: %s", t->part, strerror(errno));
    }
    return status;
}

static mien_status open_part(transfer *t) {
    t->file =
        open(t->part, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (t->file < 0) {
        return mien_fail(MIEN_EIO, "%s: %s", t->part, strerror(errno));
    }
    if (flock(t->file, LOCK_EX | LOCK_NB) != 0) {
        return mien_fail(MIEN_EIO, "%s: another process is fetching it", t->part);
    }
    off_t end = lseek(t->file, 0, SEEK_END);
    t->done = end > 0 ? end : 0;
    return MIEN_OK;
}

mien_status mien_download(
    const char *url, const char *part, mien_pull_progress *progress, void *context) {
    transfer t = {
        .url = url, .part = part, .file = -1, .progress = progress, .context = context};
    mien_status status = mien_library_load(MIEN_CURL_SONAME, "fetching needs libcurl",
        symbols, sizeof symbols / sizeof symbols[0], &t.lib);
    if (status != MIEN_OK) {
        return status;
    }
    if (t.lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return mien_fail(MIEN_EINTERNAL, "libcurl does not start");
    }
    status = open_part(&t);
    if (status == MIEN_OK) {
        t.curl = t.lib.curl_easy_init();
        status = t.curl ? run(&t) : mien_fail(MIEN_ENOMEM, "libcurl does not start");
    }
    if (t.curl) {
        t.lib.curl_easy_cleanup(t.curl);
    }
    if (t.file >= 0) {
        close(t.file);
    }
    t.lib.curl_global_cleanup();
    return status;
}
