#include "libs/base/heap.hpp"

#include <malloc.h>

namespace chatflow {

void map_large_blocks() {
    // Set by hand, glibc does not raise it to the size of what was freed last, which would keep
    // answers of tens of megabytes among the small objects.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    // What one thread frees, another can use: few threads allocate, and rarely at once.
    mallopt(M_ARENA_MAX, 1);
}

void give_back_free_memory() { malloc_trim(0); }

}  // namespace chatflow
