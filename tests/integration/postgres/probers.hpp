#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace chatflow::test {

/// One client for each member that tries to write to it directly, whatever its role: whether two
/// members took writes in turn. Needs a table "probe (member int)".
class Probers {
 public:
    explicit Probers(std::vector<std::string> connections);
    ~Probers();

    void stop();
    /// How often a member acknowledged between two writes of another one: a role moves there and
    /// back more slowly.
    [[nodiscard]] std::size_t dual_primaries();
    [[nodiscard]] std::size_t acknowledged();

 private:
    using Clock = std::chrono::steady_clock;
    struct Write {
        std::size_t member;
        Clock::time_point begin;
        Clock::time_point end;
    };
    void probe(std::size_t member, const std::string& connection);

    std::mutex mutex_;
    std::vector<Write> writes_;
    std::atomic<bool> is_over_{false};
    std::vector<std::thread> threads_;
};

}  // namespace chatflow::test
