// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory malloc and SQLite hold, by LD_PRELOAD: written each second to the file that
// MAJLIS_FAULT_HEAP names, as "IN_USE UNUSED ARENAS SQLITE", in bytes but for the number of arenas.
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 80

static unsigned count_arenas(void)
{
    char *text = NULL;
    size_t size = 0;
    unsigned count = 0;
    FILE *file = open_memstream(&text, &size);
    malloc_info(0, file);
    fclose(file);
    for (const char *at = text; (at = strstr(at, "<heap nr=")) != NULL; at++) {
        count++;
    }
    free(text);
    return count;
}

static void *run(void *data)
{
    int fd = *(int *)data;
    long long (*sqlite)(void) = (long long (*)(void))dlsym(RTLD_DEFAULT, "sqlite3_memory_used");
    for (;; sleep(1)) {
        struct mallinfo2 now = mallinfo2();
        char line[LINE + 1] = "", padded[LINE + 2];
        snprintf(line, sizeof line, "%zu %zu %u %lld", now.uordblks + now.hblkhd, now.fordblks,
                 count_arenas(), sqlite != NULL ? sqlite() : 0);
        snprintf(padded, sizeof padded, "%-*s\n", LINE, line);
        if (pwrite(fd, padded, LINE + 1, 0) < 0) {
            return NULL;
        }
    }
}

__attribute__((constructor)) static void start(void)
{
    static int fd;
    pthread_t thread;
    const char *path = getenv("MAJLIS_FAULT_HEAP");
    fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    unsetenv("MAJLIS_FAULT_HEAP"); // not of children
    if (fd >= 0) {
        pthread_create(&thread, NULL, run, &fd);
    }
}
