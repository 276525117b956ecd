#pragma once

#include "controller/domain/redis/view.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "tests/integration/redis/ensemble.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace chatflow::test {

/// Writers that note each write that a server acknowledged. They connect to where `route` leads,
/// anew after a hundred writes and after any error, as clients of the address -rw do.
class WriteLedger {
 public:
    WriteLedger(Ensemble& ensemble, redis_topology::Endpoint route);
    ~WriteLedger();

    void start(int writers);
    void stop();
    void lead_to(redis_topology::Endpoint route) { route_ = std::move(route); }

    [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }
    /// Attempts that failed, each by a connection or a write.
    [[nodiscard]] std::size_t errors() const { return errors_; }
    /// Acknowledged and not in the data of `node`.
    [[nodiscard]] std::size_t lost_on(int node);
    /// The longest time without any acknowledged write.
    [[nodiscard]] std::chrono::milliseconds longest_gap() const { return longest_gap_; }

 private:
    awaitable<void> write(int writer);
    awaitable<void> write_until_error(int writer, std::int64_t& sequence);
    void note(std::string key);

    Ensemble& ensemble_;
    const std::string keys_;  // what all of them begin with, and those of no other ledger
    redis_topology::Endpoint route_;
    TaskGroup tasks_;
    std::set<std::string> acknowledged_;
    std::size_t errors_ = 0;
    std::chrono::steady_clock::time_point last_{};
    std::chrono::milliseconds longest_gap_{0};
};

}  // namespace chatflow::test
