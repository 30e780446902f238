/* SPDX-License-Identifier: MIT */
/* Event files for TensorBoard: protobuf messages in TFRecord frames.
 *
 * A record is its length (8 bytes), the length's masked CRC-32C, the message, and the
 * message's. An Event is wall_time (1, double), step (2, varint) and file_version (3,
 * text) or summary (5); a Summary holds values (1); a Value has tag (1) and
 * simple_value (2, float). Source: tensorflow/core/util/event.proto, summary.proto and
 * tsl/lib/io/record_writer.cc; numbers are little-endian. */
#include "io/crc32c.h"
#include "base/need.h"
#include "io/file.h"
#include "io/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_LIMIT ((size_t)4 << 30)
#define TAG_MAX 1024
#define BUFFER (64 << 10)
#define HEAD 12 /* length and its checksum */
#define FOOT 4
#define EVENT_MAX (TAG_MAX + 128)

#define VERSION "brain.Event:2"

struct mien_events {
    int fd;
    char *path;
    int64_t written; /* whole records in the file */
    unsigned char *buffer;
    size_t used;
    mien_status failed;
};

/* ---- messages ----------------------------------------------------------------- */

/* A message being made; the room is enough by the limits above. */
typedef struct message {
    unsigned char bytes[EVENT_MAX];
    size_t count;
} message;

static void put_byte(message *m, unsigned byte) {
    m->bytes[m->count++] = (unsigned char)byte;
}

static void put_varint(message *m, uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
        put_byte(m, 0x80 | (unsigned)(value & 0x7f));
    }
    put_byte(m, (unsigned)value);
}

static void put_fixed(message *m, uint64_t bits, int bytes) {
    for (int i = 0; i < bytes; i++) {
        put_byte(m, (unsigned)(bits >> (8 * i)) & 0xff);
    }
}

enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };

static void put_field(message *m, unsigned number, unsigned type) {
    put_varint(m, number << 3 | type);
}

static void put_bytes(message *m, unsigned number, const void *bytes, size_t count) {
    put_field(m, number, LENGTH);
    put_varint(m, count);
    memcpy(m->bytes + m->count, bytes, count);
    m->count += count;
}

static void put_double(message *m, unsigned number, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_field(m, number, FIXED64);
    put_fixed(m, bits, 8);
}

static void put_float(message *m, unsigned number, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_field(m, number, FIXED32);
    put_fixed(m, bits, 4);
}

static void make_version(double wall_s, message *event) {
    event->count = 0;
    put_double(event, 1, wall_s);
    put_bytes(event, 3, VERSION, strlen(VERSION));
}

static void make_scalar(
    const char *tag, int64_t step, double wall_s, double number, message *event) {
    message value = {.count = 0}, summary = {.count = 0};
    put_bytes(&value, 1, tag, strlen(tag));
    put_float(&value, 2, (float)number);
    put_bytes(&summary, 1, value.bytes, value.count);
    event->count = 0;
    put_double(event, 1, wall_s);
    if (step != 0) { /* as proto3 has it */
        put_field(event, 2, VARINT);
        put_varint(event, (uint64_t)step);
    }
    put_bytes(event, 5, summary.bytes, summary.count);
}

/* ---- records ------------------------------------------------------------------ */

static void make_head(const message *m, unsigned char head[HEAD]) {
    message made = {.count = 0};
    put_fixed(&made, m->count, 8);
    put_fixed(&made, mien_crc32c_masked(made.bytes, 8), 4);
    memcpy(head, made.bytes, HEAD);
}

static uint64_t get_fixed(const unsigned char *bytes, int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

/* Bytes of the whole record at the start of these; 0 if there is none. */
static size_t record_at(const unsigned char *bytes, size_t count) {
    if (count < HEAD + FOOT ||
        mien_crc32c_masked(bytes, 8) != (uint32_t)get_fixed(bytes + 8, 4)) {
        return 0;
    }
    uint64_t length = get_fixed(bytes, 8);
    if (length > count - HEAD - FOOT ||
        mien_crc32c_masked(bytes + HEAD, (size_t)length) !=
            (uint32_t)get_fixed(bytes + HEAD + length, 4)) {
        return 0;
    }
    return HEAD + (size_t)length + FOOT;
}

/* Whether a message is an Event with the version: after wall_time, if that comes first.
 */
static bool is_version(const unsigned char *bytes, size_t count) {
    size_t at = count > 9 && bytes[0] == (1 << 3 | FIXED64) ? 9 : 0;
    const size_t length = strlen(VERSION);
    return count - at >= length + 2 && bytes[at] == (3 << 3 | LENGTH) &&
           bytes[at + 1] == length && memcmp(bytes + at + 2, VERSION, length) == 0;
}

/* Whether these few bytes are how our own first record begins, cut off. */
static bool is_torn_version(const unsigned char *bytes, size_t count) {
    message version;
    unsigned char head[HEAD];
    make_version(1.0, &version);
    make_head(&version, head);
    return count < HEAD + version.count + FOOT &&
           memcmp(bytes, head, count < HEAD ? count : HEAD) == 0;
}

/* Bytes of whole records within size_max. */
static mien_status measure(const char *path, int64_t size_max, int64_t *whole) {
    mien_map map;
    mien_status status = mien_map_init(&map, path, SIZE_LIMIT);
    if (status != MIEN_OK) {
        return status;
    }
    size_t at = 0, record = record_at(map.bytes, map.count);
    bool ours = record > 0 ? is_version(map.bytes + HEAD, record - HEAD - FOOT)
                           : is_torn_version(map.bytes, map.count);
    if (map.count > 0 && !ours) {
        status = mien_fail(MIEN_EFORMAT, "%s: not an event file", path);
    }
    while (status == MIEN_OK && record > 0 && (int64_t)(at + record) <= size_max) {
        at += record;
        record = record_at(map.bytes + at, map.count - at);
    }
    mien_map_clear(&map);
    if (status == MIEN_OK) {
        *whole = (int64_t)at;
    }
    return status;
}

static mien_status flush(mien_events *e) {
    if (e->failed != MIEN_OK) {
        return mien_fail(e->failed, "%s: an earlier write had failed", e->path);
    }
    if (e->used == 0) {
        return MIEN_OK;
    }
    mien_status status = mien_write_all(e->fd, e->path, e->buffer, e->used);
    if (status != MIEN_OK) {
        e->failed = status;
        /* a torn record would be cut at the next opening; readers need not meet it */
        if (ftruncate(e->fd, (off_t)e->written) != 0) {
            mien_log(MIEN_LOG_WARN, "io", "%s: ends in a torn record", e->path);
        }
        return status;
    }
    e->written += (int64_t)e->used;
    e->used = 0;
    return MIEN_OK;
}

static mien_status append(mien_events *e, const message *m) {
    const size_t size = HEAD + m->count + FOOT;
    message foot = {.count = 0};
    mien_status status = size > BUFFER - e->used ? flush(e) : MIEN_OK;
    if (status != MIEN_OK) {
        return status;
    }
    unsigned char *to = e->buffer + e->used;
    make_head(m, to);
    memcpy(to + HEAD, m->bytes, m->count);
    put_fixed(&foot, mien_crc32c_masked(m->bytes, m->count), 4);
    memcpy(to + HEAD + m->count, foot.bytes, FOOT);
    e->used += size;
    return MIEN_OK;
}

/* ---- the file ----------------------------------------------------------------- */

static mien_status fail_system(const char *path, const char *what) {
    return mien_fail(MIEN_EIO, "%s: %s: %s", path, what, strerror(errno));
}

static void release(mien_events **events) {
    mien_events *e = *events;
    if (e->fd >= 0) {
        close(e->fd);
    }
    mien_free(e->buffer);
    mien_free(e->path);
    mien_free(e);
    *events = NULL;
}

static mien_status open_file(mien_events *e, int64_t size_max) {
    struct stat info;
    if (stat(e->path, &info) == 0) {
        mien_status status = measure(e->path, size_max, &e->written);
        if (status != MIEN_OK) {
            return status;
        }
    }
    e->fd = open(e->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (e->fd < 0) {
        return fail_system(e->path, "cannot write");
    }
    return ftruncate(e->fd, (off_t)e->written) == 0
               ? MIEN_OK
               : fail_system(e->path, "cannot cut it to its whole records");
}

mien_status mien_events_open(
    const char *path, int64_t size_max, double wall_s, mien_events **events) {
    MIEN_NEED(path, events);
    mien_events *e = mien_alloc(1, sizeof *e);
    if (!e) {
        return MIEN_ENOMEM;
    }
    e->fd = -1;
    e->path = mien_strdup(path);
    e->buffer = mien_alloc(BUFFER, 1);
    mien_status status = e->path && e->buffer ? open_file(e, size_max) : MIEN_ENOMEM;
    if (status == MIEN_OK && e->written == 0) {
        message version;
        make_version(wall_s, &version);
        status = append(e, &version);
        status = status ? status : flush(e);
    }
    if (status != MIEN_OK) {
        release(&e);
        return status;
    }
    *events = e;
    return MIEN_OK;
}

mien_status mien_events_scalar(
    mien_events *events, const char *tag, int64_t step, double wall_s, double value) {
    MIEN_NEED(events, tag);
    const size_t length = strlen(tag);
    message event;
    if (length < 1 || length > TAG_MAX) {
        return mien_fail(MIEN_EINVAL, "%s: a tag of %zu bytes is not in 1-%d",
            events->path, length, TAG_MAX);
    }
    if (mien_utf8_check(tag, length) != length) {
        return mien_fail(MIEN_EINVAL, "%s: a tag that is not UTF-8", events->path);
    }
    make_scalar(tag, step, wall_s, value, &event);
    return append(events, &event);
}

mien_status mien_events_flush(mien_events *events) {
    MIEN_NEED(events);
    return flush(events);
}

int64_t mien_events_size(const mien_events *events) {
    MIEN_NEED_OR(0, events);
    return events->written + (int64_t)events->used;
}

mien_status mien_events_close(mien_events **events) {
    if (!events || !*events) {
        return MIEN_OK;
    }
    mien_events *e = *events;
    mien_status status = flush(e);
    int closed = close(e->fd);
    if (closed != 0 && status == MIEN_OK) {
        status = fail_system(e->path, "cannot write");
    }
    e->fd = -1;
    release(events);
    return status;
}
