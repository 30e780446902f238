/* SPDX-License-Identifier: MIT */
/* The features that mien extract takes of films: those of sound alone, and the table.
 */
#include "cli/film_families.h"

#include <math.h>
#include <string.h>

/* ---- emobase2010 -------------------------------------------------------------- */

static mien_status emobase_open_with(cli_extraction *e, mien_emobase_options o) {
    mien_emobase *made = NULL;
    o.rate_hz = e->settings.rate_hz;
    mien_status status = mien_emobase_new(&o, &made);
    e->state = made;
    e->rank = 1;
    e->shape[0] = MIEN_EMOBASE_VALUES;
    return status;
}

static mien_status emobase_open(cli_extraction *e) {
    return emobase_open_with(e, mien_emobase_options_default());
}

static mien_status emobase_s5_open(cli_extraction *e) {
    return emobase_open_with(e, mien_emobase_options_s5());
}

static void emobase_close(cli_extraction *e) {
    mien_emobase *made = e->state;
    mien_emobase_free(&made);
}

static mien_status emobase_run(
    cli_extraction *e, const float *sound, int64_t count, float *values) {
    return mien_emobase_run(e->state, sound, count, values);
}

static mien_status emobase_run_tracks(
    cli_extraction *e, const float *sound, int64_t count, mien_tensor **tracks) {
    return mien_emobase_tracks(e->state, sound, count, tracks);
}

static mien_value *emobase_map(
    const cli_extraction *e, const mien_emobase_options *o, const char *name) {
    mien_value *map = mien_value_new_map();
    mien_value_set(map, "feature", mien_value_new_text(name));
    mien_value_set(map, "description",
        mien_value_new_text("emobase2010, re-implemented from its description; not "
                            "openSMILE"));
    mien_value_set(map, "rate_hz", mien_value_new_int(e->settings.rate_hz));
    mien_value_set(map, "frame_long_s", mien_value_new_number(o->frame_long_s));
    mien_value_set(map, "frame_short_s", mien_value_new_number(o->frame_short_s));
    mien_value_set(map, "hop_s", mien_value_new_number(o->hop_s));
    mien_value_set(map, "window_s", mien_value_new_number(o->window_s));
    mien_value_set(map, "step_s", mien_value_new_number(o->step_s));
    mien_value_set(map, "pad", mien_value_new_text(o->pad_both ? "both" : "right"));
    mien_value_set(map, "loudness",
        mien_value_new_text(o->loudness_whole ? "whole-frame" : "first-sample"));
    return map;
}

static mien_value *emobase_contract(const cli_extraction *e) {
    const mien_emobase_options o = mien_emobase_options_default();
    return emobase_map(e, &o, "emobase2010");
}

static mien_value *emobase_s5_contract(const cli_extraction *e) {
    const mien_emobase_options o = mien_emobase_options_s5();
    return emobase_map(e, &o, "emobase2010-s5");
}

/* ---- eGeMAPS ------------------------------------------------------------------- */

static mien_status egemaps_open(cli_extraction *e) {
    mien_egemaps *made = NULL;
    mien_status status = mien_egemaps_new(&made);
    e->state = made;
    e->rank = 1;
    e->shape[0] = MIEN_EGEMAPS_VALUES;
    return status;
}

static void egemaps_close(cli_extraction *e) {
    mien_egemaps *made = e->state;
    mien_egemaps_free(&made);
}

static mien_status egemaps_run(
    cli_extraction *e, const float *sound, int64_t count, float *values) {
    return mien_egemaps_run(e->state, sound, count, values);
}

static mien_status egemaps_run_tracks(
    cli_extraction *e, const float *sound, int64_t count, mien_tensor **tracks) {
    return mien_egemaps_tracks(e->state, sound, count, tracks);
}

static mien_value *egemaps_contract(const cli_extraction *e) {
    mien_value *map = mien_value_new_map();
    mien_value_set(map, "feature", mien_value_new_text(e->family->name));
    mien_value_set(map, "description",
        mien_value_new_text("eGeMAPS v02, re-implemented from its description; not "
                            "openSMILE"));
    mien_value_set(map, "rate_hz", mien_value_new_int(MIEN_EGEMAPS_RATE_HZ));
    mien_value_set(map, "hop_s", mien_value_new_number(0.01));
    return map;
}

/* ---- VGGish's front end --------------------------------------------------------- */

mien_status cli_logmel_open(
    cli_extraction *e, mien_logmel **logmel, int64_t *examples) {
    const mien_logmel_options o = mien_logmel_options_vggish();
    const int64_t count = (int64_t)ceil(e->settings.segment_s * e->settings.rate_hz);
    *examples = mien_logmel_examples(&o, count);
    if (*examples < 1) {
        return mien_fail(MIEN_EINVAL,
            "%s: segments of %g s hold no example, which takes 0.975 s",
            e->family->name, e->settings.segment_s);
    }
    mien_status status = mien_logmel_new(&o, logmel);
    if (status == MIEN_OK) {
        e->scratch = mien_alloc(
            (size_t)mien_logmel_frames(&o, count + 1) * (size_t)o.bands, sizeof(float));
        status = e->scratch ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

static mien_status logmel_open(cli_extraction *e) {
    const mien_logmel_options o = mien_logmel_options_vggish();
    mien_logmel *made = NULL;
    mien_status status = cli_logmel_open(e, &made, &e->shape[0]);
    e->state = made;
    e->rank = 3;
    e->shape[1] = o.frames;
    e->shape[2] = o.bands;
    return status;
}

static void logmel_close(cli_extraction *e) {
    mien_logmel *made = e->state;
    mien_logmel_free(&made);
}

int64_t cli_logmel_examples(cli_extraction *e, mien_logmel *logmel, const float *sound,
    int64_t count, int64_t most, float *examples) {
    const mien_logmel_options o = mien_logmel_options_vggish();
    const int64_t size = (int64_t)o.frames * o.bands;
    int64_t n = mien_logmel_examples(&o, count);
    n = n < most ? n : most;
    mien_logmel_run(logmel, sound, count, e->scratch);
    for (int64_t i = 0; i < n; i++) {
        memcpy(examples + i * size, e->scratch + i * o.step * o.bands,
            (size_t)size * sizeof *examples);
    }
    return n;
}

static mien_status logmel_run(
    cli_extraction *e, const float *sound, int64_t count, float *values) {
    const int64_t size = e->shape[1] * e->shape[2];
    const int64_t n =
        cli_logmel_examples(e, e->state, sound, count, e->shape[0], values);
    for (int64_t k = n * size; k < e->shape[0] * size; k++) {
        values[k] = NAN;
    }
    return MIEN_OK;
}

static mien_value *logmel_contract(const cli_extraction *e) {
    const mien_logmel_options o = mien_logmel_options_vggish();
    mien_value *map = mien_value_new_map();
    mien_value_set(map, "feature", mien_value_new_text("vggish-logmel"));
    mien_value_set(map, "description",
        mien_value_new_text(
            "examples of VGGish's front end; those that a segment lacks "
            "are NaN"));
    mien_value_set(map, "rate_hz", mien_value_new_int(e->settings.rate_hz));
    mien_value_set(map, "window", mien_value_new_int(o.window));
    mien_value_set(map, "hop", mien_value_new_int(o.hop));
    mien_value_set(map, "size", mien_value_new_int(o.size));
    mien_value_set(map, "low_hz", mien_value_new_number(o.low_hz));
    mien_value_set(map, "high_hz", mien_value_new_number(o.high_hz));
    mien_value_set(map, "spectrum", mien_value_new_text("magnitude"));
    mien_value_set(map, "offset", mien_value_new_number(o.offset));
    mien_value_set(map, "step", mien_value_new_int(o.step));
    return map;
}

/* ---- the table ------------------------------------------------------------------ */

static const cli_family emobase = {.name = "emobase2010",
    .summary = "1582 values of a voice",
    .any_rate = true,
    .least_s = 0.1,
    .tracks = MIEN_EMOBASE_TRACKS,
    .track_hop_s = 0.010,
    .open = emobase_open,
    .close = emobase_close,
    .run = emobase_run,
    .run_tracks = emobase_run_tracks,
    .value_name = mien_emobase_name,
    .track_name = mien_emobase_track_name,
    .contract = emobase_contract};

static const cli_family emobase_s5 = {.name = "emobase2010-s5",
    .summary = "the same as AttendAffectNet takes it",
    .any_rate = true,
    .least_s = 0.7,
    .open = emobase_s5_open,
    .close = emobase_close,
    .run = emobase_run,
    .value_name = mien_emobase_name,
    .contract = emobase_s5_contract};

static const cli_family egemaps = {.name = "egemaps",
    .summary = "88 values of a voice: eGeMAPS v02",
    .least_s = 0.1,
    .tracks = MIEN_EGEMAPS_TRACKS,
    .track_hop_s = 0.010,
    .open = egemaps_open,
    .close = egemaps_close,
    .run = egemaps_run,
    .run_tracks = egemaps_run_tracks,
    .value_name = mien_egemaps_name,
    .track_name = mien_egemaps_track_name,
    .contract = egemaps_contract};

static const cli_family logmel = {.name = "vggish-logmel",
    .summary = "log-mel examples for VGGish",
    .least_s = 0.975,
    .open = logmel_open,
    .close = logmel_close,
    .run = logmel_run,
    .contract = logmel_contract};

static const cli_family *const families[] = {&cli_family_resnet50, &cli_family_i3d,
    &cli_family_i3d_s5, &cli_family_flownet, &cli_family_flownet_s5, &cli_family_vggish,
    &emobase, &emobase_s5, &egemaps, &logmel, &cli_family_colour, &cli_family_motion};

int cli_family_count(void) {
    return (int)(sizeof families / sizeof families[0]);
}

const cli_family *cli_family_at(int index) {
    return families[index];
}

mien_status cli_family_find(const char *name, const cli_family **family) {
    mien_string all;
    mien_string_init(&all);
    for (int i = 0; i < cli_family_count(); i++) {
        if (strcmp(families[i]->name, name) == 0) {
            *family = families[i];
            mien_string_clear(&all);
            return MIEN_OK;
        }
        mien_string_addf(&all, "%s%s", i ? ", " : "", families[i]->name);
    }
    mien_status status =
        mien_fail(MIEN_EINVAL, "--features: \"%s\" is none of %s", name, all.text);
    mien_string_clear(&all);
    return status;
}

cli_film_settings cli_film_settings_default(void) {
    return (cli_film_settings){.rate_hz = CLI_FAMILY_RATE_HZ,
        .segment_s = 5,
        .frames = 64,
        .frame_rate_hz = 25};
}

mien_status cli_extraction_open(
    const cli_family *family, const cli_film_settings *settings, cli_extraction *e) {
    *e = (cli_extraction){.family = family, .settings = *settings};
    if (!family->least_frames && !family->any_rate &&
        settings->rate_hz != CLI_FAMILY_RATE_HZ) {
        return mien_fail(MIEN_EINVAL, "%s is taken at %d samples a second alone",
            family->name, CLI_FAMILY_RATE_HZ);
    }
    mien_status status = family->open(e);
    e->width = 1;
    for (int d = 0; d < e->rank; d++) {
        e->width *= e->shape[d];
    }
    return status;
}

void cli_extraction_close(cli_extraction *e) {
    if (e->state) {
        e->family->close(e);
    }
    mien_free(e->scratch);
    *e = (cli_extraction){0};
}
