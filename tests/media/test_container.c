/* SPDX-License-Identifier: MIT */
/* Only the file that was named is read, whatever stands in it. */
#include "support/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/container.h"
#include "media/file.h"
#include "mien/media.h"

#define TEXT(text) text, sizeof(text) - 1

/* Each names a film beside it, one a pipe that nobody writes to, which would be waited
 * for without end, and one itself. */
static void what_names_other_files_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        const char *demuxer;
    } lists[] = {
        {TEXT("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nvid.ts\n#EXT-X-ENDLIST\n"),
            "(hls)"},
        {TEXT("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\npipe\n#EXT-X-ENDLIST\n"),
            "(hls)"},
        {TEXT("ffconcat version 1.0\nfile vid.mp4\n"), "(concat)"},
        {TEXT("ffconcat version 1.0\nfile pipe\n"), "(concat)"},
        {TEXT("ffconcat version 1.0\nfile list.mp4\n"), "(concat)"},
        {TEXT("# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:01:000, "
              "filepos: 000000000\n"),
            "(vobsub)"},
        {TEXT(
             "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
             "m=video 5004 RTP/AVP 96\r\n"),
            "(sdp)"},
    };
    assert_int_equal(mkfifo(support_temp_path("pipe"), 0600), 0);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *path = support_write("list.mp4", lists[i].text, lists[i].n);
        mien_film *film = NULL;
        assert_fails(
            mien_film_open(path, NULL, &film), MIEN_EUNSUPPORTED, lists[i].demuxer);
        assert_non_null(strstr(mien_error(), "list.mp4"));
        assert_null(film);
    }
}

/* A sequence of pictures is named by a pattern in the name, whatever the file holds. */
static void a_name_like_a_pattern_is_a_name(void **state) {
    (void)state;
    mien_film *film = NULL;
    support_write("frame1.jpg", "\xFF\xD8\xFF", 3);
    support_write("frame2.jpg", "\xFF\xD8\xFF", 3);
    assert_fails(mien_film_open(support_temp_path("frame%d.jpg"), NULL, &film),
        MIEN_EIO, "frame%d.jpg");
    assert_fails(
        mien_film_open(support_write("frame%d.jpg", "no film", 7), NULL, &film),
        MIEN_EFORMAT, "frame%d.jpg");
}

static void a_pipe_is_refused_at_once(void **state) {
    (void)state;
    mien_film *film = NULL;
    const char *pipe = support_temp_path("film.mp4");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_fails(mien_film_open(pipe, NULL, &film), MIEN_EIO, "film.mp4: is a pipe");
    assert_fails(
        mien_film_open("/dev/zero", NULL, &film), MIEN_EIO, "is a pipe or dev");
}

/* Playlists of the fault report, beside the films they name. */
static void reported_playlists_are_refused_and_their_films_play(void **state) {
    (void)state;
    static const char *const lists[] = {"c.mp4", "h.mp4", "self.mp4"};
    static const char *const films[] = {"vid.mp4", "vid.ts"};
    char name[64];
    mien_film *film = NULL;
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "cases/security/playlist/%s", lists[i]);
        assert_fails(mien_film_open(support_shared(name), NULL, &film),
            MIEN_EUNSUPPORTED, "only the file named is read");
    }
    for (int i = 0; i < 2; i++) {
        const mien_tensor *image = NULL;
        int64_t time_us, sample_us;
        snprintf(name, sizeof name, "cases/security/playlist/%s", films[i]);
        assert_good(mien_film_open(support_shared(name), NULL, &film));
        assert_good(mien_film_next(film, &image, &time_us, &sample_us));
        mien_film_close(&film);
    }
}

/* EBML's head of five bytes, then a segment whose length is told in `bytes` bytes. */
static bool truncated(const char *length, size_t bytes, uint64_t size) {
    uint8_t head[64];
    memcpy(head, "\x1A\x45\xDF\xA3\x81\0\x18\x53\x80\x67", 10);
    memcpy(head + 10, length, bytes);
    return mien_matroska_is_truncated(head, 10 + bytes, size);
}

static void a_matroska_file_tells_how_long_it_is(void **state) {
    (void)state;
    assert_false(truncated("\x90", 1, 11 + 16));
    assert_false(truncated("\x90", 1, 11 + 17));
    assert_true(truncated("\x90", 1, 11 + 15));
    assert_true(truncated("\x01\0\0\0\0\0\x01\0", 8, 18 + 255));
    assert_false(truncated("\x01\0\0\0\0\0\x01\0", 8, 18 + 256));
    assert_false(truncated("\xFF", 1, 11)); /* unknown */
    assert_false(truncated("\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 18));
    assert_false(truncated("\x01\0", 2, 12)); /* the head is not all there */
    assert_false(mien_matroska_is_truncated((const uint8_t *)"\0\0\0 ftyp", 8, 8));
    assert_false(mien_matroska_is_truncated(NULL, 0, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_names_other_files_is_refused_by_name),
        cmocka_unit_test(a_name_like_a_pattern_is_a_name),
        cmocka_unit_test(a_pipe_is_refused_at_once),
        cmocka_unit_test(reported_playlists_are_refused_and_their_films_play),
        cmocka_unit_test(a_matroska_file_tells_how_long_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
