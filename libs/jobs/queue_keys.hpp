#pragma once

#include <string>
#include <string_view>

namespace chatflow::jobs {

/// The names of a queue's keys in Redis, as BullMQ has them: bull:<queue>:wait and so on. In a
/// cluster the prefix holds a {hash tag}, so that all keys are on one node.
struct QueueKeys {
    std::string prefix = "bull";
    std::string queue;

    /// "bull:exports:": what every key of the queue begins with.
    [[nodiscard]] std::string base() const { return prefix + ":" + queue + ":"; }
    [[nodiscard]] std::string key(std::string_view suffix) const {
        return base() + std::string(suffix);
    }

    /// What CLIENT LIST shows of a worker; dashboards find workers by it.
    [[nodiscard]] std::string client_name(std::string_view worker) const;

    bool operator==(const QueueKeys&) const = default;
};

/// Whether `text` can name a queue: not empty, at most 200 bytes, no colon, no white space.
[[nodiscard]] bool is_queue_name(std::string_view text);

}  // namespace chatflow::jobs
