#pragma once

#include "libs/base/field_error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::events {

enum class FieldKind { Text, Integer, Number, Boolean, Object, List };

/// What one member of an event's data must be.
struct FieldRule {
    std::string name;
    FieldKind kind = FieldKind::Text;
    bool is_required = true;
    std::size_t size_max = 1024;  // bytes of a text, elements of a list; a required text is not ""
};

/// A type of event in one version. A version may gain optional members; what takes a member away or
/// changes its meaning is a new version.
struct EventType {
    std::string name;  // "message.created"
    unsigned version = 1;
    std::vector<FieldRule> fields;
};

/// Longer data is refused.
inline constexpr std::size_t kDataBytesMax = 64U << 10U;

/// What is wrong with `data` as an event of that type; nothing when it is right. Members that no
/// rule names are allowed: a newer producer may know more.
[[nodiscard]] FieldErrors check(const EventType& type, std::string_view data);

}  // namespace chatflow::events
