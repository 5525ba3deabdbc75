// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time, memory and dropped datagrams of a process and of the machine; for the load programs.
#pragma once
#include <glib.h>
#include <stdint.h>

#define MAX_THREADS 64

typedef struct {
    char name[32];
    uint64_t ns;
} ThreadCpu;

typedef struct {
    ThreadCpu threads[MAX_THREADS]; // those of one name together
    unsigned n;
    uint64_t children_ns;
    uint64_t own_ns;
} CpuSample;

void measure_cpu(int pid, CpuSample *out);
uint64_t measure_thread_ns(void);
/* PSS in KB. */
uint64_t measure_pss(int pid);
uint64_t measure_rss(int pid);

typedef struct {
    uint64_t receive, send; // UDP's RcvbufErrors and SndbufErrors in this network namespace
} UdpDrops;

UdpDrops measure_udp(void);
uint64_t measure_socket_drops(int fd);
