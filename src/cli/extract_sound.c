/* SPDX-License-Identifier: MIT */
/* Features of sound in segments of one clock.
 *
 * In: films and files of sound. Each is decoded once; segment i is the time from i hops
 * on, of `segment` seconds; a last one counts if a second of it exists. Every row goes
 * to a journal beside the output, which is written when all inputs are done
 * (extract_write.c), so that a stopped extraction goes on where it was. Called by
 * cmd_extract.c. */
#include "cli/extract_sound.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A last segment with less than this of it does not count. */
#define LEAST_S 1.0

/* ---- segments ----------------------------------------------------------------- */

static int64_t first_sample(double time_s, int rate_hz) {
    return (int64_t)ceil(time_s * rate_hz - 1e-6);
}

/* Whether an earlier run left it. */
static bool has_row(const cli_sound_job *j, int64_t input, int32_t row) {
    for (int64_t i = 0; i < j->found; i++) {
        const cli_journal_row *r = cli_journal_at(j->journal, i);
        if (r->input == input && r->row == row) {
            return true;
        }
    }
    return false;
}

/* All families of one segment; a family without enough sound is NaN and masked. */
static mien_status add_row(
    cli_sound_job *j, const cli_samples *s, cli_journal_row *row, float *values) {
    const int64_t end = first_sample(row->start_s + j->segment_s, j->rate_hz);
    int64_t count = end - s->first;
    count = count < s->count ? count : s->count;
    float *to = values;
    mien_status status = MIEN_OK;
    row->sound_s = (double)count / j->rate_hz;
    row->values = values;
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        cli_extraction *e = &j->families[f];
        if (row->sound_s >= e->family->least_s) {
            status = e->family->run(e, s->samples, count, to);
            row->mask |= 1u << f;
        } else {
            for (int64_t k = 0; k < e->width; k++) {
                to[k] = NAN;
            }
        }
        to += e->width;
    }
    return status ? status : cli_journal_add(j->journal, row);
}

/* Where segment `index` ends; 0 if there is none. *last: nothing lies behind it. */
static double end_of_segment(const cli_sound_job *j, double reached_s, double length_s,
    int64_t index, bool *last) {
    const double slack_s = 1e-9, start_s = (double)index * j->hop_s;
    const double end_s = start_s + j->segment_s;
    *last = false;
    if (end_s <= reached_s + slack_s || end_s <= length_s + slack_s) {
        return end_s;
    }
    *last = true;
    const bool seen = index > 0 && end_s - j->hop_s >= length_s - slack_s;
    const double left_s = length_s - start_s;
    return !seen && left_s > 0 && (index == 0 || left_s >= LEAST_S) ? length_s : 0;
}

/* Segment `index`, unless it is there already; *last: there is none behind it. */
static mien_status one_segment(cli_sound_job *j, cli_samples *s, double picture_s,
    int64_t input, int64_t index, float *values, bool *last) {
    const double start_s = (double)index * j->hop_s;
    const int64_t from = first_sample(start_s, j->rate_hz),
                  to = first_sample(start_s + j->segment_s, j->rate_hz);
    mien_status status = cli_samples_take(s, from, to);
    if (status != MIEN_OK) {
        return status;
    }
    /* short of `to` only where the sound has ended: then its length is known */
    const double reached_s = (double)(s->first + s->count) / j->rate_hz;
    const double end_s = end_of_segment(
        j, reached_s, reached_s > picture_s ? reached_s : picture_s, index, last);
    if (end_s == 0 || has_row(j, input, (int32_t)index)) {
        return MIEN_OK;
    }
    cli_samples here = *s;
    if (here.first < from) { /* the sound ended before this segment */
        here.first = from;
        here.count = 0;
    }
    cli_journal_row row = {.input = (int32_t)input,
        .row = (int32_t)index,
        .start_s = start_s,
        .end_s = end_s};
    return add_row(j, &here, &row, values);
}

/* How long the pictures are; 0 without any. */
static double picture_length(const char *path) {
    mien_film *film = NULL;
    double length_s = 0;
    if (mien_film_open(path, NULL, &film) == MIEN_OK) {
        length_s = mien_film_info_of(film)->duration_s;
        mien_film_close(&film);
    }
    return length_s;
}

static mien_status all_segments(
    cli_sound_job *j, cli_samples *s, double picture_s, int64_t input) {
    float *values = mien_alloc((size_t)j->width, sizeof *values);
    mien_status status = values ? MIEN_OK : MIEN_ENOMEM;
    bool last = false;
    for (int64_t i = 0; status == MIEN_OK && !last && i < INT32_MAX; i++) {
        status = one_segment(j, s, picture_s, input, i, values, &last);
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
        cli_progress(j->c, mien_path_base(j->inputs.items[input].path), i + 1,
            picture_s > 0 ? (int64_t)ceil(picture_s / j->hop_s) : 0);
    }
    mien_free(values);
    return status;
}

/* A film without sound has rows, all of them masked, and its reason; what is no film at
 * all is an error. */
static mien_status one_input(cli_sound_job *j, int64_t input) {
    const char *path = j->inputs.items[input].path;
    cli_samples s = {.rate_hz = j->rate_hz};
    const mien_sound_options o = {.rate_hz = j->rate_hz};
    char problem[1024] = "", *about = NULL;
    double picture_s = 0;
    mien_status status = mien_sound_open(path, &o, &s.sound);
    if (status == MIEN_ENOTFOUND) {
        snprintf(problem, sizeof problem, "%s", mien_error());
        picture_s = picture_length(path);
        status = picture_s > 0 ? MIEN_OK : mien_fail(MIEN_ENOTFOUND, "%s", problem);
        s.end = MIEN_END;
    } else if (status == MIEN_OK) {
        picture_s = picture_length(path);
    }
    if (status == MIEN_OK) {
        status = all_segments(j, &s, picture_s, input);
    }
    if (status == MIEN_OK && s.end == MIEN_EFORMAT) {
        int64_t n;
        float sample; /* the reader tells its end again, and the words with it */
        mien_sound_read(s.sound, &sample, 1, &n);
        snprintf(problem, sizeof problem, "%s", mien_error());
        if (s.first + s.count == 0) {
            status = MIEN_EFORMAT;
        }
    }
    if (status == MIEN_OK) {
        const double sound_s = (double)(s.first + s.count) / j->rate_hz;
        status = cli_sound_about(j, input, s.sound,
            sound_s > picture_s ? sound_s : picture_s, *problem ? problem : NULL,
            &about);
    }
    if (status == MIEN_OK) {
        const cli_journal_row row = {
            .input = (int32_t)input, .row = CLI_ROW_DONE, .about = about};
        status = cli_journal_add(j->journal, &row);
    }
    if (status == MIEN_OK && *problem) {
        cli_problem(j->c, path, problem);
    }
    mien_free(about);
    cli_samples_clear(&s);
    return status;
}

static mien_status all_inputs(cli_sound_job *j) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < j->inputs.count; i++) {
        if (!*j->hashes[i] || has_row(j, i, CLI_ROW_DONE)) {
            continue; /* told, or done before */
        }
        mien_status one = one_input(j, i);
        if (one == MIEN_ENOMEM || one == MIEN_EINTERRUPTED || one == MIEN_EIO) {
            status = one;
        } else if (one != MIEN_OK) {
            cli_problem(j->c, j->inputs.items[i].path, mien_error());
        }
    }
    return status;
}

/* ---- what is asked for ---------------------------------------------------------- */

static mien_status open_families(cli_sound_job *j, const char *names) {
    char name[64];
    while (*names) {
        const size_t length = strcspn(names, ",");
        const cli_family *family = NULL;
        if (length == 0 || length >= sizeof name ||
            j->family_count == CLI_FAMILIES_MAX) {
            return cli_usage(j->c, "--features: up to %d names between commas",
                (int)CLI_FAMILIES_MAX);
        }
        memcpy(name, names, length);
        name[length] = 0;
        names += length + (names[length] == ',');
        for (int f = 0; f < j->family_count; f++) {
            if (strcmp(j->families[f].family->name, name) == 0) {
                return cli_usage(j->c, "--features: %s comes twice", name);
            }
        }
        mien_status status = cli_family_find(name, &family);
        if (status == MIEN_OK && j->tracks && !family->tracks) {
            status = mien_fail(MIEN_EINVAL, "--tracks: %s has none", name);
        }
        if (status == MIEN_OK) {
            status = cli_extraction_open(
                family, j->rate_hz, j->segment_s, &j->families[j->family_count]);
            j->family_count += status == MIEN_OK;
        }
        if (status != MIEN_OK) {
            j->c->usage = status == MIEN_EINVAL;
            return status;
        }
        j->width += j->families[j->family_count - 1].width;
    }
    return j->family_count ? MIEN_OK
                           : cli_usage(j->c, "--features: which features is missing");
}

/* A picture in a folder of films is no fault; it is only left out. */
static bool is_picture(const mien_input_file *input) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return !input->problem && mien_media_kind_of(input->path, &kind) == MIEN_OK &&
           kind == MIEN_MEDIA_PICTURE;
}

static mien_status hash_inputs(cli_sound_job *j) {
    int64_t pictures = 0;
    j->hashes = mien_alloc((size_t)j->inputs.count, sizeof *j->hashes);
    if (!j->hashes) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < j->inputs.count; i++) {
        const mien_input_file *input = &j->inputs.items[i];
        if (is_picture(input)) {
            pictures++;
            continue;
        }
        mien_status status = input->problem
                                 ? mien_fail(input->status, "%s", input->problem)
                                 : mien_sha256_file(input->path, j->hashes[i]);
        if (status != MIEN_OK) {
            j->hashes[i][0] = 0;
            cli_problem(j->c, input->path, mien_error());
        }
    }
    if (pictures > 0) {
        cli_say(j->c, "%lld pictures among the inputs are left out: they have no sound",
            (long long)pictures);
    }
    return MIEN_OK;
}

/* All that decides what the rows are, as text. */
static mien_status head_of(const cli_sound_job *j, mien_string *head) {
    mien_value *map = mien_value_new_map(), *features = mien_value_new_list(),
               *inputs = mien_value_new_list();
    for (int f = 0; f < j->family_count; f++) {
        mien_value_add(features, j->families[f].family->contract(&j->families[f]));
    }
    for (int64_t i = 0; i < j->inputs.count; i++) {
        mien_value_add(inputs, mien_value_new_text(j->inputs.items[i].path));
        mien_value_add(inputs, mien_value_new_text(j->hashes[i]));
    }
    mien_value_set(map, "mien", mien_value_new_text(MIEN_VERSION));
    mien_value_set(map, "segment_s", mien_value_new_number(j->segment_s));
    mien_value_set(map, "hop_s", mien_value_new_number(j->hop_s));
    mien_value_set(map, "features", features);
    mien_status status = mien_value_set(map, "inputs", inputs);
    if (status == MIEN_OK) {
        status = mien_value_write_json(map, false, head);
    }
    mien_value_free(&map);
    return status;
}

static mien_status run_segments(cli_sound_job *j, const char *output) {
    mien_string head, part;
    mien_string_init(&head);
    mien_string_init(&part);
    mien_string_addf(&part, "%s.part", output);
    mien_status status = mien_string_status(&part);
    status = status ? status : head_of(j, &head);
    status =
        status ? status : cli_journal_open(part.text, head.text, j->width, &j->journal);
    j->found = status == MIEN_OK ? cli_journal_count(j->journal) : 0;
    if (j->found > 0) {
        cli_say(j->c, "goes on with %s: %lld rows are there", part.text,
            (long long)j->found);
    }
    status = status ? status : all_inputs(j);
    status = status ? status : cli_extract_write(j, output);
    cli_journal_close(&j->journal, status == MIEN_OK);
    mien_string_clear(&part);
    mien_string_clear(&head);
    return status;
}

static mien_status run_tracks(cli_sound_job *j, const char *output) {
    const size_t count = (size_t)j->inputs.count;
    j->tables = mien_alloc(count * CLI_FAMILIES_MAX, sizeof *j->tables);
    j->abouts = mien_alloc(count, sizeof *j->abouts);
    mien_status status = j->tables && j->abouts ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : cli_extract_tracks(j);
    status = status ? status : cli_extract_write(j, output);
    for (size_t i = 0; j->tables && i < count * CLI_FAMILIES_MAX; i++) {
        mien_tensor_free(&j->tables[i]);
    }
    for (size_t i = 0; j->abouts && i < count; i++) {
        mien_free(j->abouts[i]);
    }
    mien_free(j->tables);
    mien_free(j->abouts);
    return status;
}

mien_status cli_extract_sound(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *names = mien_options_text(o, "features"),
               *output = mien_options_text(o, "output");
    cli_sound_job j = {.c = c,
        .rate_hz = (int)mien_options_int(o, "rate"),
        .segment_s = mien_options_number(o, "segment"),
        .tracks = mien_options_flag(o, "tracks")};
    j.hop_s =
        mien_options_given(o, "hop") ? mien_options_number(o, "hop") : j.segment_s;
    if (!names || !output || strcmp(output, "-") == 0) {
        return cli_usage(c, "%s is missing", names ? "-o FILE.h5" : "--features NAME");
    }
    mien_status status = open_families(&j, names);
    status = status ? status : mien_input_files_expand(&j.inputs, positional, count);
    if (status == MIEN_OK && j.inputs.count == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "no films or sounds among the inputs");
    }
    status = status ? status : hash_inputs(&j);
    if (status == MIEN_OK) {
        status = j.tracks ? run_tracks(&j, output) : run_segments(&j, output);
    }
    cli_progress_end(c);
    for (int f = 0; f < j.family_count; f++) {
        cli_extraction_close(&j.families[f]);
    }
    mien_free(j.hashes);
    mien_input_files_clear(&j.inputs);
    return status;
}
