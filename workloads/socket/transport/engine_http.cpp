#include "libs/base/base64.hpp"
#include "libs/http/ascii.hpp"
#include "workloads/socket/transport/engine.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <sys/random.h>

namespace chatflow::socket {
namespace {

constexpr std::size_t kIdBytes = 15;  // unguessable; 20 characters
constexpr char kPodMark = '.';
constexpr std::string_view kForwardedHeader = "X-Chatflow-Forwarded";

std::string random_id() {
    std::array<char, kIdBytes> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("getrandom gave too little");
    }
    return encode_base64url({bytes.data(), bytes.size()});
}

// "socket-1" of "J5…uQ.socket-1"; nothing that is no pod's id, since it becomes part of a name.
std::string_view pod_of(std::string_view session_id) {
    const auto mark = session_id.find(kPodMark);
    if (mark == std::string_view::npos) return {};
    const auto pod = session_id.substr(mark + 1);
    const bool is_label = pod.size() <= 63 && std::ranges::all_of(pod, [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                          });
    return is_label ? pod : std::string_view();
}

bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (http::equal_ignoring_case(http::trimmed(list.substr(0, comma)), token)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

bool asks_for_websocket(const http::Request& request) {
    return request.method == http::Method::Get &&
           has_token(request.header("Upgrade").value_or(""), "websocket") &&
           has_token(request.header("Connection").value_or(""), "upgrade");
}

std::string_view without_slash(std::string_view path) {
    return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

}  // namespace

void Engine::on_request(Peer& peer) {
    const http::Request& request = peer.request();
    const auto is_ours = [&](const Route& route) {
        return without_slash(request.path) == without_slash(route.path);
    };
    const auto route = std::ranges::find_if(routes_, is_ours);
    if (route == routes_.end()) return peer.respond(http::text(404, "Not Found\n"));
    if (route->dialect == Dialect::Engine) return on_engine_request(peer, *route);
    on_plain_request(peer, *route);
}

void Engine::on_engine_request(Peer& peer, const Route& route) {
    const http::Request& request = peer.request();
    if (request.method == http::Method::Options) {
        http::Response response{.status = 204};
        response.headers = {
            {"Access-Control-Allow-Methods", "GET,POST"},
            {"Access-Control-Allow-Headers",
             std::string(
                 request.header("Access-Control-Request-Headers").value_or("content-type"))},
            {"Access-Control-Max-Age", "600"}};
        return peer.respond(with_origin(peer, std::move(response)));
    }
    const auto query = parse_engine_query(request.query);
    if (!query) return refuse(peer, query.error());
    if (query->session_id.empty()) return hand_shake(peer, route, query->transport);
    const auto found = sessions_.find(query->session_id);
    if (found == sessions_.end() || (*found)->listener_ != route.listener) {
        const auto pod = pod_of(query->session_id);
        const bool is_elsewhere = !pod.empty() && pod != options_.pod && options_.forward &&
                                  query->transport == Transport::Polling &&
                                  !request.header(kForwardedHeader);
        if (is_elsewhere) return forward(peer, std::string(pod));
        return refuse(peer, EngineError::UnknownSession);
    }
    Session& session = **found;
    if (query->transport == Transport::WebSocket) {
        if (session.socket_ != nullptr || session.probe_ != nullptr) {
            return refuse(peer, EngineError::BadRequest);
        }
        if (!upgrade(peer)) return;
        session.probe_ = &peer;
        peer.session = &session;
        return;
    }
    if (session.socket_ != nullptr) return refuse(peer, EngineError::BadRequest);
    if (request.method == http::Method::Get) return poll(peer, session);
    if (request.method == http::Method::Post) return post(peer, session);
    refuse(peer, EngineError::BadHandshakeMethod);
}

void Engine::hand_shake(Peer& peer, const Route& route, Transport transport) {
    if (peer.request().method != http::Method::Get) {
        return refuse(peer, EngineError::BadHandshakeMethod);
    }
    if (!admits()) return refuse_for_now(peer);
    const bool is_websocket = transport == Transport::WebSocket;
    if (is_websocket && !asks_for_websocket(peer.request())) {
        return refuse(peer, EngineError::BadRequest);
    }
    Session& session = open_session(peer, route);
    if (is_websocket) {
        if (!upgrade(peer)) return end(session, CloseReason::TransportError, CloseCode::Normal, "");
        session.socket_ = &peer;
        peer.session = &session;
    }
    const std::string open = open_packet(session.id(), !is_websocket, options_.settings);
    push(session, Packet::make(Opcode::Text, open));
    route.listener->on_open(session);
    if (is_websocket || session.is_closed_) return;
    session.poll_ = &peer;
    peer.session = &session;
    answer_poll(session);
}

void Engine::on_plain_request(Peer& peer, const Route& route) {
    if (!asks_for_websocket(peer.request())) {
        http::Response response = http::text(426, "This is a WebSocket.\n");
        response.headers.emplace_back("Upgrade", "websocket");
        return peer.respond(response);
    }
    if (!admits()) return refuse_for_now(peer);
    Session& session = open_session(peer, route);
    if (!upgrade(peer)) return end(session, CloseReason::TransportError, CloseCode::Normal, "");
    session.socket_ = &peer;
    peer.session = &session;
    route.listener->on_open(session);
}

Session& Engine::open_session(Peer& peer, const Route& route) {
    auto session = std::make_unique<Session>();
    session->id_ = random_id();
    if (!options_.pod.empty()) (session->id_ += kPodMark) += options_.pod;
    session->listener_ = route.listener;
    session->dialect_ = route.dialect;
    session->remote = peer.remote();
    session->trace = std::string(peer.request().header("traceparent").value_or(""));
    session->created_ = session->pinged_ = std::chrono::steady_clock::now();
    ++newcomers_;
    ++figures_.opened;
    return **sessions_.insert(std::move(session)).first;
}

void Engine::poll(Peer& peer, Session& session) {
    if (session.poll_ != nullptr) {
        refuse(peer, EngineError::BadRequest);
        return end(session, CloseReason::TransportError, CloseCode::Normal, "1");
    }
    session.poll_ = &peer;
    peer.session = &session;
    if (!session.outbox_.empty()) return answer_poll(session);
    if (session.probe_ == nullptr) return;
    push(session, Packet::make(Opcode::Text, "6"));  // so that the client can go on to upgrade
    answer_poll(session);
}

void Engine::post(Peer& peer, Session& session) {
    const auto packets = parse_engine_payload(peer.request().body);
    if (!packets) {
        refuse(peer, EngineError::BadRequest);
        return end(session, CloseReason::TransportError, CloseCode::Normal, "1");
    }
    for (const EnginePacket& packet : *packets) {
        if (session.is_closed_) break;
        on_packet(session, packet.type, packet.is_binary, packet.data);
    }
    peer.respond(with_origin(peer, {.status = 200, .content_type = "text/html", .body = "ok"}));
}

void Engine::answer_poll(Session& session) {
    std::string payload;
    while (!session.outbox_.empty()) {
        const Packet& packet = session.outbox_.front();
        append_to_payload(payload, packet.is_binary(), packet.payload());
        session.outbox_.pop();
        ++figures_.sent;
    }
    Peer& peer = *std::exchange(session.poll_, nullptr);
    peer.session = nullptr;
    ++figures_.writes;
    figures_.bytes_sent += payload.size();
    peer.respond(with_origin(peer, http::text(200, std::move(payload))));
}

void Engine::forward(Peer& peer, std::string pod) {
    const http::Request& request = peer.request();
    std::string text;
    text.append(name_of(request.method)).append(" ").append(request.target).append(" HTTP/1.1\r\n");
    text.append("Host: ").append(pod).append("\r\nConnection: close\r\n");
    text.append(kForwardedHeader).append(": 1\r\n");
    if (const auto origin = request.header("Origin")) {
        text.append("Origin: ").append(*origin).append("\r\n");
    }
    text.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n\r\n");
    text.append(request.body);
    ++figures_.forwarded;
    options_.forward(std::move(pod), std::move(text), [this, id = peer.id()](std::string response) {
        const auto found = peers_.find(id);
        if (found == peers_.end() || !found->second->has_request()) return;
        if (response.empty()) return refuse(*found->second, EngineError::UnknownSession);
        found->second->respond_raw(response);
    });
}

bool Engine::upgrade(Peer& peer) {
    const http::Request& request = peer.request();
    const auto key = request.header("Sec-WebSocket-Key");
    const bool is_valid = asks_for_websocket(request) && key && is_websocket_key(*key);
    if (is_valid && request.header("Sec-WebSocket-Version") == "13") {
        const auto offers = request.header("Sec-WebSocket-Extensions");
        const auto deflate = options_.deflates && offers ? accept_deflate(*offers) : std::nullopt;
        peer.upgrade(websocket_accept(*key), deflate.value_or(""));
        return peer.mode() == Peer::Mode::WebSocket;  // else it has gone meanwhile
    }
    http::Response response = http::text(is_valid ? 426 : 400, "This is no WebSocket handshake.\n");
    if (is_valid) response.headers.emplace_back("Sec-WebSocket-Version", "13");
    response.close = true;
    peer.respond(response);
    return false;
}

bool Engine::admits() const {
    return !is_draining_ && sessions_.size() < options_.sessions_max &&
           newcomers_ < options_.newcomers_max;
}

void Engine::refuse(Peer& peer, EngineError error) {
    peer.respond(with_origin(peer, http::json(400, error_body(error))));
}

void Engine::refuse_for_now(Peer& peer) {
    ++figures_.refused;
    http::Response response = http::text(503, "Too many connections; come back later.\n");
    // Not all at the same moment.
    response.headers.emplace_back("Retry-After", std::to_string(1 + peer.id() % 5));
    response.close = true;
    peer.respond(with_origin(peer, std::move(response)));
}

http::Response Engine::with_origin(Peer& peer, http::Response response) const {
    const auto origin = peer.request().header("Origin");
    if (std::ranges::contains(options_.origins, "*")) {
        response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    } else if (origin && std::ranges::contains(options_.origins, *origin)) {
        response.headers.emplace_back("Access-Control-Allow-Origin", std::string(*origin));
        response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
        response.headers.emplace_back("Vary", "Origin");
    }
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace chatflow::socket
