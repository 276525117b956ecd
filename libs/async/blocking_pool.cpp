#include "libs/async/blocking_pool.hpp"

#include <string>

namespace chatflow {

BlockingPool::BlockingPool(std::size_t threads, std::size_t waiting_max)
    : waiting_max_(waiting_max), pool_(threads) {}

BlockingPool::~BlockingPool() { pool_.join(); }

void BlockingPool::admit() {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) >= waiting_max_) {
        waiting_.fetch_sub(1, std::memory_order_relaxed);
        throw PoolOverloaded("all threads are busy and " + std::to_string(waiting_max_) +
                             " calls wait already");
    }
}

}  // namespace chatflow
