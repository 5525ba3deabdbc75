// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time, memory and dropped datagrams of a process and of the machine; for the load programs.
#pragma once
#include <glib.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

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

/* Has the kernel note when bytes come; a load program that waits for a core then measures no gap of
 * its own. With measure_arrived_us(), and MEASURE_CONTROL_BYTES for msg_control. */
#define MEASURE_CONTROL_BYTES CMSG_SPACE(sizeof(struct timespec))
void measure_note_arrivals(int fd);
/* When the bytes of `message` came (TCP: the last of them), as g_get_monotonic_time(); 0: unknown. */
int64_t measure_arrived_us(struct msghdr *message);
/* recv(), without waiting. */
ssize_t measure_receive(int fd, void *bytes, size_t size, int64_t *out_arrived_us);

/* The address of a server's URL, which names an IPv4 address and a port; NULL: it does not. Full
 * ownership. */
GUri *measure_server(const char *url, struct sockaddr_in *out);

/* Raises the limit on descriptors as far as it goes. */
void measure_need_descriptors(void);
