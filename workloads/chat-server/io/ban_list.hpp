#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"
#include "libs/base/time.hpp"
#include "workloads/chat-server/io/account_repository.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace chatflow {
class Clock;
}

namespace chatflow::chat {

/// Who is banned, in memory, so that no request has to ask: follows the table of bans every 500 ms.
/// While PostgreSQL is away it keeps what it knows. is_banned() from any thread; run() on one.
class BanList {
 public:
    BanList(Clock& clock, AccountRepository& accounts, Log log);

    [[nodiscard]] bool is_banned(const std::string& user_id) const;

    /// Follows the table until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    awaitable<bool> follow();
    void apply(const BanChange& change);

    Clock& clock_;
    AccountRepository& accounts_;
    Log log_;
    TimePoint seen_until_{};  // of the newest change
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::optional<TimePoint>> until_;  // by user; nothing: for good
};

}  // namespace chatflow::chat
