// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// This process and machine by Linux's /proc. Blocks: on a worker.

#include <stdint.h>

typedef struct {
    // of this process
    double cpu_s, start_wall_s;
    uint64_t resident_bytes, virtual_bytes;
    unsigned descriptors, max_descriptors;
    // of the machine
    double busy_s, all_s; // processor time since boot, all cores
    double load;          // average of a minute
    unsigned cores;
    uint64_t memory_bytes, available_bytes;
} MetricsMachine;

/* What cannot be read is 0. */
void metrics_machine_read(MetricsMachine *out);

/* Processor time of process `pid` and its threads; 0: gone. */
double metrics_machine_cpu_s(int pid);
