#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/events/catalog.hpp"
#include "libs/events/consumer.hpp"
#include "libs/events/event_json.hpp"
#include "libs/events/layout.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chatflow::redis {
class Client;
}

namespace chatflow::events {

/// What an operator does with events of the past. One executor, that of `redis`.
class History {
 public:
    History(redis::Client& redis, const Catalog& catalog, Layout layout = {});

    /// Calls `handler` with each kept event that matches, topic by topic, oldest first, from the id
    /// or moment on ("0", "1763712000000-0", id_at(time)) until now. Groups do not notice. An
    /// exception of the handler ends it. Returns how many were handled.
    [[nodiscard]] awaitable<std::size_t> replay(std::vector<std::string> patterns, std::string from,
                                                Handler handler);

    /// The group's consumers meet everything from there on again.
    [[nodiscard]] awaitable<void> rewind(std::string group, std::vector<std::string> patterns,
                                         std::string from, Deadline deadline);

    /// The oldest dead letters of a group.
    [[nodiscard]] awaitable<std::vector<Failed>> dead_letters(std::string group, std::size_t count,
                                                              Deadline deadline);

    /// Up to `count` dead letters, the oldest first, are handed to the group again with all
    /// attempts before them. Returns how many.
    [[nodiscard]] awaitable<std::size_t> redrive(std::string group, std::size_t count,
                                                 Deadline deadline);

 private:
    redis::Client& redis_;
    const Catalog& catalog_;
    Layout layout_;
};

}  // namespace chatflow::events
