#pragma once

#include "workloads/socket/protocol/websocket_frame.hpp"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// permessage-deflate, RFC 7692, without context takeover in either direction: each message stands
/// alone, so that one compressed message serves a whole room, and a connection keeps no window.

/// What to answer to a Sec-WebSocket-Extensions header: the first offer that we can keep; nothing
/// when there is none.
[[nodiscard]] std::optional<std::string> accept_deflate(std::string_view extensions);

/// Unpacks messages of all connections of one thread; holds about 45 KB, and the last message.
class Inflater {
 public:
    Inflater();
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// The message behind a compressed payload, until the next call. Stops at `bytes_max`: more is
    /// refused with TooBig, and what is no deflate data with NotUtf8, 1007.
    [[nodiscard]] std::expected<std::string_view, CloseCode> inflate(std::string_view payload,
                                                                     std::size_t bytes_max);

 private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    std::string message_;
};

/// Packs messages for all connections of one thread; holds about 45 KB.
class Deflater {
 public:
    Deflater();
    ~Deflater();
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    /// The compressed payload, until the next call; nothing when it would not be smaller.
    [[nodiscard]] std::optional<std::string_view> deflate(std::string_view message);

 private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    std::string payload_;
};

}  // namespace chatflow::socket
