/* SPDX-License-Identifier: MIT */
/* `mien extract --signals`: features of recordings. */
#ifndef MIEN_CLI_EXTRACT_SIGNALS_H
#define MIEN_CLI_EXTRACT_SIGNALS_H

#include "cli/recording_options.h"

#define CLI_SIGNAL_OPTIONS                                                             \
    {.name = "signals",                                                                \
        .type = MIEN_OPTION_TEXT,                                                      \
        .metavar = "SENSORS",                                                          \
        .help =                                                                        \
            "Features of recordings instead of pictures: all, or names of sensors "    \
            "joined by commas (gaze, blink, pupil, eda, heart, emg, respiration, "     \
            "temperature; on request hrv, of windows of 30 s or more). A trial "       \
            "table instead of recordings gets columns features.SENSOR"},               \
        {.name = "normalise",                                                          \
            .type = MIEN_OPTION_CHOICE,                                                \
            .initial = "none",                                                         \
            .choices = (const char *const[]){"none", "transductive", "strict", NULL},  \
            .help = "Of a trial table: z within each person, over all of their "       \
                    "trials (transductive) or by their first ones (strict); the "      \
                    "column's name says which"},                                       \
        {.name = "first",                                                              \
            .type = MIEN_OPTION_INT,                                                   \
            .initial = "5",                                                            \
            .minimum = 2,                                                              \
            .maximum = 1e6,                                                            \
            .metavar = "N",                                                            \
            .help = "Trials of each person that strict goes by"},                      \
        {.name = "event",                                                              \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME",                                                         \
            .help = "Windows around events of this name (default: all that are not "   \
                    "the device's own)"},                                              \
        {.name = "every",                                                              \
            .type = MIEN_OPTION_SECONDS,                                               \
            .help = "Windows one after the other instead of around events"},           \
        {.name = "clock",                                                              \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "RECORDING",                                                    \
            .help =                                                                    \
                "Windows at this recording's events, brought to the other's "          \
                "clock by events that both have (offset, of 3 or more drift too)"},    \
        {.name = "clock-columns",                                                      \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME=COLUMN,…",                                                \
            .help = "Its columns, where it is a table of others than --columns says"}, \
        {.name = "shared",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME",                                                         \
            .help = "Those events (default: all that are not a device's own)"},        \
        {.name = "loose",                                                              \
            .type = MIEN_OPTION_FLAG,                                                  \
            .initial = "false",                                                        \
            .help = "Join clocks whose shared events are more than half a sample of "  \
                    "the slowest channel off a line"},                                 \
        {.name = "window",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .initial = "0,5",                                                          \
            .metavar = "FROM,TO",                                                      \
            .help = "Seconds from the onset"},                                         \
        {.name = "baseline",                                                           \
            .type = MIEN_OPTION_TEXT,                                                  \
            .initial = "-1,0",                                                         \
            .metavar = "FROM,TO",                                                      \
            .help = "Seconds from the onset that changes are told against"},           \
        {.name = "screen",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "WxH,WxHcm,Dcm",                                                \
            .help = "Pixels, size and distance of the screen (default: as the "        \
                    "recording says)"},                                                \
        {.name = "channels",                                                           \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "ROLE=CHANNEL,…",                                               \
            .help =                                                                    \
                "Which channel is what, where names do not tell: x, y, "               \
                "pupil_left, pupil_right, eda, ecg, ppg, heart_rate, corrugator, "     \
                "zygomaticus, respiration, temperature; CHANNEL or TRACK/CHANNEL"},    \
        {.name = "map",                                                                \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "FILE.npy",                                                     \
            .help = "A saliency map over the screen, [height, width], for gaze_nss"},  \
        {.name = "mains",                                                              \
            .type = MIEN_OPTION_CHOICE,                                                \
            .initial = "50",                                                           \
            .choices = (const char *const[]){"50", "60", NULL},                        \
            .help = "Frequency of the mains, taken out of the ECG"},                   \
    {                                                                                  \
        .name = "cleaned", .type = MIEN_OPTION_TEXT, .metavar = "DIR",                 \
        .help = "Write the cleaned series too: a table for each recording and series"  \
    }

mien_status cli_extract_signals(
    cli *c, const mien_options *options, int count, const char *const *positional);

#endif
