/* SPDX-License-Identifier: MIT */
/* Any bytes as the tables of somebody's data: every importer gives an error, or a trial
 * table that can be opened. */
#include "fuzz/files.h"

#include "mien/data.h"

#include <stdlib.h>

/* The tables of each set, and what is in its folder besides. */
static const struct {
    const char *set, *folder, *tables[3], *settings;
} sets[] = {{"features", "F", {"F/labels.csv", "F/x.csv", NULL}, "arrays=x=x.csv"},
    {"features", "F", {"F/labels.csv", "F/x.txt", NULL},
        "arrays=x=x.txt;classes=emotion"},
    {"pictures", "P", {"P/ratings.csv", NULL}, "cut=_"},
    {"pictures", "P", {"P/a.txt", "P/b.txt", NULL},
        "labels=a.txt,b.txt;recode=valence:0..1=a,2=b"},
    {"oasis", "O", {"O/OASIS.csv", NULL}, ""},
    {"gaped", "G", {"G/A.txt", "G/Sn_with SD.txt", NULL}, ""},
    {"ferplus", "R", {"R/fer2013new.csv", NULL}, ""},
    {"emomv", "E", {"E/DS1_TRAIN_x_labels.csv", "E/DS3_VAL_x_labels.csv", NULL}, ""},
    {"cognimuse", "C", {"C/labels/BMI.csv", "C/vggish/BMI.csv", NULL}, ""},
    {"liris-accede", "L",
        {"L/annotations/ACCEDEranking.txt", "L/annotations/ACCEDEsets.txt", NULL}, ""}};
#define SETS (sizeof sets / sizeof *sets)

static void make_folders(void) {
    static const char *const folders[] = {"F", "P", "P/a", "O", "O/images", "G", "G/A",
        "G/Sn", "R", "R/images", "R/images/train", "E", "C", "C/labels", "C/vggish",
        "L", "L/annotations", "L/features"};
    static const char *const pictures[] = {"P/a/Dog_1.jpg", "P/Cat.png",
        "O/images/Dog 1.jpg", "G/A/A001.bmp", "G/Sn/Sn010.bmp",
        "R/images/train/fer0000001.png"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        mkdir(fuzz_path(folders[i]), 0700);
    }
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        const uint8_t *none = NULL;
        size_t size = 0;
        fuzz_file(pictures[i], &none, &size);
    }
}

static mien_options *settings_of(const mien_importer *set, const char *settings) {
    mien_options *options = NULL;
    char text[200], *next = text;
    if (!set->options || mien_options_new(set->options, &options) != MIEN_OK) {
        return NULL;
    }
    snprintf(text, sizeof text, "%s", settings);
    while (*next) {
        char *equals = strchr(next, '='), *end = next + strcspn(next, ";");
        char *after = *end ? end + 1 : end;
        *equals = *end = 0;
        if (mien_options_set(options, NULL, next, equals + 1) != MIEN_OK) {
            abort();
        }
        next = after;
    }
    return options;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    const mien_importer *set = NULL;
    mien_trials *trials = NULL;
    if (!ready) {
        make_folders();
        ready = true;
    }
    size_t which = size > 0 ? data[0] % SETS : 0;
    data += size > 0;
    size -= size > 0;
    for (int i = 0; i < 3 && sets[which].tables[i]; i++) {
        fuzz_file(sets[which].tables[i], &data, &size);
    }
    if (mien_importer_find(sets[which].set, &set) != MIEN_OK) {
        abort();
    }
    mien_options *options = settings_of(set, sets[which].settings);
    const char *output = fuzz_path("out.tsv");
    if (mien_importer_run(set, fuzz_path(sets[which].folder), options, output) ==
            MIEN_OK &&
        mien_trials_open(fuzz_path("out.tsv"), &trials) != MIEN_OK &&
        !strstr(mien_error(), "out.tsv") && !strstr(mien_error(), "out.json")) {
        abort(); /* what it wrote may be wrong in its cells, and the error says where */
    }
    mien_trials_close(&trials);
    mien_options_free(&options);
    for (int i = 0; i < 3 && sets[which].tables[i]; i++) {
        remove(fuzz_path(sets[which].tables[i]));
    }
    return 0;
}
