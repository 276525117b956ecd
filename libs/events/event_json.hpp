#pragma once

#include "libs/events/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::events {

/// An event that failed, as it is kept until its next attempt.
struct Failed {
    Event event;
    unsigned attempts = 0;  // made so far
    std::string error;      // why the last one failed

    bool operator==(const Failed&) const = default;
};

[[nodiscard]] std::string to_json(const Failed& failed);
[[nodiscard]] std::optional<Failed> parse_failed(std::string_view json);

/// The same text without what is no UTF-8, cut to what an error message needs.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace chatflow::events
