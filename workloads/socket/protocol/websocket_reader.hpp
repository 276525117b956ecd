#pragma once

#include "workloads/socket/protocol/websocket_frame.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::socket {

class Inflater;

/// What a client sent, as far as the application may see it.
struct WebSocketEvent {
    enum class Kind {
        NeedMore,  // nothing whole is left in the input
        Text,      // valid UTF-8
        Binary,
        Ping,
        Pong,
        Close,    // `code` and `payload`, its reason, are for the answer
        Refused,  // `code` says why; the connection has to end
    };

    Kind kind = Kind::NeedMore;
    std::string_view payload = {};  // until the next call
    CloseCode code = CloseCode::Normal;
    std::size_t size = 0;  // bytes of the input that it took
};

/// Joins frames to messages (RFC 6455 §5.4), with control frames in between. Does no I/O and keeps
/// nothing but the parts of a message that is not whole.
class WebSocketReader {
 public:
    /// Reads from the front of `input`, unmasking it in place. Call again with what it did not take
    /// until NeedMore; then with more bytes behind the rest. A message of more than `message_max`
    /// bytes is refused.
    /// With an inflater compressed messages are taken too; the bound is that of the message.
    [[nodiscard]] WebSocketEvent next(std::span<char> input, std::size_t message_max,
                                      Inflater* inflater = nullptr);

 private:
    struct Parts {
        Opcode opcode = Opcode::Text;
        bool is_compressed = false;
        std::string bytes;
    };

    [[nodiscard]] WebSocketEvent data(const FrameView& frame, std::size_t message_max,
                                      Inflater* inflater);
    [[nodiscard]] static WebSocketEvent close(const FrameView& frame);

    std::unique_ptr<Parts> parts_;  // of a message whose last frame is missing
    bool is_whole_ = false;         // parts_ was given out
};

}  // namespace chatflow::socket
