#pragma once

#include <string>
#include <string_view>

namespace chatflow::chat {

/// The data of a job, or an event of a room, that says from which request it comes: the first
/// object in the text gets the member "traceparent". As it was when `traceparent` is empty or the
/// text has no object. Pure.
[[nodiscard]] std::string with_traceparent(std::string json, std::string_view traceparent);

}  // namespace chatflow::chat
