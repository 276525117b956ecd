#include "workloads/socket/protocol/engine_packet.hpp"

#include "libs/base/base64.hpp"
#include "libs/base/utf8.hpp"

namespace chatflow::socket {

std::optional<EnginePacketView> parse_engine_packet(std::string_view text) {
    if (text.empty() || text[0] < '0' || text[0] > '6') return std::nullopt;
    return EnginePacketView{static_cast<EngineType>(text[0]), text.substr(1)};
}

std::optional<std::vector<EnginePacket>> parse_engine_payload(std::string_view body) {
    if (!is_utf8(body)) return std::nullopt;
    std::vector<EnginePacket> packets;
    for (;;) {
        const auto end = body.find(kPacketSeparator);
        const auto text = body.substr(0, end);
        if (packets.size() == kPayloadPacketsMax) return std::nullopt;
        if (text.starts_with('b')) {
            auto bytes = decode_base64(text.substr(1));
            if (!bytes) return std::nullopt;
            packets.push_back({EngineType::Message, true, std::move(*bytes)});
        } else {
            const auto packet = parse_engine_packet(text);
            if (!packet) return std::nullopt;
            packets.push_back({packet->type, false, std::string(packet->data)});
        }
        if (end == std::string_view::npos) return packets;
        body.remove_prefix(end + 1);
    }
}

void append_to_payload(std::string& payload, bool is_binary, std::string_view bytes) {
    if (!payload.empty()) payload += kPacketSeparator;
    if (is_binary) {
        payload += 'b';
        payload += encode_base64(bytes);
    } else {
        payload += bytes;
    }
}

}  // namespace chatflow::socket
