#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/events/catalog.hpp"
#include "libs/events/event.hpp"
#include "libs/events/layout.hpp"
#include "libs/events/observer.hpp"

#include <stdexcept>
#include <string>

namespace chatflow::redis {
class Client;
}

namespace chatflow::events {

/// An event that its schema does not allow. A retry cannot cure it.
struct InvalidEvent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Tells events. One executor, that of `redis`.
class Publisher {
 public:
    /// `observer` may be null. What is referred to outlives the publisher.
    Publisher(redis::Client& redis, const Catalog& catalog, Observer* observer, Layout layout = {},
              Bounds bounds = {});

    /// Appends the event to its topic's stream; returns its id. Throws InvalidEvent, naming each
    /// member that is wrong, before anything is sent; redis::Error when Redis does not take it.
    [[nodiscard]] awaitable<std::string> publish(Event event, Deadline deadline);

 private:
    redis::Client& redis_;
    const Catalog& catalog_;
    Observer* observer_;
    Layout layout_;
    Bounds bounds_;
};

}  // namespace chatflow::events
