#pragma once

#include "controller/api/core/event.hpp"
#include "controller/runtime/object_index.hpp"
#include "controller/runtime/rate_limiter.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <variant>

namespace chatflow::runtime {

/// What happened, in words for the user. Reason and action are UpperCamelCase, of few values.
struct EventNote {
    api::ObjectReference regarding;
    api::EventType type = api::EventType::Normal;
    std::string reason;  // "ScaledUp"
    std::string action;  // "Scale"
    std::string note;    // "Scaled from 2 to 4 replicas: cpu at 85 % is above 70 %"

    bool operator==(const EventNote&) const = default;
};

/// Tells it as a new event of this name.
struct NewEvent {
    std::string name;
};
/// It is one that was told already: raise the count of its series.
struct RepeatedEvent {
    std::string name;
    std::int32_t count;
};
/// The object has had too many events of late.
struct SuppressedEvent {};

using EventVerdict = std::variant<NewEvent, RepeatedEvent, SuppressedEvent>;

struct EventLimits {
    std::chrono::seconds series_idle{360};  // as client-go: a later repetition is a new event
    std::size_t series_max = 4096;          // remembered; the least recent is forgotten first
    double burst_of_object = 25;            // new events of one object at once
    double per_second_of_object = 1.0 / 60;
};

/// Finds repetitions: the same words about the same object. Pure: time is an argument.
class EventCorrelator {
 public:
    using Moment = std::chrono::steady_clock::time_point;

    /// `start_id` makes the names of this process' events differ from those of other processes.
    EventCorrelator(EventLimits limits, std::uint64_t start_id);

    [[nodiscard]] EventVerdict judge(const EventNote& note, Moment now);

    /// The event is no longer there: its next repetition is new.
    void forget(const EventNote& note);

    [[nodiscard]] std::size_t remembered() const { return series_.size(); }

 private:
    struct Series {
        std::string key;
        std::string name;
        std::int32_t count = 1;
        Moment last;
    };
    struct Source {
        std::string key;
        TokenBucket tokens;
    };

    [[nodiscard]] bool admit(const EventNote& note, Moment now);

    EventLimits limits_;
    std::uint64_t next_id_;
    std::list<Series> recent_;  // most recent first
    TextMap<std::list<Series>::iterator> series_;
    std::list<Source> recent_sources_;
    TextMap<std::list<Source>::iterator> sources_;
};

}  // namespace chatflow::runtime
