#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// Refusals of Engine.IO requests; the numbers are the protocol's.
enum class EngineError {
    UnknownTransport = 0,
    UnknownSession = 1,
    BadHandshakeMethod = 2,
    BadRequest = 3,
    Forbidden = 4,
    UnsupportedVersion = 5,
};

/// {"code":1,"message":"Session ID unknown"}
[[nodiscard]] std::string error_body(EngineError error);

enum class Transport { Polling, WebSocket };

/// What the query of an Engine.IO request says. Views into the query; a session id has no escapes.
struct EngineRequest {
    Transport transport = Transport::Polling;
    std::string_view session_id;  // empty: a handshake

    bool operator==(const EngineRequest&) const = default;
};

/// Reads EIO, transport and sid, in the order in which the protocol's reference checks them:
/// transport first. Other parameters do not matter.
[[nodiscard]] std::expected<EngineRequest, EngineError> parse_engine_query(std::string_view query);

/// What the open packet tells the client.
struct EngineSettings {
    std::chrono::milliseconds ping_interval{25'000};
    std::chrono::milliseconds ping_timeout{20'000};
    std::size_t max_payload = 1'000'000;  // bytes of one message or POST body
};

/// "0{…}": the first packet of a session.
[[nodiscard]] std::string open_packet(std::string_view session_id, bool may_upgrade,
                                      const EngineSettings& settings);

}  // namespace chatflow::socket
