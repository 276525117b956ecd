#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// A message of a client of /ws:
///     {"connect":{"token":…}}              first; pid and offset to come back
///     {"event":["name",…],"id":7}          id: wants an answer
///     {"ack":7,"data":[…]}                 answers an event that had an id
struct PlainMessage {
    enum class Kind { Connect, Event, Ack };

    Kind kind = Kind::Event;
    std::optional<std::uint64_t> id;
    std::string data;  // the object of connect; the array of an event or answer
};

[[nodiscard]] std::expected<PlainMessage, std::string_view> parse_plain_message(
    std::string_view text);

/// {"event":["name",…],"id":7}
[[nodiscard]] std::string plain_event(std::string_view event,
                                      std::optional<std::uint64_t> id = std::nullopt);
/// {"ack":7,"data":[…]}
[[nodiscard]] std::string plain_answer(std::uint64_t id, std::string_view arguments);

}  // namespace chatflow::socket
