/* SPDX-License-Identifier: MIT */
/* Text of OpenSignals, and the plain text format of BioSPPy: a head of lines with #,
 * then columns of raw counts. The layout of OpenSignals' own files is written from
 * memory.
 *
 * What a count means depends on the sensor and its generation, so it is the user who
 * names the transfer function (docs: `transfer`); without one, channels stay raw
 * counts. */
#include "io/recording.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct conversion {
    double offset, factor; /* (count / 2^bits − offset) · factor */
} conversion;

typedef struct opensignals {
    int columns;                           /* of a row */
    int sequence;                          /* column that counts samples; -1: none */
    bool told;                             /* that samples were lost */
    int from[MIEN_CHANNELS_MAX];           /* column of each channel */
    double bits[MIEN_CHANNELS_MAX];        /* of each column; 0: not told */
    conversion convert[MIEN_CHANNELS_MAX]; /* of each channel; factor 0: none */
} opensignals;

/* Names of columns in the head. */
typedef struct head {
    int columns;
    char name[MIEN_CHANNELS_MAX][64];
    double bits[MIEN_CHANNELS_MAX];
    double rate_hz;
} head;

static bool looks(const char *path) {
    char text[40];
    mien_recording_peek(path, text, sizeof text);
    return strncmp(text, "# OpenSignals", 13) == 0 ||
           strncmp(text, "# Simple Text Format", 20) == 0;
}

/* ---- the head -------------------------------------------------------------- */

static void add_name(head *h, const char *name, size_t length, double bits) {
    if (h->columns < MIEN_CHANNELS_MAX) {
        snprintf(h->name[h->columns], sizeof h->name[0], "%.*s", (int)length, name);
        h->bits[h->columns++] = bits;
    }
}

static void read_labels(head *h, const char *text, double bits) {
    while (*text) {
        text += strspn(text, " \t,[]'\"");
        size_t length = strcspn(text, "\t,]'\"");
        while (length > 0 && text[length - 1] == ' ') {
            length--;
        }
        if (length > 0) {
            add_name(h, text, length, bits);
        }
        text += length;
        text += strspn(text, " ");
    }
}

/* "# Key:= value" of the plain format. */
static void read_key(head *h, const char *line, double *bits) {
    const char *value = strstr(line, ":=");
    double number = 0;
    if (!value) {
        return;
    }
    value += 2 + strspn(value + 2, " ");
    if (strncmp(line, "# Sampling Rate", 15) == 0 &&
        mien_parse_number(value, &number)) {
        h->rate_hz = number;
    } else if (strncmp(line, "# Resolution", 12) == 0 &&
               mien_parse_number(value, &number)) {
        *bits = number;
    } else if (strncmp(line, "# Labels", 8) == 0) {
        read_labels(h, value, *bits);
    }
}

/* The line of JSON: an object of devices; the first is taken. */
static mien_status read_device(const char *path, head *h, const char *line) {
    mien_value *json = NULL;
    mien_status status = mien_value_parse_json(path, line, strlen(line), &json);
    const mien_value *device = mien_value_item(json, 0);
    const mien_value *names = mien_value_get(device, "column");
    const mien_value *bits = mien_value_get(device, "resolution");
    if (status == MIEN_OK && mien_value_count(json) != 1) {
        status = mien_fail(MIEN_EUNSUPPORTED,
            "%s: %lld devices in one file: export one file for each", path,
            (long long)mien_value_count(json));
    }
    h->rate_hz = mien_value_number(mien_value_get(device, "sampling rate"), 0);
    /* Some devices tell the bits of every column, some of the last ones alone, which
     * are the analogue channels. */
    const int64_t untold = mien_value_count(names) - mien_value_count(bits);
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(names); i++) {
        const char *name = mien_value_text(mien_value_at(names, i));
        add_name(h, name ? name : "", name ? strlen(name) : 0,
            i >= untold ? mien_value_number(mien_value_at(bits, i - untold), 0) : 0);
    }
    mien_value_free(&json);
    return status;
}

/* Reads up to the first row, which it leaves in *line (NULL: there is none). */
static mien_status read_head(mien_lines *lines, head *h, char **line) {
    double bits = 0;
    size_t length = 0;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK) {
        status = mien_lines_next(lines, line, &length);
        if (status != MIEN_OK || !*line || **line != '#') {
            break;
        }
        const char *text = *line + 1 + strspn(*line + 1, " ");
        if (*text == '{') {
            status = read_device(mien_lines_path(lines), h, text);
        } else {
            read_key(h, *line, &bits);
        }
    }
    return status;
}

/* ---- transfer functions ---------------------------------------------------- */

/* BITalino (r)evolution at 3.3 V, from its data sheets: uS and mV. */
static const struct {
    const char *name, *unit;
    conversion how;
} functions[] = {{"eda", "uS", {0, 3.3 / 0.132}}, {"ecg", "mV", {0.5, 3.3 / 1.1}},
    {"emg", "mV", {0.5, 3.3 / 1.009}}};

static mien_status set_transfer(const mien_recording *r, opensignals *s, mien_track *t,
    const char *pair, size_t length) {
    size_t name = strcspn(pair, "=");
    for (int c = 0; name < length && c < t->channels; c++) {
        mien_channel *channel = &t->channel[c];
        if (strlen(channel->name) != name || strncmp(channel->name, pair, name) != 0) {
            continue;
        }
        for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
            if (strlen(functions[k].name) == length - name - 1 &&
                strncmp(functions[k].name, pair + name + 1, length - name - 1) == 0) {
                if (!(s->bits[c] >= 1)) {
                    return mien_fail(MIEN_EFORMAT,
                        "%s: the file does not tell the resolution of %s", r->path,
                        channel->name);
                }
                s->convert[c] = functions[k].how;
                snprintf(channel->unit, sizeof channel->unit, "%s", functions[k].unit);
                return MIEN_OK;
            }
        }
    }
    return mien_fail(MIEN_EINVAL,
        "%s: transfer \"%.*s\": CHANNEL=FUNCTION with a channel of the file and eda, "
        "ecg "
        "or emg is needed",
        r->path, (int)length, pair);
}

static mien_status set_transfers(
    const mien_recording *r, opensignals *s, mien_track *t, const char *pairs) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && pairs && *pairs) {
        size_t length = strcspn(pairs, ",");
        status = set_transfer(r, s, t, pairs, length);
        pairs += length + (pairs[length] == ',');
    }
    return status;
}

/* ---- opening --------------------------------------------------------------- */

static mien_status take_head(mien_recording *r, opensignals *s, const head *h) {
    mien_track *t = NULL;
    if (!(h->rate_hz > 0) || h->columns == 0) {
        return mien_fail(
            MIEN_EFORMAT, "%s: its head tells no sampling rate or no columns", r->path);
    }
    mien_status status = mien_recording_add_track(r, "opensignals", &t);
    s->sequence = -1;
    for (int c = 0; status == MIEN_OK && c < h->columns; c++) {
        if (strcmp(h->name[c], "nSeq") != 0) {
            s->from[t->channels] = c;
            s->bits[t->channels] = h->bits[c];
            status = mien_recording_add_channel(r->path, t, h->name[c], "raw");
        } else {
            s->sequence = c;
        }
    }
    s->columns = h->columns;
    if (status == MIEN_OK) {
        t->rate_hz = h->rate_hz;
    }
    return status;
}

static mien_status open_file(mien_recording *r, const mien_recording_options *o) {
    opensignals *s = r->own = mien_alloc(1, sizeof *s);
    head *h = mien_alloc(1, sizeof *h);
    mien_lines *lines = NULL;
    char *line = NULL;
    mien_status status = s && h ? mien_lines_open(r->path, &lines) : MIEN_ENOMEM;
    status = status ? status : read_head(lines, h, &line);
    status = status ? status : take_head(r, s, h);
    status = status ? status : set_transfers(r, s, &r->track[0], o->transfer);
    mien_lines_close(&lines);
    mien_free(h);
    return status;
}

static void close_file(mien_recording *r) {
    mien_free(r->own);
}

/* ---- the stream ------------------------------------------------------------ */

typedef struct stream {
    opensignals *s;
    int channels;
    double last; /* of the counter of samples; NaN: none yet */
    mien_lines *lines;
    char *line; /* the row at work; NULL: the end */
} stream;

static void stop(void *state) {
    stream *s = state;
    mien_lines_close(&s->lines);
    mien_free(s);
}

static mien_status start(const mien_recording *r, int track, void **state) {
    stream *s = mien_alloc(1, sizeof *s);
    head *h = mien_alloc(1, sizeof *h);
    mien_status status = s && h ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        s->s = r->own;
        s->channels = r->track[track].channels;
        s->last = NAN;
        status = mien_lines_open(r->path, &s->lines);
        status = status ? status : read_head(s->lines, h, &s->line);
    }
    mien_free(h);
    if (status != MIEN_OK) {
        if (s) {
            stop(s);
        }
        return status;
    }
    *state = s;
    return MIEN_OK;
}

/* The counter goes up by one a sample and starts again at a power of two (16 of a
 * BITalino). The first place where it does not is told: there is no telling how many
 * times it went round meanwhile, so times are not mended. */
static void check_sequence(stream *s, double now) {
    double last = s->last, round = 16;
    s->last = now;
    while (round <= last) {
        round *= 2;
    }
    if (isnan(last) || now == last + 1 || (now == 0 && last + 1 == round) ||
        s->s->told) {
        return;
    }
    s->s->told = true;
    mien_log(MIEN_LOG_WARN, "io",
        "%s:%lld: nSeq goes from %g to %g: samples were lost, and what follows came "
        "later "
        "than it seems: cut the file there",
        mien_lines_path(s->lines), (long long)mien_lines_number(s->lines), last, now);
}

static mien_status take_row(stream *s, double *values) {
    double row[MIEN_CHANNELS_MAX];
    int count = 0;
    char *next = s->line + strspn(s->line, " \t");
    for (; *next && count < s->s->columns; count++) {
        char *cell = next;
        next += strcspn(next, " \t");
        next += *next ? (*next = 0, 1) : 0;
        next += strspn(next, " \t");
        if (!mien_cell_number(cell, &row[count])) {
            return mien_fail(MIEN_EFORMAT, "%s:%lld: \"%.60s\" is no number",
                mien_lines_path(s->lines), (long long)mien_lines_number(s->lines),
                cell);
        }
    }
    if (count != s->s->columns || *next) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: %s columns than the %d of the head",
            mien_lines_path(s->lines), (long long)mien_lines_number(s->lines),
            *next ? "more" : "fewer", s->s->columns);
    }
    if (s->s->sequence >= 0) {
        check_sequence(s, row[s->s->sequence]);
    }
    for (int c = 0; c < s->channels; c++) {
        const conversion *k = &s->s->convert[c];
        double x = row[s->s->from[c]];
        values[c] =
            k->factor == 0 ? x : (x / exp2(s->s->bits[c]) - k->offset) * k->factor;
    }
    return MIEN_OK;
}

static mien_status next(
    void *state, int64_t count, double *time_s, double *values, int64_t *got) {
    stream *s = state;
    int64_t n = 0;
    mien_status status = MIEN_OK;
    (void)time_s;
    while (status == MIEN_OK && n < count && s->line) {
        size_t length = 0;
        if (*s->line) {
            status = take_row(s, values + n * s->channels);
            n++;
        }
        status = status ? status : mien_lines_next(s->lines, &s->line, &length);
    }
    *got = n;
    return status;
}

static const char *where(void *state, char buffer[512]) {
    return mien_lines_where(((const stream *)state)->lines, buffer);
}

static const struct mien_recording_work work = {.looks = looks,
    .open = open_file,
    .close = close_file,
    .start = start,
    .next = next,
    .stop = stop,
    .where = where};

const mien_recording_kind mien_recording_opensignals = {.name = "opensignals",
    .summary =
        "text of OpenSignals (its layout from memory) and BioSPPy: raw counts, or "
        "what `transfer` makes of them",
    .work = &work};
