/* SPDX-License-Identifier: MIT */
/* XDF, the format of Lab Streaming Layer: streams in chunks, their clocks brought
 * together.
 *
 * Comes in: an .xdf file. Goes out: a track for each stream of numbers, events of each
 * stream of texts. Times are the file's own (those of the recording computer): a stamp
 * plus the offset that a straight line through the stream's measured clock offsets has
 * there. The file is mapped. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "io/recording.h"

#define FILE_MAX ((size_t)16 << 30)
enum { STREAMS_MAX = 256, TEXT = -1 };

typedef struct xdf_stream {
    uint32_t id;
    int size;            /* bytes of a value; TEXT */
    char type;           /* 'i' or 'f' */
    int channels, track; /* track −1: none */
    double rate_hz;
    char name[64];
    const char *xml;
    size_t xml_length;
    int64_t samples;
    double n, st, so, stt, sto; /* sums over its clock offsets */
    double at, offset, slope;   /* offset(t) = offset + slope · (t − at) */
} xdf_stream;

typedef struct xdf {
    mien_map map;
    int count;
    xdf_stream *stream; /* [STREAMS_MAX] */
} xdf;

/* A place in the file. */
typedef struct cursor {
    const unsigned char *bytes;
    size_t at, end;
    bool bad; /* something ended too early */
} cursor;

static bool looks(const char *path) {
    char magic[5];
    mien_recording_peek(path, magic, sizeof magic);
    return strcmp(magic, "XDF:") == 0;
}

/* ---- bytes ----------------------------------------------------------------- */

/* Little-endian, `size` bytes of 1 to 8. */
static uint64_t take_int(cursor *c, int size) {
    uint64_t value = 0;
    if (c->bad || c->end - c->at < (size_t)size) {
        c->bad = true;
        return 0;
    }
    for (int i = 0; i < size; i++) {
        value |= (uint64_t)c->bytes[c->at++] << (8 * i);
    }
    return value;
}

static double take_double(cursor *c) {
    uint64_t bits = take_int(c, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A length of 1, 4 or 8 bytes, as the byte before it says. */
static uint64_t take_length(cursor *c) {
    uint64_t size = take_int(c, 1);
    if (size != 1 && size != 4 && size != 8) {
        c->bad = true;
        return 0;
    }
    return take_int(c, (int)size);
}

static double take_value(cursor *c, const xdf_stream *s) {
    if (s->type == 'f' && s->size == 8) {
        return take_double(c);
    }
    uint64_t bits = take_int(c, s->size);
    if (s->type == 'f') {
        uint32_t half = (uint32_t)bits;
        float value;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    int unused = 64 - 8 * s->size; /* sign extension */
    return (double)((int64_t)(bits << unused) >> unused);
}

/* The next chunk: its tag and its content; false at the end or where the file is cut
 * off. */
static bool next_chunk(cursor *file, int *tag, cursor *content) {
    if (file->at >= file->end) {
        return false;
    }
    uint64_t length = take_length(file);
    if (file->bad || length < 2 || length > file->end - file->at) {
        file->bad = true;
        return false;
    }
    *content = (cursor){file->bytes, file->at, file->at + (size_t)length, false};
    *tag = (int)take_int(content, 2);
    file->at += (size_t)length;
    return true;
}

static xdf_stream *stream_of(const xdf *x, uint32_t id) {
    for (int i = 0; i < x->count; i++) {
        if (x->stream[i].id == id) {
            return &x->stream[i];
        }
    }
    return NULL;
}

/* ---- headers --------------------------------------------------------------- */

/* Copies the text between <tag> and </tag>; "" if there is none. Returns where it
 * ends. */
static const char *tag_text(
    const char *text, size_t length, const char *tag, char *out, size_t size) {
    char open[40], close[40];
    *out = 0;
    snprintf(open, sizeof open, "<%s>", tag);
    snprintf(close, sizeof close, "</%s>", tag);
    for (size_t i = 0; i + strlen(open) <= length; i++) {
        if (strncmp(text + i, open, strlen(open)) != 0) {
            continue;
        }
        size_t from = i + strlen(open);
        for (size_t k = from; k + strlen(close) <= length; k++) {
            if (strncmp(text + k, close, strlen(close)) == 0) {
                size_t count = k - from < size - 1 ? k - from : size - 1;
                memcpy(out, text + from, count);
                out[count] = 0;
                return text + k + strlen(close);
            }
        }
        return NULL;
    }
    return NULL;
}

static bool set_format(xdf_stream *s, const char *format) {
    static const struct {
        const char *name;
        int size;
        char type;
    } known[] = {{"int8", 1, 'i'}, {"int16", 2, 'i'}, {"int32", 4, 'i'},
        {"int64", 8, 'i'}, {"float32", 4, 'f'}, {"double64", 8, 'f'},
        {"string", TEXT, 's'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, format) == 0) {
            s->size = known[i].size;
            s->type = known[i].type;
            return true;
        }
    }
    return false;
}

static mien_status add_stream(mien_recording *r, xdf *x, cursor *c) {
    char text[64];
    double channels = 0;
    if (x->count == STREAMS_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %d streams", r->path, STREAMS_MAX);
    }
    xdf_stream *s = &x->stream[x->count];
    *s = (xdf_stream){.id = (uint32_t)take_int(c, 4), .track = -1};
    s->xml = (const char *)c->bytes + c->at;
    s->xml_length = c->bad ? 0 : c->end - c->at;
    tag_text(s->xml, s->xml_length, "channel_format", text, sizeof text);
    bool good = set_format(s, text);
    tag_text(s->xml, s->xml_length, "channel_count", text, sizeof text);
    good = good && mien_parse_number(text, &channels) && channels >= 1 &&
           channels <= MIEN_CHANNELS_MAX;
    tag_text(s->xml, s->xml_length, "nominal_srate", text, sizeof text);
    good = good && mien_parse_number(text, &s->rate_hz) && s->rate_hz >= 0 &&
           s->rate_hz < 1e7;
    tag_text(s->xml, s->xml_length, "name", s->name, sizeof s->name);
    if (!good || stream_of(x, s->id)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: stream %u (%s) tells no format, rate or 1 to %d channels, or comes "
            "twice",
            r->path, s->id, s->name, (int)MIEN_CHANNELS_MAX);
    }
    s->channels = (int)channels;
    x->count++;
    return MIEN_OK;
}

static mien_status add_track(mien_recording *r, xdf *x, xdf_stream *s) {
    char name[96];
    mien_track *t = NULL;
    int same = 0;
    for (const xdf_stream *other = x->stream; other < s; other++) {
        same += strcmp(other->name, s->name) == 0;
    }
    snprintf(name, sizeof name, "%s", *s->name ? s->name : "stream");
    if (same > 0) {
        snprintf(
            name, sizeof name, "%.50s-%d", *s->name ? s->name : "stream", same + 1);
    }
    mien_status status = mien_recording_add_track(r, name, &t);
    const char *next = s->xml;
    for (int c = 0; status == MIEN_OK && c < s->channels; c++) {
        char channel[512] = "", label[64] = "", unit[32] = "", whole[80];
        size_t left = next ? s->xml_length - (size_t)(next - s->xml) : 0;
        next = next ? tag_text(next, left, "channel", channel, sizeof channel) : NULL;
        tag_text(channel, strlen(channel), "label", label, sizeof label);
        tag_text(channel, strlen(channel), "unit", unit, sizeof unit);
        snprintf(whole, sizeof whole, "%.50s", label);
        if (!*label) {
            snprintf(whole, sizeof whole, "channel_%d", c + 1);
        }
        status = mien_recording_add_channel(r->path, t, whole, unit);
    }
    if (status == MIEN_OK) {
        t->rate_hz = s->rate_hz;
        t->stamped = true;
        s->track = r->count - 1;
    }
    return status;
}

/* ---- samples --------------------------------------------------------------- */

/* The samples of one stream, chunk after chunk. */
typedef struct walk {
    cursor file, chunk;
    uint64_t left; /* samples in the chunk */
    double last_s;
    bool any;
} walk;

/* On to the next sample's stamp; false at the end. Its values follow in w->chunk. */
static bool walk_next(const xdf_stream *s, walk *w, double *time_s) {
    int tag = 0;
    while (w->left == 0) {
        if (!next_chunk(&w->file, &tag, &w->chunk)) {
            return false;
        }
        if (tag == 3 && (uint32_t)take_int(&w->chunk, 4) == s->id) {
            w->left = take_length(&w->chunk);
        }
    }
    w->left--;
    uint64_t stamped = take_int(&w->chunk, 1);
    double raw = stamped == 8               ? take_double(&w->chunk)
                 : w->any && s->rate_hz > 0 ? w->last_s + 1 / s->rate_hz
                                            : 0;
    w->chunk.bad = w->chunk.bad || (stamped != 0 && stamped != 8) || !isfinite(raw);
    w->any = true;
    w->last_s = raw;
    *time_s = raw + s->offset + s->slope * (raw - s->at);
    return true;
}

static mien_status cut_off(const mien_recording *r, const walk *w) {
    return mien_fail(MIEN_EFORMAT,
        "%s: damaged at byte %zu: a chunk holds other samples than it says", r->path,
        w->chunk.at);
}

/* Texts are events; a stream of them with many channels tells the first. */
static mien_status add_texts(mien_recording *r, const xdf *x, const xdf_stream *s) {
    walk w = {.file = {x->map.bytes, 4, x->map.count, false}};
    mien_status status = MIEN_OK;
    double time_s = 0;
    while (status == MIEN_OK && walk_next(s, &w, &time_s)) {
        char text[512] = "";
        for (int c = 0; c < s->channels && !w.chunk.bad; c++) {
            uint64_t length = take_length(&w.chunk);
            if (w.chunk.bad || length > w.chunk.end - w.chunk.at) {
                w.chunk.bad = true;
                break;
            }
            if (c == 0) {
                size_t count = length < sizeof text ? (size_t)length : sizeof text - 1;
                memcpy(text, w.chunk.bytes + w.chunk.at, count);
                text[count] = 0;
            }
            w.chunk.at += (size_t)length;
        }
        status = w.chunk.bad ? cut_off(r, &w)
                             : mien_recording_add_event(r, time_s, NAN,
                                   *s->name ? s->name : "marker", text, "");
    }
    return status;
}

static void note_offset(xdf_stream *s, double at, double offset) {
    if (s && isfinite(at) && isfinite(offset)) {
        s->at = s->n == 0 ? at : s->at;
        s->n += 1;
        s->st += at - s->at;
        s->so += offset;
        s->stt += (at - s->at) * (at - s->at);
        s->sto += (at - s->at) * offset;
    }
}

/* Least squares through the offsets; a single one holds everywhere. */
static void fit_offsets(xdf_stream *s) {
    double spread = s->n * s->stt - s->st * s->st;
    if (s->n > 0) {
        s->slope = spread > 0 ? (s->n * s->sto - s->st * s->so) / spread : 0;
        s->offset = (s->so - s->slope * s->st) / s->n;
    }
}

static mien_status scan(mien_recording *r, xdf *x) {
    cursor file = {x->map.bytes, 4, x->map.count, false}, c;
    mien_status status = MIEN_OK;
    int tag = 0;
    while (status == MIEN_OK && next_chunk(&file, &tag, &c)) {
        if (tag == 2) {
            status = add_stream(r, x, &c);
        } else if (tag == 3) {
            xdf_stream *s = stream_of(x, (uint32_t)take_int(&c, 4));
            uint64_t samples = take_length(&c);
            if (s && samples < INT64_MAX / 4) {
                s->samples += (int64_t)samples;
            }
        } else if (tag == 4) {
            xdf_stream *s = stream_of(x, (uint32_t)take_int(&c, 4));
            double at = take_double(&c), offset = take_double(&c);
            note_offset(c.bad ? NULL : s, at, offset);
        }
    }
    if (status == MIEN_OK && file.bad) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: cut off at byte %zu: it was not copied whole, or not closed", r->path,
            file.at);
    }
    return status;
}

static mien_status open_file(mien_recording *r, const mien_recording_options *o) {
    (void)o;
    xdf *x = r->own = mien_alloc(1, sizeof *x);
    mien_status status = x ? mien_map_init(&x->map, r->path, FILE_MAX) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        x->stream = mien_alloc(STREAMS_MAX, sizeof *x->stream);
        status = x->stream ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && (x->map.count < 4 || memcmp(x->map.bytes, "XDF:", 4))) {
        status = mien_fail(MIEN_EFORMAT, "%s: does not begin with XDF:", r->path);
    }
    status = status ? status : scan(r, x);
    for (int i = 0; status == MIEN_OK && i < x->count; i++) {
        xdf_stream *s = &x->stream[i];
        fit_offsets(s);
        if (s->samples > 0) {
            status = s->size == TEXT ? add_texts(r, x, s) : add_track(r, x, s);
        }
    }
    return status;
}

static void close_file(mien_recording *r) {
    xdf *x = r->own;
    mien_free(x->stream);
    mien_map_clear(&x->map);
    mien_free(x);
}

/* ---- the stream
 * ---------------------------------------------------------------------- */

typedef struct reading {
    const mien_recording *r;
    const xdf_stream *s;
    walk w;
} reading;

static mien_status start(const mien_recording *r, int track, void **state) {
    const xdf *x = r->own;
    reading *g = mien_alloc(1, sizeof *g);
    if (!g) {
        return MIEN_ENOMEM;
    }
    *g = (reading){.r = r, .w.file = {x->map.bytes, 4, x->map.count, false}};
    for (int i = 0; i < x->count; i++) {
        g->s = x->stream[i].track == track ? &x->stream[i] : g->s;
    }
    *state = g;
    return MIEN_OK;
}

static mien_status next(
    void *state, int64_t count, double *time_s, double *values, int64_t *got) {
    reading *g = state;
    int64_t n = 0;
    for (; n < count && walk_next(g->s, &g->w, &time_s[n]); n++) {
        for (int c = 0; c < g->s->channels; c++) {
            double value = take_value(&g->w.chunk, g->s);
            values[n * g->s->channels + c] = isfinite(value) ? value : NAN;
        }
        if (g->w.chunk.bad) {
            return cut_off(g->r, &g->w);
        }
    }
    *got = n;
    return MIEN_OK;
}

static void stop(void *state) {
    mien_free(state);
}

static const char *where(void *state, char buffer[512]) {
    const reading *g = state;
    snprintf(buffer, 512, "%.400s: byte %zu", g->r->path, g->w.chunk.at);
    return buffer;
}

static const struct mien_recording_work work = {.looks = looks,
    .open = open_file,
    .close = close_file,
    .start = start,
    .next = next,
    .stop = stop,
    .where = where};

const mien_recording_kind mien_recording_xdf = {.name = "xdf",
    .summary =
        "XDF (Lab Streaming Layer): streams of numbers are tracks, streams of texts "
        "events, clocks brought together by their measured offsets",
    .work = &work};
