#include "libs/async/blocking_pool.hpp"

#include <string>

#include <sched.h>

namespace chatflow {

BlockingPool::BlockingPool(std::size_t threads, std::size_t waiting_max, Precedence precedence)
    : waiting_max_(waiting_max), precedence_(precedence), pool_(threads) {}

BlockingPool::~BlockingPool() { pool_.join(); }

void BlockingPool::admit() {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) >= waiting_max_) {
        waiting_.fetch_sub(1, std::memory_order_relaxed);
        throw PoolOverloaded("all threads are busy and " + std::to_string(waiting_max_) +
                             " calls wait already");
    }
}

// A pool of asio has no hook for the start of a thread, so that the first call does it. SCHED_IDLE
// needs no privilege, and the kernel puts a woken thread at once on a CPU that has nothing else.
void BlockingPool::take_precedence() const {
    if (precedence_ == Precedence::Same) return;
    thread_local const bool is_behind = [] {
        constexpr sched_param kNone{};
        return sched_setscheduler(0, SCHED_IDLE, &kNone) == 0;
    }();
    static_cast<void>(is_behind);  // refused: it computes as the others do
}

}  // namespace chatflow
