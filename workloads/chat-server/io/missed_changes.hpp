#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"
#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::chat {

/// Changes that a cache could not carry out because Redis was away: the newest of each key, carried
/// out as soon as it is back. One executor only.
template <class Value>
class MissedChanges {
 public:
    struct Change {
        std::string key;
        Value value;
    };
    /// Whether they were carried out.
    using CarryOut = std::function<awaitable<bool>(std::vector<Change>)>;

    explicit MissedChanges(asio::any_io_executor executor) : missed_some_(std::move(executor)) {}

    [[nodiscard]] bool empty() const { return kept_.empty(); }

    /// Beyond kMax keys it is forgotten: entries end with their time to live.
    void add(std::string key, Value value) {
        if (kept_.size() >= kMax && !kept_.contains(key)) return;
        kept_.insert_or_assign(std::move(key), Kept{std::move(value), ++newest_});
        missed_some_.notify_all();
    }

    /// At most `together` at a time; until cancelled.
    [[nodiscard]] awaitable<void> run(CarryOut carry_out, std::size_t together) {
        for (;;) {
            while (kept_.empty()) co_await missed_some_.wait();
            if (!co_await carry_out_some(carry_out, together)) {
                co_await sleep_until(Deadline::after(kRetryAfter));
            }
        }
    }

    static constexpr std::size_t kMax = 10'000;
    static constexpr std::chrono::seconds kRetryAfter{1};

 private:
    struct Kept {
        Value value;
        std::uint64_t number;
    };

    awaitable<bool> carry_out_some(const CarryOut& carry_out, std::size_t together) {
        const std::uint64_t newest = newest_;
        std::vector<Change> some;
        for (auto place = kept_.begin(); place != kept_.end() && some.size() < together; ++place) {
            some.push_back({place->first, place->second.value});
        }
        std::vector<std::string> keys;
        for (const Change& change : some) keys.push_back(change.key);
        if (!co_await carry_out(std::move(some))) co_return false;
        for (const std::string& key : keys) {
            const auto place = kept_.find(key);
            // Unless it was missed again meanwhile.
            if (place != kept_.end() && place->second.number <= newest) kept_.erase(place);
        }
        co_return true;
    }

    std::map<std::string, Kept> kept_;
    std::uint64_t newest_ = 0;
    Notification missed_some_;
};

}  // namespace chatflow::chat
