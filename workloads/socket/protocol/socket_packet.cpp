#include "workloads/socket/protocol/socket_packet.hpp"

#include "workloads/socket/protocol/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace chatflow::socket {
namespace {

using Refusal = std::unexpected<std::string_view>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Names that clients' libraries use for themselves.
bool is_reserved(std::string_view event) {
    constexpr std::array<std::string_view, 6> kReserved = {
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
    return std::ranges::contains(kReserved, event);
}

// Takes a decimal number from the front; nothing when there is none or it is too great.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
    Number number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

/// The highest number named by a {"_placeholder":true,"num":n} in the text, plus one. The member
/// names are ASCII, so a plain search finds every spelling that clients' libraries write.
std::optional<std::size_t> placeholders_in(std::string_view data) {
    constexpr std::string_view kMark = R"({"_placeholder":true,"num":)";
    std::size_t highest = 0;
    for (auto at = data.find(kMark); at != std::string_view::npos; at = data.find(kMark, at + 1)) {
        auto rest = data.substr(at + kMark.size());
        const auto number = take_number<std::size_t>(rest);
        if (!number || *number >= kAttachmentsMax || !rest.starts_with('}')) return std::nullopt;
        highest = std::max(highest, *number + 1);
    }
    return highest;
}

std::expected<SocketPacket, std::string_view> with_arguments(SocketPacket packet) {
    auto arguments = split_json_array(packet.data);
    if (!arguments) return Refusal("the data is not a JSON array");
    packet.arguments = std::move(*arguments);
    const bool is_event =
        packet.type == SocketType::Event || packet.type == SocketType::BinaryEvent;
    if (is_event) {
        if (packet.arguments.empty()) return Refusal("the event has no name");
        const auto name = json_string_value(packet.arguments[0]);
        const char first = packet.arguments[0][0];
        if (!name && first != '-' && !is_digit(first)) return Refusal("the event has no name");
        if (name && is_reserved(*name)) return Refusal("the event's name is reserved");
    } else if (!packet.ack_id) {
        return Refusal("the acknowledgement has no id");
    }
    if (packet.attachments > 0) {
        const auto placeholders = placeholders_in(packet.data);
        if (!placeholders || *placeholders > packet.attachments) {
            return Refusal("a placeholder has no attachment");
        }
    }
    return packet;
}

}  // namespace

std::expected<SocketPacket, std::string_view> parse_socket_packet(std::string_view text) {
    if (text.empty() || text[0] < '0' || text[0] > '6') return Refusal("unknown packet type");
    SocketPacket packet{.type = static_cast<SocketType>(text[0])};
    text.remove_prefix(1);
    if (packet.type == SocketType::BinaryEvent || packet.type == SocketType::BinaryAck) {
        const auto count = take_number<std::size_t>(text);
        if (!count || *count == 0 || *count > kAttachmentsMax || !text.starts_with('-')) {
            return Refusal("the number of attachments is missing or above 10");
        }
        packet.attachments = *count;
        text.remove_prefix(1);
    }
    if (text.starts_with('/')) {
        const auto end = std::min(text.find(','), text.size());
        packet.name_space = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        // Clients may carry a query behind the name; it is not part of it.
        packet.name_space = packet.name_space.substr(0, packet.name_space.find('?'));
        if (packet.name_space.size() > kNamespaceBytesMax) return Refusal("the namespace is long");
    }
    if (!text.empty() && is_digit(text[0])) {
        packet.ack_id = take_number<std::uint64_t>(text);
        if (!packet.ack_id) return Refusal("the acknowledgement id is too great");
    }
    packet.data = text;
    switch (packet.type) {
        case SocketType::Connect:
            if (text.empty() || (text[0] == '{' && is_json(text))) return packet;
            return Refusal("the data of a connect packet is not a JSON object");
        case SocketType::Disconnect:
            if (text.empty()) return packet;
            return Refusal("a disconnect packet has no data");
        case SocketType::ConnectError:
            return Refusal("clients do not send connect errors");
        case SocketType::Event:
        case SocketType::Ack:
        case SocketType::BinaryEvent:
        case SocketType::BinaryAck:
            return with_arguments(std::move(packet));
    }
    return Refusal("unknown packet type");
}

std::string socket_packet_text(SocketType type, const SocketAddress& to, std::string_view data) {
    std::string text;
    text.reserve(data.size() + to.name_space.size() + 24);
    text += '4';
    if (to.attachments > 0) {
        text += static_cast<char>(type == SocketType::Event ? SocketType::BinaryEvent
                                                            : SocketType::BinaryAck);
        text += std::to_string(to.attachments);
        text += '-';
    } else {
        text += static_cast<char>(type);
    }
    if (to.name_space != "/") {
        text += to.name_space;
        text += ',';
    }
    if (to.ack_id) text += std::to_string(*to.ack_id);
    text += data;
    return text;
}

}  // namespace chatflow::socket
