// SPDX-License-Identifier: GPL-3.0-or-later
// A bounded pointer ring.
#include "base/ring.h"

#include "base/loop.h"

#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

struct BaseRing {
    void **items;
    size_t mask;
    GDestroyNotify free_item;
    int event_fd;
    _Alignas(64) atomic_size_t head; // popping thread
    _Alignas(64) atomic_size_t tail; // pushing thread
};

BaseRing *base_ring_new(size_t capacity, GDestroyNotify free_item)
{
    g_assert(capacity > 0);
    size_t size = 1;
    while (size < capacity) {
        size *= 2;
    }
    BaseRing *ring = g_aligned_alloc0(1, sizeof *ring, _Alignof(BaseRing));
    ring->items = g_new0(void *, size);
    ring->mask = size - 1;
    ring->free_item = free_item;
    ring->event_fd = base_event_fd_new();
    return ring;
}

void base_ring_free(BaseRing *ring)
{
    if (ring == NULL) {
        return;
    }
    for (void *item; (item = base_ring_pop(ring)) != NULL;) {
        if (ring->free_item != NULL) {
            ring->free_item(item);
        }
    }
    close(ring->event_fd);
    g_free(ring->items);
    g_aligned_free(ring);
}

void base_ring_wake(BaseRing *ring)
{
    uint64_t one = 1;
    ssize_t written = write(ring->event_fd, &one, sizeof one);
    (void)written; // EAGAIN: already readable
}

static bool push(BaseRing *ring, void *item, size_t reserve, size_t quiet)
{
    g_assert(item != NULL);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (tail - head + reserve > ring->mask) {
        return false;
    }
    ring->items[tail & ring->mask] = item;
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    if (tail - head >= quiet) {
        base_ring_wake(ring);
    }
    return true;
}

bool base_ring_push(BaseRing *ring, void *item, size_t reserve)
{
    return push(ring, item, reserve, 0);
}

bool base_ring_push_quietly(BaseRing *ring, void *item, size_t reserve)
{
    return push(ring, item, reserve, ring->mask / 2);
}

void *base_ring_pop(BaseRing *ring)
{
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    if (head == tail) {
        return NULL;
    }
    void *item = ring->items[head & ring->mask];
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return item;
}

int base_ring_event_fd(const BaseRing *ring)
{
    return ring->event_fd;
}

void base_ring_clear_event(BaseRing *ring)
{
    uint64_t count;
    ssize_t got = read(ring->event_fd, &count, sizeof count);
    (void)got;
}
