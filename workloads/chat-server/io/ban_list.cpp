#include "workloads/chat-server/io/ban_list.hpp"

#include "libs/async/clock.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/postgres/errors.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kFollowInterval = 500ms;
constexpr auto kFollowTime = 5s;
// Transactions become visible in another order than their times: looked at again for so long.
constexpr auto kOverlap = 5s;

}  // namespace

BanList::BanList(Clock& clock, AccountRepository& accounts, Log log)
    : clock_(clock), accounts_(accounts), log_(std::move(log)) {}

bool BanList::is_banned(const std::string& user_id) const {
    const std::lock_guard lock(mutex_);
    const auto ban = until_.find(user_id);
    if (ban == until_.end()) return false;
    return !ban->second || clock_.now() < *ban->second;
}

awaitable<void> BanList::run() {
    bool was_good = true;
    for (;;) {
        const bool is_good = co_await follow();
        if (was_good && !is_good) log_.warning("Bans cannot be followed; those known stay");
        was_good = is_good;
        co_await sleep_until(Deadline::after(kFollowInterval));
    }
}

awaitable<bool> BanList::follow() {
    BanPlace place{.changed_at = std::max(TimePoint{}, seen_until_ - kOverlap), .user_id = {}};
    try {
        for (;;) {
            const auto changes =
                co_await accounts_.bans_changed_after(place, Deadline::after(kFollowTime));
            for (const BanChange& change : changes) apply(change);
            if (changes.size() < AccountRepository::kBanChangesMax) break;
            place = {.changed_at = changes.back().changed_at, .user_id = changes.back().user_id};
        }
        is_complete_.store(true);
        co_return true;
    } catch (const postgres::Error&) {
        co_return false;
    }
}

void BanList::apply(const BanChange& change) {
    seen_until_ = std::max(seen_until_, change.changed_at);
    const std::lock_guard lock(mutex_);
    if (change.is_lifted) {
        until_.erase(change.user_id);
    } else {
        until_.insert_or_assign(change.user_id, change.until);
    }
}

}  // namespace chatflow::chat
