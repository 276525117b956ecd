#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/runtime/object_key_hash.hpp"
#include "controller/runtime/rate_limiter.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace chatflow::runtime {

/// Keys whose objects somebody has to look at. A key waits at most once, however often it is
/// added; it is never given out twice at a time; added while it is worked on, it comes again after
/// done(). Pure: time is an argument. Holds at most one entry for each object that exists.
class WorkQueue {
 public:
    using Key = api::ObjectKey;
    using Moment = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    explicit WorkQueue(RetryLimits limits = {});

    void add(const Key& key, Moment now);

    /// Once more at `due`, even if the key is taken before: what is to happen then may not depend
    /// on what came in between. Of several due times the earliest counts.
    void add_at(const Key& key, Moment due, Moment now);

    /// After the delay that the key's failures so far have earned.
    void add_rate_limited(const Key& key, Moment now);

    struct Taken {
        Key key;
        Duration waited;
    };
    /// The key that has waited longest; it counts as worked on until done().
    [[nodiscard]] std::optional<Taken> next(Moment now);

    /// The work is over. Returns how long it took.
    Duration done(const Key& key, Moment now);

    /// The key has succeeded: its next failure starts from the shortest delay.
    void forget(const Key& key) { failures_.erase(key); }

    [[nodiscard]] std::size_t failures(const Key& key) const;

    /// Whether a key can be taken, apart from what falls due.
    [[nodiscard]] bool has_ready() const { return !ready_.empty(); }

    /// When the next key falls due that nobody could take now.
    [[nodiscard]] std::optional<Moment> next_due() const;

    struct Stats {
        std::size_t depth = 0;       // ready and not yet taken
        std::size_t delayed = 0;     // due later
        std::size_t processing = 0;  // taken and not yet done
        std::uint64_t adds = 0;      // since construction
        std::uint64_t retries = 0;
        Duration unfinished{};  // of the work going on, summed
        Duration longest_running{};
    };
    [[nodiscard]] Stats stats(Moment now) const;

 private:
    void promote_due(Moment now);

    RetryLimits limits_;
    TokenBucket bucket_;
    std::deque<Key> ready_;
    std::unordered_map<Key, Moment, ObjectKeyHash> added_;    // ready, or to be so after done()
    std::unordered_map<Key, Moment, ObjectKeyHash> working_;  // since
    std::set<std::pair<Moment, Key>> delayed_;
    std::unordered_map<Key, Moment, ObjectKeyHash> due_;  // of delayed_, by key
    std::unordered_map<Key, std::size_t, ObjectKeyHash> failures_;
    std::uint64_t adds_ = 0;
    std::uint64_t retries_ = 0;
};

}  // namespace chatflow::runtime
