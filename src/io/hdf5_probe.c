/* SPDX-License-Identifier: MIT */
/* Reads an HDF5 file in a process of its own first.
 *
 * libhdf5 (1.10 above all) trusts what a file says of itself: one changed byte, such as
 * the size of a chunk's element, makes it read or write outside its buffers. A file
 * that brings it down must not bring down ours, so a child reads all of it before we
 * do. */
#include "io/hdf5_file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_MAX 60

static bool left_out;

/* Files that a child has read to the end, the last ones; a turn is taken around it. A
 * study opens each of its files once for every input, and a fork costs milliseconds. */
enum { READ_MOST = 256 };
static mien_file_stamp read_before[READ_MOST];
static int64_t read_count, children;

void mien_hdf5_probe_leave_out(bool leave_out) {
    left_out = leave_out;
}

int64_t mien_hdf5_probe_children(void) {
    return children;
}

static void read_attributes(mien_hdf5 *f, const char *object) {
    char **names = NULL;
    int64_t count = 0;
    if (mien_hdf5_attributes(f, object, &names, &count) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        char **texts = NULL;
        int64_t texts_count = 0;
        mien_tensor *tensor = NULL;
        if (mien_hdf5_texts(f, object, names[i], &texts, &texts_count) == MIEN_OK) {
            mien_names_free(&texts, texts_count);
        } else if (mien_hdf5_numbers(f, object, names[i], &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
    }
    mien_names_free(&names, count);
}

/* Reads all values in the child process; an orderly error is left to the parent,
 * which finds it again and has the words. */
static void read_everything(mien_hdf5 *f) {
    for (int64_t i = 0; i < f->object_count; i++) {
        read_attributes(f, f->objects[i].name);
    }
    for (int64_t i = 0; i < f->set_count; i++) {
        mien_tensor *tensor = NULL;
        if (mien_hdf5_place(f, i) >= 0) {
            continue; /* values that are copied as they lie */
        }
        if (mien_hdf5_load(f, i, &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
    }
}

/* Nobody hears the child: what happens to it is told by how it ends. */
static void be_child(mien_hdf5 *f, mien_hdf5_turn *turn) {
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM};
    const struct rlimit none = {0, 0};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        signal(deadly[i], SIG_DFL);
    }
    setrlimit(RLIMIT_CORE, &none);
    mien_alloc_fail_at(0); /* a test's failure is the parent's */
    close(STDERR_FILENO);
    alarm(SECONDS_MAX);
    if (mien_hdf5_read_tree(f) == MIEN_OK) {
        mien_hdf5_turn_give(turn);
        read_everything(f);
    }
    _exit(0);
}

static bool was_read(const mien_file_stamp *stamp) {
    for (int64_t i = 0; i < read_count && i < READ_MOST; i++) {
        if (memcmp(&read_before[i], stamp, sizeof *stamp) == 0) {
            return true;
        }
    }
    return false;
}

static void remember(const mien_file_stamp *stamp) {
    if (stamp->device || stamp->file) {
        read_before[read_count++ % READ_MOST] = *stamp;
    }
}

mien_status mien_hdf5_probe(mien_hdf5 *f, mien_hdf5_turn *turn) {
    if (left_out || was_read(&f->stamp)) {
        return MIEN_OK;
    }
    pid_t child = fork();
    children += child > 0;
    if (child < 0) {
        return mien_fail(MIEN_ENOMEM, "%s: no process to read it in first", f->path);
    }
    if (child == 0) {
        be_child(f, turn);
    }
    int ended = 0;
    pid_t got;
    do {
        got = waitpid(child, &ended, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return MIEN_OK; /* the program lets its children go unheard */
    }
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) {
        remember(&f->stamp);
        return MIEN_OK;
    }
    if (WIFSIGNALED(ended) && WTERMSIG(ended) == SIGALRM) {
        return mien_fail(MIEN_EFORMAT, "%s: libhdf5 does not come to its end in %d s",
            f->path, SECONDS_MAX);
    }
    return mien_fail(MIEN_EFORMAT, "%s: damaged: libhdf5 breaks down on it", f->path);
}
