/* SPDX-License-Identifier: MIT */
/* A progress bar with the time left; only on a terminal. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

enum { BAR_CELLS = 24 };

static void clock_text(double seconds, char *text, size_t size) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600) {
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
    }
}

void cli_progress(void *context, const char *stage, int64_t done, int64_t total) {
    cli *c = context;
    if (c->quiet || !c->terminal) {
        return;
    }
    double now = mien_clock_s();
    if (strncmp(stage, c->bar_stage, sizeof c->bar_stage - 1) != 0) {
        snprintf(c->bar_stage, sizeof c->bar_stage, "%s", stage);
        c->bar_began_s = now;
        c->bar_drawn_s = 0;
    }
    if (c->bar_drawn_s > 0 && now - c->bar_drawn_s < 0.1 && done != total) {
        return;
    }
    c->bar_drawn_s = now;
    if (total <= 0) {
        fprintf(stderr, "\r\033[K%s  %lld", stage, (long long)done);
        fflush(stderr);
        return;
    }
    char bar[BAR_CELLS + 1], left[32] = "";
    int filled = (int)(done * BAR_CELLS / total);
    for (int i = 0; i < BAR_CELLS; i++) {
        bar[i] = i < filled ? '#' : '.';
    }
    bar[BAR_CELLS] = 0;
    if (done > 0 && done < total && now - c->bar_began_s > 1) {
        clock_text((now - c->bar_began_s) * (double)(total - done) / (double)done, left,
            sizeof left);
    }
    fprintf(stderr, "\r\033[K%s  [%s] %lld/%lld %s%s", stage, bar, (long long)done,
        (long long)total, left, *left ? " left" : "");
    fflush(stderr);
}

void cli_progress_end(cli *c) {
    if (c->bar_drawn_s > 0) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        c->bar_drawn_s = 0;
    }
}
