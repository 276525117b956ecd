#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// A place in a list, given to clients as an opaque text that they hand back unchanged. A page
/// begins right after (or before) the place, so that rows added meanwhile neither repeat nor hide
/// others.

/// A place in a room's history: the message with that sequence.
[[nodiscard]] std::string encode_message_cursor(std::int64_t seq);
/// Nothing when this program did not write the text.
[[nodiscard]] std::optional<std::int64_t> decode_message_cursor(std::string_view text);

/// A place in a list that is ordered by ids: the thing with that id.
[[nodiscard]] std::string encode_id_cursor(std::string_view id);
[[nodiscard]] std::optional<std::string> decode_id_cursor(std::string_view text);

}  // namespace chatflow::chat
