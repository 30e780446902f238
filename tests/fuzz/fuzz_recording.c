/* SPDX-License-Identifier: MIT */
/* Any bytes as a recording of each format that is one file: an error, or samples whose
 * time does not run backwards. The first byte chooses the format. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mien/recordings.h"

static void write_file(const char *path, const uint8_t *data, size_t size) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        abort();
    }
}

static void read_all(const char *path, const mien_recording_options *o) {
    mien_recording *r = NULL;
    if (mien_recording_open(path, o, &r) != MIEN_OK) {
        return;
    }
    const mien_event *events;
    int64_t n = mien_recording_events(r, &events);
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(events[i].onset_s) || !events[i].name) {
            abort();
        }
    }
    for (int t = 0; t < mien_recording_tracks(r); t++) {
        mien_samples *s = NULL;
        if (mien_track_load(r, t, 1 << 16, &s) == MIEN_OK) {
            for (int64_t i = 1; i < s->n; i++) {
                if (!(s->time_s[i] >= s->time_s[i - 1])) {
                    abort();
                }
            }
            mien_samples_free(&s);
        }
    }
    mien_recording_close(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {
        "bids_physio.tsv.gz", "a.asc", "o.txt", "t.csv", "t.csv", "s.xdf"};
    static const char *const formats[] = {
        "bids", "eyelink", "opensignals", "table", "table", "xdf"};
    static const char sidecar[] =
        "{\"Columns\":[\"timestamp\",\"x_coordinate\",\"y_coordinate\"],\"StartTime\":"
        "0,"
        "\"SamplingFrequency\":4,\"PhysioType\":\"eyetrack\",\"timestamp\":{\"Units\":"
        "\"s\"},\"x_coordinate\":{\"Units\":\"deg\"},\"y_coordinate\":{\"Units\":"
        "\"deg\"}}";
    static char folder[64];
    char path[128];
    if (size < 1) {
        return 0;
    }
    if (!folder[0]) {
        mien_log_set(NULL, NULL);
        snprintf(folder, sizeof folder, "/tmp/mien-fuzz-XXXXXX");
        if (!mkdtemp(folder)) {
            abort();
        }
        snprintf(path, sizeof path, "%s/bids_physio.json", folder);
        write_file(path, (const uint8_t *)sidecar, sizeof sidecar - 1);
    }
    size_t kind = data[0] % (sizeof names / sizeof *names);
    mien_recording_options o = {.format = formats[kind]};
    if (kind == 4) {
        o.columns = "time=t,a=a,valid.a=v,split=k,event=e";
    }
    snprintf(path, sizeof path, "%s/%s", folder, names[kind]);
    write_file(path, data + 1, size - 1);
    read_all(path, &o);
    return 0;
}
