#include "workloads/socket/protocol/websocket_reader.hpp"

#include "libs/base/utf8.hpp"
#include "workloads/socket/protocol/deflate.hpp"

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

WebSocketEvent WebSocketReader::next(std::span<char> input, std::size_t message_max,
                                     Inflater* inflater) {
    if (is_whole_) parts_.reset();
    is_whole_ = false;
    const std::size_t held = parts_ ? parts_->bytes.size() : 0;
    const FrameView frame = parse_frame(input, message_max - held, inflater != nullptr);
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
            event = data(frame, message_max, inflater);
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

WebSocketEvent WebSocketReader::data(const FrameView& frame, std::size_t message_max,
                                     Inflater* inflater) {
    const bool goes_on = frame.opcode == Opcode::Continuation;
    if (goes_on != (parts_ != nullptr)) return refused(CloseCode::ProtocolError);
    const auto whole = [&](Opcode opcode, bool is_compressed, std::string_view bytes) {
        if (!is_compressed) return message(opcode, bytes);
        const auto inflated = inflater->inflate(bytes, message_max);
        return inflated ? message(opcode, *inflated) : refused(inflated.error());
    };
    if (!goes_on && frame.is_final) return whole(frame.opcode, frame.is_compressed, frame.payload);
    if (!parts_) {
        parts_ = std::make_unique<Parts>(
            Parts{.opcode = frame.opcode, .is_compressed = frame.is_compressed, .bytes = {}});
    }
    parts_->bytes += frame.payload;
    if (!frame.is_final) return {};
    is_whole_ = true;
    return whole(parts_->opcode, parts_->is_compressed, parts_->bytes);
}

WebSocketEvent WebSocketReader::close(const FrameView& frame) {
    const auto payload = frame.payload;
    if (payload.empty()) return {.kind = Kind::Close, .code = CloseCode::Normal};
    if (payload.size() == 1) return refused(CloseCode::ProtocolError);
    const unsigned high = static_cast<unsigned char>(payload[0]);
    const unsigned low = static_cast<unsigned char>(payload[1]);
    const unsigned code = (high << 8U) | low;
    if (!is_valid_close_code(code)) return refused(CloseCode::ProtocolError);
    const auto reason = payload.substr(2);
    if (!is_utf8(reason)) return refused(CloseCode::NotUtf8);
    return {.kind = Kind::Close, .payload = reason, .code = static_cast<CloseCode>(code)};
}

}  // namespace chatflow::socket
