#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"
#include "libs/base/time.hpp"
#include "workloads/chat-server/io/account_repository.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace chatflow {
class Clock;
}

namespace chatflow::chat {

/// Who is banned, in memory, so that no request has to ask: follows the table of bans every 500 ms.
/// While PostgreSQL is away it keeps what it knows. is_…() from any thread; run() on one.
class BanList {
 public:
    BanList(Clock& clock, AccountRepository& accounts, Log log);

    [[nodiscard]] bool is_banned(const std::string& user_id) const;

    /// Whether it has read all of the table. Before that it says of nobody that he is banned.
    [[nodiscard]] bool is_complete() const { return is_complete_.load(); }

    /// Follows the table until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    awaitable<bool> follow();
    void apply(const BanChange& change);

    Clock& clock_;
    AccountRepository& accounts_;
    Log log_;
    TimePoint seen_until_{};  // of the newest change
    std::atomic<bool> is_complete_{false};
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::optional<TimePoint>> until_;  // by user; nothing: for good
};

}  // namespace chatflow::chat
