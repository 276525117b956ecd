#pragma once

#include "libs/events/event.hpp"
#include "libs/events/event_type.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chatflow::events {

/// The event types that a program knows: what it may publish, and what it can understand.
class Catalog {
 public:
    /// Throws std::invalid_argument for a type that is there twice or has no topic.
    explicit Catalog(std::vector<EventType> types);

    /// Nullptr when the type, or that version of it, is not known.
    [[nodiscard]] const EventType* find(std::string_view name, unsigned version) const;

    /// What is wrong with an event: its type, version, or data.
    [[nodiscard]] FieldErrors check(const Event& event) const;

    /// The topics that hold types matching one of the patterns, each once, in order.
    [[nodiscard]] std::vector<std::string> topics(const std::vector<std::string>& patterns) const;

    [[nodiscard]] const std::vector<EventType>& types() const { return types_; }

 private:
    std::vector<EventType> types_;
};

/// The types of the platform, as docs/events.md lists them.
[[nodiscard]] const Catalog& platform_catalog();

/// Whether a type matches a pattern, in which `*` stands for any characters: "message.*", "*".
[[nodiscard]] bool matches(std::string_view pattern, std::string_view type);

}  // namespace chatflow::events
