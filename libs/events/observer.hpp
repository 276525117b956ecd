#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace chatflow::events {

/// What became of one attempt to handle an event.
enum class Outcome {
    Handled,
    Retried,  // it failed and is tried again later
    Dead,     // it failed for the last time, or can never be handled
    Taken,    // handled, but another consumer had been given it meanwhile
};

/// Hears what the bus does, for metrics. On the executor of the publisher or consumer.
class Observer {
 public:
    virtual ~Observer() = default;

    virtual void on_published(const std::string& type, bool succeeded) = 0;
    virtual void on_handled(const std::string& group, const std::string& type, Outcome outcome,
                            std::chrono::nanoseconds took) = 0;
    /// Counted each few seconds.
    virtual void on_backlog(const std::string& group, std::uint64_t waiting, std::uint64_t retrying,
                            std::uint64_t dead) = 0;
};

}  // namespace chatflow::events
