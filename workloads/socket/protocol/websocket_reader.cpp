#include "workloads/socket/protocol/websocket_reader.hpp"

#include "libs/base/utf8.hpp"

namespace chatflow::socket {
namespace {

using Kind = WebSocketEvent::Kind;

WebSocketEvent refused(CloseCode code) { return {.kind = Kind::Refused, .code = code}; }

WebSocketEvent message(Opcode opcode, std::string_view payload) {
    if (opcode == Opcode::Binary) return {.kind = Kind::Binary, .payload = payload};
    if (!is_utf8(payload)) return refused(CloseCode::NotUtf8);
    return {.kind = Kind::Text, .payload = payload};
}

}  // namespace

WebSocketEvent WebSocketReader::next(std::span<char> input, std::size_t message_max) {
    if (is_whole_) parts_.reset();
    is_whole_ = false;
    const std::size_t held = parts_ ? parts_->bytes.size() : 0;
    const FrameView frame = parse_frame(input, message_max - held);
    switch (frame.status) {
        case FrameView::Status::Incomplete:
            return {};
        case FrameView::Status::Refused:
            return refused(frame.refusal);
        case FrameView::Status::Complete:
            break;
    }
    WebSocketEvent event;
    switch (frame.opcode) {
        case Opcode::Continuation:
        case Opcode::Text:
        case Opcode::Binary:
            event = data(frame);
            break;
        case Opcode::Ping:
            event = {.kind = Kind::Ping, .payload = frame.payload};
            break;
        case Opcode::Pong:
            event = {.kind = Kind::Pong, .payload = frame.payload};
            break;
        case Opcode::Close:
            event = close(frame);
            break;
    }
    event.size = frame.size;
    return event;
}

WebSocketEvent WebSocketReader::data(const FrameView& frame) {
    const bool goes_on = frame.opcode == Opcode::Continuation;
    if (goes_on != (parts_ != nullptr)) return refused(CloseCode::ProtocolError);
    if (!goes_on && frame.is_final) return message(frame.opcode, frame.payload);
    if (!parts_) parts_ = std::make_unique<Parts>(Parts{.opcode = frame.opcode, .bytes = {}});
    parts_->bytes += frame.payload;
    if (!frame.is_final) return {};
    is_whole_ = true;
    return message(parts_->opcode, parts_->bytes);
}

WebSocketEvent WebSocketReader::close(const FrameView& frame) {
    const auto payload = frame.payload;
    if (payload.empty()) return {.kind = Kind::Close, .code = CloseCode::Normal};
    if (payload.size() == 1) return refused(CloseCode::ProtocolError);
    const unsigned code = (static_cast<unsigned char>(payload[0]) << 8U) |
                          static_cast<unsigned>(static_cast<unsigned char>(payload[1]));
    if (!is_valid_close_code(code)) return refused(CloseCode::ProtocolError);
    const auto reason = payload.substr(2);
    if (!is_utf8(reason)) return refused(CloseCode::NotUtf8);
    return {.kind = Kind::Close, .payload = reason, .code = static_cast<CloseCode>(code)};
}

}  // namespace chatflow::socket
