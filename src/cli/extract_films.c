/* SPDX-License-Identifier: MIT */
/* Features of films in segments of one clock.
 *
 * In: films and files of sound. Each is decoded once; segment i is the time from i hops
 * on, of `segment` seconds; a last one counts if a second of it exists. Every row goes
 * to a journal beside the output, which is written when all inputs are done
 * (extract_write.c), so that a stopped extraction goes on where it was. Called by
 * cmd_extract.c. */
#include "cli/extract_films.h"

#include "base/ranks.h"
#include "cli/extract_ranks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A last segment with less than this of it does not count. */
#define LEAST_S 1.0

void cli_extract_problem(cli_film_job *j, const char *input, const char *text) {
    if (j->problem) {
        j->problem(j->context, input, text);
    } else {
        cli_problem(j->c, input, text);
    }
}

static void tell(cli_film_job *j, int64_t input, const char *text) {
    if (!cli_extract_tell(j, input, text)) {
        cli_extract_problem(j, j->inputs.items[input].path, text);
    }
}

/* ---- segments ----------------------------------------------------------------- */

static int64_t first_sample(double time_s, int rate_hz) {
    return (int64_t)ceil(time_s * rate_hz - 1e-6);
}

/* Whether the journal has it: of an earlier run, or of a rank that was killed. */
static bool is_there(const cli_film_job *j, int64_t input, int32_t row) {
    return row == CLI_ROW_DONE ? j->known[input] == CLI_ALL_ROWS
                               : row < j->known[input];
}

/* The readers that are open for one input. */
typedef struct source {
    cli_samples sound;
    cli_frames pictures;
    double picture_s; /* by the film's head; 0: no pictures */
} source;

static int64_t microseconds(double seconds) {
    return seconds < 1e12 ? (int64_t)floor(seconds * 1e6 + 0.5) : INT64_MAX;
}

/* Frames of the segment that a family reads; fewer than it needs: false. */
static bool has_frames(const cli_film_job *j, const source *s,
    const cli_journal_row *row, int f, const uint8_t **kept, int64_t *count) {
    int64_t first;
    *count = cli_frames_choose(&s->pictures, microseconds(row->start_s),
        microseconds(row->end_s), j->settings.frames, &first);
    for (int64_t i = 0; i < *count; i++) {
        kept[i] = s->pictures.items[first + i].kept[f];
    }
    return *count >= j->families[f].family->least_frames;
}

/* Values of one family; false in *there: it lacks sound or frames. */
static mien_status run_family(cli_film_job *j, const source *s, cli_journal_row *row,
    int f, const uint8_t **kept, float *to, bool *there) {
    cli_extraction *e = &j->families[f];
    int64_t count;
    if (e->family->least_frames) {
        *there = has_frames(j, s, row, f, kept, &count);
        row->frames = (int32_t)count;
        return *there ? e->family->run_frames(e, kept, count, to) : MIEN_OK;
    }
    count = (int64_t)floor(row->sound_s * j->settings.rate_hz + 0.5);
    *there = row->sound_s >= e->family->least_s;
    return *there ? e->family->run(e, s->sound.samples, count, to) : MIEN_OK;
}

/* All families of one segment; a family without enough sound or frames is NaN and
 * masked. */
static mien_status add_row(
    cli_film_job *j, const source *s, cli_journal_row *row, float *values) {
    const uint8_t **kept = mien_alloc((size_t)j->settings.frames, sizeof *kept);
    mien_status status = kept ? MIEN_OK : MIEN_ENOMEM;
    float *to = values;
    row->values = values;
    for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
        bool there = false;
        status = run_family(j, s, row, f, kept, to, &there);
        row->mask |= there ? 1u << f : 0;
        for (int64_t k = 0; !there && k < j->families[f].width; k++) {
            to[k] = NAN;
        }
        to += j->families[f].width;
    }
    mien_free(kept);
    return status ? status : cli_extract_put(j, row);
}

/* Where segment `index` ends; 0 if there is none. *last: nothing lies behind it. */
static double end_of_segment(const cli_film_job *j, double reached_s, double length_s,
    int64_t index, bool *last) {
    const double slack_s = 1e-9, start_s = (double)index * j->hop_s;
    const double end_s = start_s + j->settings.segment_s;
    *last = false;
    if (end_s <= reached_s + slack_s || end_s <= length_s + slack_s) {
        return end_s;
    }
    *last = true;
    const bool seen = index > 0 && end_s - j->hop_s >= length_s - slack_s;
    const double left_s = length_s - start_s;
    return !seen && left_s > 0 && (index == 0 || left_s >= LEAST_S) ? length_s : 0;
}

/* How far sound and pictures are known to go on, up to `end_s`. */
static double reached(const cli_film_job *j, const source *s, double end_s) {
    const double sound_s =
        (double)(s->sound.first + s->sound.count) / j->settings.rate_hz;
    const cli_frames *p = &s->pictures;
    double picture_s = s->picture_s;
    if (p->film) {
        picture_s = cli_frames_reach(p, microseconds(end_s)) ? end_s
                    : p->end != MIEN_OK && p->end_us > 0     ? (double)p->end_us / 1e6
                                                             : 0;
    }
    return sound_s > picture_s ? sound_s : picture_s;
}

/* Where a row that a table asks for ends; one behind the end of all has nothing in it.
 */
static double end_of_span(
    const cli_film_job *j, double reached_s, int64_t index, bool *last) {
    const cli_span *span = &j->spans[index];
    *last = index + 1 == j->span_count;
    return reached_s > span->start_s && reached_s < span->end_s ? reached_s
                                                                : span->end_s;
}

/* Segment `index`, unless it is there already; *last: there is none behind it. */
static mien_status one_segment(cli_film_job *j, source *s, int64_t input, int64_t index,
    float *values, bool *last) {
    const double start_s =
        j->spans ? j->spans[index].start_s : (double)index * j->hop_s;
    const double whole_s =
        j->spans ? j->spans[index].end_s : start_s + j->settings.segment_s;
    const int64_t from = first_sample(start_s, j->settings.rate_hz),
                  to = first_sample(whole_s, j->settings.rate_hz);
    mien_status status = cli_samples_take(&s->sound, from, to);
    if (status == MIEN_OK) {
        status = cli_frames_take(
            &s->pictures, j, microseconds(start_s), microseconds(whole_s));
    }
    if (status != MIEN_OK) {
        return status;
    }
    /* short of the end only where all has ended: then its length is known */
    const double reached_s = reached(j, s, whole_s);
    const double end_s = j->spans
                             ? end_of_span(j, reached_s, index, last)
                             : end_of_segment(j, reached_s, reached_s, index, last);
    if (end_s == 0 || is_there(j, input, (int32_t)index)) {
        return MIEN_OK;
    }
    int64_t count = s->sound.first < from ? 0 : s->sound.count;
    count = count < to - from ? count : to - from;
    cli_journal_row row = {.input = (int32_t)input,
        .row = (int32_t)index,
        .start_s = start_s,
        .end_s = end_s,
        .sound_s = (double)count / j->settings.rate_hz};
    return add_row(j, s, &row, values);
}

static mien_status all_segments(cli_film_job *j, source *s, int64_t input) {
    float *values = mien_alloc((size_t)j->width, sizeof *values);
    mien_status status = values ? MIEN_OK : MIEN_ENOMEM;
    bool last = false;
    for (int64_t i = 0; status == MIEN_OK && !last && i < INT32_MAX; i++) {
        status = one_segment(j, s, input, i, values, &last);
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
        cli_progress(j->c, mien_path_base(j->inputs.items[input].path), i + 1,
            s->picture_s > 0 ? (int64_t)ceil(s->picture_s / j->hop_s) : 0);
    }
    mien_free(values);
    return status;
}

/* The pictures of a film; without any only its sound is taken. They stay open where a
 * family wants them. */
static mien_status open_pictures(cli_film_job *j, const char *path, source *s) {
    mien_film_options o = mien_film_options_default();
    o.threads = j->pictures ? mien_cpu_count() : 1;
    mien_status status = mien_film_open(path, &o, &s->pictures.film);
    s->pictures.path = path;
    if (status == MIEN_OK) {
        s->picture_s = mien_film_info_of(s->pictures.film)->duration_s;
    }
    if (status == MIEN_OK && !j->pictures) {
        mien_film_close(&s->pictures.film);
    }
    return status == MIEN_ENOMEM ? status : MIEN_OK;
}

/* A film without sound has rows, those of its sound masked, and its reason; so has
 * sound without pictures where they are wanted. What is neither is an error. */
static mien_status open_source(
    cli_film_job *j, const char *path, source *s, char *problem, size_t size) {
    const mien_sound_options o = {.rate_hz = j->settings.rate_hz};
    s->sound.rate_hz = j->settings.rate_hz;
    mien_status status = mien_sound_open(path, &o, &s->sound.sound);
    if (status == MIEN_ENOTFOUND) {
        if (j->sounds) {
            snprintf(problem, size, "%s", mien_error());
        }
        s->sound.end = MIEN_END;
        status = open_pictures(j, path, s);
        if (status == MIEN_OK && !s->pictures.film && s->picture_s == 0) {
            status = mien_fail(MIEN_ENOTFOUND, "%s: neither pictures nor sound", path);
        }
    } else if (status == MIEN_OK) {
        status = open_pictures(j, path, s);
        if (status == MIEN_OK && j->pictures && !s->pictures.film) {
            snprintf(problem, size, "%s: there are no pictures", path);
        }
    }
    return status;
}

/* Reports the problems that the readers met on the way; an input that yielded
 * nothing is an error. */
static mien_status look_back(source *s, char *problem, size_t size) {
    if (s->sound.end == MIEN_EFORMAT) {
        int64_t n;
        float sample; /* the reader tells its end again, and the words with it */
        mien_sound_read(s->sound.sound, &sample, 1, &n);
        snprintf(problem, size, "%s", mien_error());
    } else if (s->pictures.end == MIEN_EFORMAT) {
        snprintf(problem, size, "%s", s->pictures.problem);
    }
    const bool none = s->sound.first + s->sound.count == 0 && s->pictures.taken == 0;
    return none && *problem && s->picture_s == 0
               ? mien_fail(MIEN_EFORMAT, "%s", problem)
               : MIEN_OK;
}

static void source_clear(cli_film_job *j, source *s) {
    cli_samples_clear(&s->sound);
    cli_frames_clear(&s->pictures, j->family_count);
}

static mien_status one_input(cli_film_job *j, int64_t input) {
    const char *path = j->inputs.items[input].path;
    char problem[1024] = "", *about = NULL;
    source s = {0};
    mien_status status = open_source(j, path, &s, problem, sizeof problem);
    status = status ? status : all_segments(j, &s, input);
    status = status ? status : look_back(&s, problem, sizeof problem);
    if (status == MIEN_OK) {
        status = cli_film_about(j, input, s.sound.sound, s.pictures.film,
            reached(j, &s, INFINITY), *problem ? problem : NULL, &about);
    }
    if (status == MIEN_OK) {
        const cli_journal_row row = {
            .input = (int32_t)input, .row = CLI_ROW_DONE, .about = about};
        status = cli_extract_put(j, &row);
    }
    if (status == MIEN_OK && *problem) {
        tell(j, input, problem);
    }
    mien_free(about);
    source_clear(j, &s);
    return status;
}

mien_status cli_extract_input(cli_film_job *j, int64_t input) {
    if (!*j->hashes[input] || is_there(j, input, CLI_ROW_DONE)) {
        return MIEN_OK; /* told, or done before */
    }
    mien_status one = one_input(j, input);
    if (one == MIEN_ENOMEM || one == MIEN_EINTERRUPTED || one == MIEN_EIO) {
        return one;
    }
    if (one != MIEN_OK) {
        tell(j, input, mien_error());
    }
    return MIEN_OK;
}

static mien_status all_inputs(cli_film_job *j) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < j->inputs.count; i++) {
        status = cli_extract_input(j, i);
    }
    return status;
}

/* ---- what is asked for ---------------------------------------------------------- */

static mien_status find_families(cli_film_job *j, const char *names) {
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
        if (status != MIEN_OK) {
            j->c->usage = status == MIEN_EINVAL;
            return status;
        }
        j->families[j->family_count++].family = family;
    }
    return j->family_count ? MIEN_OK
                           : cli_usage(j->c, "--features: which features is missing");
}

/* Opens the families, those of sound first: while the largest network opens, it
 * needs twice the memory of its weights. */
static mien_status open_families(cli_film_job *j) {
    mien_status status = MIEN_OK;
    for (int pass = 0; pass < 2; pass++) {
        for (int f = 0; status == MIEN_OK && f < j->family_count; f++) {
            cli_extraction *e = &j->families[f];
            if ((e->family->least_frames > 0) == (pass == 1)) {
                status = cli_extraction_open(e->family, &j->settings, e);
                j->width += e->width;
                j->pictures = j->pictures || pass == 1;
                j->sounds = j->sounds || pass == 0;
            }
        }
    }
    j->c->usage = status == MIEN_EINVAL;
    return status;
}

/* A picture in a folder of films is no fault; it is only left out. */
static bool is_picture(const mien_input_file *input) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return !input->problem && mien_media_kind_of(input->path, &kind) == MIEN_OK &&
           kind == MIEN_MEDIA_PICTURE;
}

static mien_status hash_inputs(cli_film_job *j) {
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
            if (!j->dealt || mien_rank(mien_ranks_here()) == 0) { /* All see it. */
                cli_extract_problem(j, input->path, mien_error());
            }
        }
    }
    if (pictures > 0) {
        cli_say(j->c, "%lld pictures among the inputs are left out: they are no films",
            (long long)pictures);
    }
    return MIEN_OK;
}

/* All that decides what the rows are, as text. */
static mien_status head_of(const cli_film_job *j, mien_string *head) {
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
    mien_value_set(map, "segment_s", mien_value_new_number(j->settings.segment_s));
    mien_value_set(map, "hop_s", mien_value_new_number(j->hop_s));
    for (int64_t i = 0; i < j->span_count; i++) {
        mien_value_add(inputs, mien_value_new_number(j->spans[i].start_s));
        mien_value_add(inputs, mien_value_new_number(j->spans[i].end_s));
    }
    mien_value_set(map, "features", features);
    mien_status status = mien_value_set(map, "inputs", inputs);
    if (status == MIEN_OK) {
        status = mien_value_write_json(map, false, head);
    }
    mien_value_free(&map);
    return status;
}

/* Opens the journal; what it has is not computed again. */
static mien_status take_up(cli_film_job *j, const char *part, const char *head) {
    mien_status status = cli_journal_open(part, head, j->width, &j->journal);
    int64_t found = status == MIEN_OK ? cli_journal_count(j->journal) : 0;
    for (int64_t i = 0; i < found; i++) {
        const cli_journal_row *r = cli_journal_at(j->journal, i);
        j->known[r->input] = r->row == CLI_ROW_DONE ? CLI_ALL_ROWS : r->row + 1;
    }
    if (found > 0) {
        cli_say(j->c, "goes on with %s: %lld rows are there", part, (long long)found);
    }
    return status;
}

static mien_status run_segments(cli_film_job *j, const char *output) {
    bool root = !j->dealt || mien_rank(mien_ranks_here()) == 0;
    mien_string head, part;
    mien_string_init(&head);
    mien_string_init(&part);
    mien_string_addf(&part, "%s.part", output);
    j->known = mien_alloc((size_t)j->inputs.count, sizeof *j->known);
    mien_status status = j->known ? mien_string_status(&part) : MIEN_ENOMEM;
    status = status ? status : head_of(j, &head);
    if (status == MIEN_OK && root) {
        status = take_up(j, part.text, head.text);
    }
    status = status     ? status
             : j->dealt ? cli_extract_deal(j, head.text)
                        : all_inputs(j);
    if (status == MIEN_OK && root) {
        status = cli_extract_write(j, output);
    }
    cli_journal_close(&j->journal, status == MIEN_OK);
    mien_free(j->known);
    mien_string_clear(&part);
    mien_string_clear(&head);
    return status;
}

static mien_status run_tracks(cli_film_job *j, const char *output) {
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

mien_status cli_films_run(
    cli *c, const cli_film_request *r, int count, const char *const *inputs) {
    cli_film_job j = {.c = c,
        .settings = r->settings,
        .hop_s = r->hop_s,
        .tracks = r->tracks,
        .dealt = r->dealt,
        .spans = r->spans,
        .span_count = r->span_count,
        .problem = r->problem,
        .context = r->context};
    j.settings.threads = c->threads;
    mien_status status = find_families(&j, r->names);
    status = status ? status : open_families(&j);
    status = status ? status : mien_input_files_expand(&j.inputs, inputs, count);
    if (status == MIEN_OK && j.inputs.count == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "no films or sounds among the inputs");
    }
    status = status ? status : hash_inputs(&j);
    if (status == MIEN_OK) {
        status = j.tracks ? run_tracks(&j, r->output) : run_segments(&j, r->output);
    }
    cli_progress_end(c);
    for (int f = 0; f < j.family_count; f++) {
        cli_extraction_close(&j.families[f]);
    }
    mien_free(j.hashes);
    mien_input_files_clear(&j.inputs);
    return status;
}

/* A number of pixels, or "native". */
mien_status cli_flow_size(cli *c, const char *text, int *size) {
    int64_t pixels = 0;
    if (strcmp(text, "native") != 0 &&
        (!mien_parse_int(text, &pixels) || pixels < 64 || pixels > 4096)) {
        return cli_usage(c,
            "--flow-size: \"%s\" is neither native nor a short side of 64 to 4096",
            text);
    }
    *size = (int)pixels;
    return MIEN_OK;
}

static mien_status take_settings(cli *c, const mien_options *o, cli_film_request *r) {
    cli_film_settings *s = &r->settings;
    *s = cli_film_settings_default();
    s->rate_hz = (int)mien_options_int(o, "rate");
    s->segment_s = mien_options_number(o, "segment");
    s->frames = mien_options_int(o, "frames");
    s->frame_rate_hz = strcmp(mien_options_text(o, "frame-rate"), "native") == 0
                           ? 0
                           : s->frame_rate_hz;
    s->embedding_linear = strcmp(mien_options_text(o, "embedding"), "linear") == 0;
    s->batch_statistics = strcmp(mien_options_text(o, "statistics"), "batch") == 0;
    s->pca = mien_options_text(o, "pca");
    s->weights = mien_options_text(o, "weights");
    s->exact = mien_options_flag(o, "exact");
    r->hop_s =
        mien_options_given(o, "hop") ? mien_options_number(o, "hop") : s->segment_s;
    return cli_flow_size(c, mien_options_text(o, "flow-size"), &s->flow_size);
}

mien_status cli_extract_films(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    cli_film_request r = {.names = mien_options_text(o, "features"),
        .output = mien_options_text(o, "output"),
        .tracks = mien_options_flag(o, "tracks"),
        .dealt = !mien_options_flag(o, "tracks") && mien_ranks_here()};
    if (!r.names || !r.output || strcmp(r.output, "-") == 0) {
        return cli_usage(
            c, "%s is missing", r.names ? "-o FILE.h5" : "--features NAME");
    }
    if (r.tracks && mien_rank(mien_ranks_here()) > 0) {
        return MIEN_OK; /* They are rank 0's alone. */
    }
    mien_status status = take_settings(c, o, &r);
    return status ? status : cli_films_run(c, &r, count, positional);
}
