#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace chatflow::test {

/// What clients saw: each row that was acknowledged, when, and what failed.
struct Ledger {
    using Clock = std::chrono::steady_clock;
    std::set<long> acknowledged;
    std::vector<Clock::time_point> at;  // of each acknowledgement
    std::vector<Clock::time_point> failed_at;
    std::vector<std::string> failures;

    /// The longest time without an acknowledgement.
    [[nodiscard]] std::chrono::milliseconds longest_gap() const;
    /// Times without one that are at least as long.
    [[nodiscard]] std::vector<std::chrono::milliseconds> gaps(
        std::chrono::milliseconds least) const;
    /// Failures that are more than `apart` from the one before: one fault each.
    [[nodiscard]] std::size_t failure_episodes(std::chrono::milliseconds apart) const;
};

/// Clients that insert rows with prepared statements, one transaction each, at a steady rate all
/// together; a client that fails connects anew.
class Writers {
 public:
    struct Options {
        std::string connection;
        int clients = 8;
        int per_second = 200;
        long first_row = 0;
        int per_connection = 0;  // transactions, until it connects anew; 0: any number
    };
    explicit Writers(Options options);
    ~Writers();

    /// Stops them; what they saw.
    Ledger stop();
    [[nodiscard]] std::size_t acknowledged();
    /// So far; one that goes on is not told.
    [[nodiscard]] std::chrono::milliseconds longest_gap_since(Ledger::Clock::time_point begin);

 private:
    void write(int client);

    Options options_;
    std::mutex mutex_;
    Ledger ledger_;
    std::atomic<bool> is_over_{false};
    std::vector<std::thread> threads_;
};

}  // namespace chatflow::test
