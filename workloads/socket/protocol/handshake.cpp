#include "workloads/socket/protocol/handshake.hpp"

#include <algorithm>
#include <optional>

namespace chatflow::socket {
namespace {

std::string_view message_of(EngineError error) {
    switch (error) {
        case EngineError::UnknownTransport:
            return "Transport unknown";
        case EngineError::UnknownSession:
            return "Session ID unknown";
        case EngineError::BadHandshakeMethod:
            return "Bad handshake method";
        case EngineError::BadRequest:
            return "Bad request";
        case EngineError::Forbidden:
            return "Forbidden";
        case EngineError::UnsupportedVersion:
            return "Unsupported protocol version";
    }
    return "Bad request";
}

std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) != name) continue;
        return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    }
    return std::nullopt;
}

}  // namespace

std::string error_body(EngineError error) {
    std::string body = R"({"code":)" + std::to_string(static_cast<int>(error)) + R"(,"message":")";
    body += message_of(error);
    return body + "\"}";
}

std::expected<EngineRequest, EngineError> parse_engine_query(std::string_view query) {
    EngineRequest request;
    const auto transport = parameter(query, "transport");
    if (transport == "websocket") {
        request.transport = Transport::WebSocket;
    } else if (transport != "polling") {
        return std::unexpected(EngineError::UnknownTransport);
    }
    if (parameter(query, "EIO") != "4") return std::unexpected(EngineError::UnsupportedVersion);
    request.session_id = parameter(query, "sid").value_or("");
    return request;
}

std::string open_packet(std::string_view session_id, bool may_upgrade,
                        const EngineSettings& settings) {
    std::string text = R"(0{"sid":")";
    text += session_id;
    text += R"(","upgrades":)";
    text += may_upgrade ? R"(["websocket"])" : "[]";
    text += R"(,"pingInterval":)" + std::to_string(settings.ping_interval.count());
    text += R"(,"pingTimeout":)" + std::to_string(settings.ping_timeout.count());
    text += R"(,"maxPayload":)" + std::to_string(settings.max_payload) + "}";
    return text;
}

}  // namespace chatflow::socket
