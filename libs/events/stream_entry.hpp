#pragma once

#include "libs/events/event.hpp"
#include "libs/redis/reply.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::events {

/// An event as the words after XADD's id.
[[nodiscard]] std::vector<std::string> to_fields(const Event& event);

/// The event in an entry [id, [field, value, …]] that XRANGE or XREADGROUP gave; nothing when it
/// was deleted meanwhile or is none of ours.
[[nodiscard]] std::optional<Event> parse_entry(const redis::Reply::Element& entry);

/// The first id of a moment: "1763712000000-0".
[[nodiscard]] std::string id_at(TimePoint time);

}  // namespace chatflow::events
