/* SPDX-License-Identifier: MIT */
/* The process's own means: processors, memory, clock, interrupt. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "mien/base.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static atomic_int asked_to_stop;

int mien_cpu_count(void) {
    cpu_set_t set;
    int count = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        count = CPU_COUNT(&set);
    }
    if (count < 1) { /* more processors than the set holds */
        count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    }
    return count < 1 ? 1 : count;
}

void mien_interrupt(void) {
    atomic_store(&asked_to_stop, 1);
}

bool mien_interrupted(void) {
    return atomic_load_explicit(&asked_to_stop, memory_order_relaxed) != 0;
}

void mien_interrupt_clear(void) {
    atomic_store(&asked_to_stop, 0);
}

double mien_clock_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int64_t mien_peak_memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)usage.ru_maxrss * 1024;
}
