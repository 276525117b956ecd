#pragma once

#include <cstddef>
#include <string>

namespace chatflow::events {

/// The keys of the bus in Redis. One hash tag: scripts touch several of them at once.
struct Layout {
    std::string prefix = "events";

    /// STREAM of a topic: type, version, time, source, trace, data.
    [[nodiscard]] std::string stream(const std::string& topic) const { return tag() + topic; }
    /// ZSET: what waits for its next attempt, by the time (ms) that it is due.
    [[nodiscard]] std::string retries(const std::string& group) const {
        return tag() + "retry:" + group;
    }
    /// HASH: the same, its event as JSON.
    [[nodiscard]] std::string retry_data(const std::string& group) const {
        return tag() + "retry:" + group + ":data";
    }
    /// STREAM: events that a group could not handle, with the reason.
    [[nodiscard]] std::string dead(const std::string& group) const {
        return tag() + "dead:" + group;
    }
    [[nodiscard]] std::string tag() const { return "{" + prefix + "}:"; }
};

/// Bounds of what the bus keeps. A stream is cut at about this length, the oldest first.
struct Bounds {
    std::size_t stream_length_max = 100'000;
    std::size_t dead_letters_max = 10'000;
};

}  // namespace chatflow::events
