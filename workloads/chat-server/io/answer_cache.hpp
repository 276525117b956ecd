#pragma once

#include "libs/async/awaitable.hpp"
#include "workloads/chat-server/io/missed_changes.hpp"
#include "workloads/chat-server/io/single_flight.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// What is asked for in the same words, and the things that its answer depends on. Names are
/// without spaces: "user:<id>".
struct CachedQuestion {
    std::string name;
    std::vector<std::string> tags;
};

/// Of a user's profile, and of his lists of rooms.
[[nodiscard]] inline std::string profile_tag(const std::string& user) { return "user:" + user; }
[[nodiscard]] inline std::string rooms_tag(const std::string& user) { return "rooms-of:" + user; }

/// Answers and results of queries in Redis, `chatflow:cache:<name>`. Each carries the versions that
/// its tags (`chatflow:tag:<tag>`) had before it was loaded, and is good while they have not
/// changed: so one write makes all answers of a tag void at once, also one that is being loaded.
/// That something does not exist is remembered as well. Redis may be away: then everything is
/// loaded, and tags are changed as soon as it is back. One executor only.
class AnswerCache {
 public:
    using Answer = std::optional<std::string>;  // nothing: it does not exist
    /// `is_kept`: for others too, so that it has to be of the primary.
    using Load = std::function<awaitable<Answer>(bool is_kept)>;

    struct Options {
        std::string prefix = "chatflow:";  // of all keys
        std::chrono::seconds life{60};     // of an answer; 0: nothing is kept
    };
    /// `flights` is shared by all event loops.
    AnswerCache(asio::any_io_executor executor, redis::Client& redis, SingleFlight<Answer>& flights,
                Options options, CacheMetrics& metrics);

    /// The answer, loaded when none is kept; by one caller of the whole process at a time. Throws
    /// what `load` throws, and nothing for what Redis does.
    [[nodiscard]] awaitable<Answer> find(CachedQuestion question, Load load);

    /// Makes all answers with one of the tags void, in one step. After the change is committed and
    /// before anybody is told of it. What Redis misses now is done later, by run().
    [[nodiscard]] awaitable<void> forget(std::vector<std::string> tags);

    /// Forgets what Redis has missed; until cancelled.
    [[nodiscard]] awaitable<void> run();

    static constexpr std::chrono::seconds kNothingLife{5};     // that something does not exist
    static constexpr std::size_t kAnswerBytesMax = 64 * 1024;  // larger ones are not kept

 private:
    struct Kept {
        bool is_good = false;
        Answer answer;
        std::string versions;  // of the tags, now
    };

    [[nodiscard]] awaitable<std::optional<Kept>> look_up(const CachedQuestion& question);
    [[nodiscard]] awaitable<void> keep(std::string name, std::string versions, Answer answer);
    [[nodiscard]] awaitable<bool> try_forget(std::vector<std::string> tags);

    redis::Client& redis_;
    SingleFlight<Answer>& flights_;
    Options options_;
    CacheMetrics& metrics_;
    MissedChanges<std::monostate> missed_;  // tags
};

}  // namespace chatflow::chat
