/* SPDX-License-Identifier: MIT */
/* Every public function takes NULL for any of its pointers without a crash; where one
 * may not be NULL, a function that returns a status says which. The calls are written
 * by null_calls.py from include/mien. */
#include "contract/null_calls.h"
#include "support/support.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST_S = 60 };

char null_zeros[1 << 16] __attribute__((aligned(64)));

mien_status null_callback(void) {
    return MIEN_OK;
}

/* What the child that makes the calls tells. */
typedef struct progress {
    int at, wrong;
} progress;

static void make_call(const null_call *call, progress *told) {
    memset(null_zeros, 0, sizeof null_zeros);
    mien_status status = call->call();
    if (!call->fails) {
        return;
    }
    if (status != MIEN_EINVAL || !strstr(mien_error(), " is NULL")) {
        print_message(
            "%s: %s, \"%s\"\n", call->name, mien_status_name(status), mien_error());
        told->wrong++;
    }
}

/* Makes the calls from told->at on, up to the end or the first that crashes. */
static void child_makes_calls(progress *told) {
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        signal(fatal[i], SIG_DFL); /* cmocka would go on with the parent's tests */
    }
    for (; told->at < null_calls_count; told->at++) {
        alarm(LONGEST_S);
        make_call(&null_calls[told->at], told);
    }
    _exit(0);
}

static void null_is_an_error_and_no_crash(void **state) {
    (void)state;
    progress *told = mmap(
        NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(told != MAP_FAILED);
    int crashed = 0;
    for (; told->at < null_calls_count; told->at++) {
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            child_makes_calls(told);
        }
        int result = 0;
        assert_int_equal(waitpid(child, &result, 0), child);
        if (told->at < null_calls_count) {
            print_message("%s: crashes (%s)\n", null_calls[told->at].name,
                WIFSIGNALED(result) ? strsignal(WTERMSIG(result)) : "exit");
            crashed++;
        }
    }
    print_message("%d calls: %d crash, %d without their error\n", null_calls_count,
        crashed, told->wrong);
    assert_true(null_calls_count > 1000);
    assert_int_equal(crashed + told->wrong, 0);
    munmap(told, sizeof *told);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
