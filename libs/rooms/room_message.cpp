#include "libs/rooms/room_message.hpp"

#include "libs/base/number.hpp"

#include <algorithm>

namespace chatflow::rooms {
namespace {

std::string_view take_word(std::string_view& rest) {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

template <class Number>
bool read(std::string_view word, Number& place) {
    const auto number = parse_number<Number>(word);
    if (number) place = *number;
    return number.has_value();
}

}  // namespace

std::optional<RoomMessage> parse_notice(std::string_view text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    auto head = text.substr(0, end);
    RoomMessage message;
    const auto kind = take_word(head);
    if (kind == "m") {
        const bool is_whole = read(take_word(head), message.id) &&
                              read(take_word(head), message.previous) &&
                              read(take_word(head), message.seq);
        if (!is_whole || message.id == 0) return std::nullopt;
    } else if (kind != "e") {
        return std::nullopt;
    }
    const auto except = take_word(head);
    if (except != "-") message.except = except;
    message.event = text.substr(end + 1);
    return message;
}

std::string ephemeral_notice(std::string_view except, std::string_view event) {
    std::string text = "e ";
    text += except.empty() ? "-" : except;
    text += '\n';
    text += event;
    return text;
}

bool is_room_name(std::string_view name) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    return !name.empty() && name.size() <= kRoomNameBytesMax &&
           std::ranges::none_of(name, is_control);
}

}  // namespace chatflow::rooms
