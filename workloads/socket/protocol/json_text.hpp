#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// Nested deeper than this is refused: no chat message is, and readers behind us may recurse.
inline constexpr std::size_t kJsonDepthMax = 64;

/// Whether `text` is one JSON value (RFC 8259) with nothing around it but white space. Does not
/// look at UTF-8; the caller has.
[[nodiscard]] bool is_json(std::string_view text);

/// The elements of a JSON array as they are spelled, without building them: an event's arguments
/// are passed on, not understood. Nothing unless the whole text is a valid array.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_json_array(std::string_view text);

/// The value of a JSON string as split_json_array gave it; nothing when it is another kind.
[[nodiscard]] std::optional<std::string> json_string_value(std::string_view element);

/// The text that a JSON object has under a name; nothing when it has none there.
[[nodiscard]] std::optional<std::string> json_member(std::string_view object, const char* name);

/// Appends `text` as a JSON string, in quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace chatflow::socket
