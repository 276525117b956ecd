#include "workloads/socket/transport/engine.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;
using Kind = WebSocketEvent::Kind;

constexpr std::size_t kFramesPerWrite = 64;
constexpr auto kClosingTime = 2s;  // for the peer to take our last words

std::string frame(Opcode opcode, std::string_view payload) {
    std::string bytes;
    append_frame_header(bytes, opcode, payload.size());
    return bytes.append(payload);
}

}  // namespace

void Engine::on_websocket(Peer& peer, const WebSocketEvent& event) {
    Session* const session = peer.session;
    const bool is_message = event.kind == Kind::Text || event.kind == Kind::Binary;
    if (is_message && peer.deflates()) ++figures_.inflated;
    if (session == nullptr) return peer.close();
    if (session->probe_ == &peer) return on_probe(peer, *session, event);
    on_session_event(*session, event);
}

void Engine::on_session_event(Session& session, const WebSocketEvent& event) {
    switch (event.kind) {
        case Kind::NeedMore:
            return;
        case Kind::Ping:
            return push(session, Packet::make(Opcode::Pong, event.payload));
        case Kind::Pong:
            if (session.dialect_ == Dialect::Plain) session.awaits_pong_ = false;
            return;
        case Kind::Refused:
            return end(session, CloseReason::TransportError, event.code, "");
        case Kind::Close: {
            // Who says "normal" has left; Socket.IO's clients say it by a packet.
            const bool has_left =
                session.dialect_ == Dialect::Plain && event.code == CloseCode::Normal;
            return end(session,
                       has_left ? CloseReason::ClientDisconnected : CloseReason::TransportClosed,
                       event.code, "");
        }
        case Kind::Text:
        case Kind::Binary:
            break;
    }
    const bool is_binary = event.kind == Kind::Binary;
    if (session.dialect_ == Dialect::Plain) {
        ++figures_.received;
        return session.listener_->on_message(session, is_binary, event.payload);
    }
    if (is_binary) return on_packet(session, EngineType::Message, true, event.payload);
    const auto packet = parse_engine_packet(event.payload);
    if (!packet) return end(session, CloseReason::TransportError, CloseCode::ProtocolError, "");
    on_packet(session, packet->type, false, packet->data);
}

void Engine::on_probe(Peer& peer, Session& session, const WebSocketEvent& event) {
    switch (event.kind) {
        case Kind::NeedMore:
        case Kind::Pong:
            return;
        case Kind::Ping:
            return peer.put(frame(Opcode::Pong, event.payload));
        default:
            break;
    }
    if (event.kind == Kind::Text && event.payload == "2probe") {
        peer.put(frame(Opcode::Text, "3probe"));
        if (session.poll_ == nullptr) return;
        if (session.outbox_.empty()) push(session, Packet::make(Opcode::Text, "6"));
        return answer_poll(session);
    }
    if (event.kind == Kind::Text && event.payload == "5") {
        session.probe_ = nullptr;
        if (session.poll_ != nullptr) {
            if (session.outbox_.empty()) push(session, Packet::make(Opcode::Text, "6"));
            answer_poll(session);
        }
        session.socket_ = &peer;
        ++figures_.upgraded;
        return flush(session);
    }
    session.probe_ = nullptr;
    peer.session = nullptr;
    peer.close_soon(frame(Opcode::Close, close_payload(CloseCode::ProtocolError, "not a probe")));
}

void Engine::on_packet(Session& session, EngineType type, bool is_binary, std::string_view data) {
    switch (type) {
        case EngineType::Message:
            ++figures_.received;
            return session.listener_->on_message(session, is_binary, data);
        case EngineType::Pong:
            session.awaits_pong_ = false;
            return;
        case EngineType::Close:
            return end(session, CloseReason::TransportClosed, CloseCode::Normal, "6");
        case EngineType::Noop:
            return;
        case EngineType::Open:
        case EngineType::Ping:
        case EngineType::Upgrade:
            return end(session, CloseReason::TransportError, CloseCode::ProtocolError, "1");
    }
}

void Engine::welcome(Session& session) {
    if (!std::exchange(session.is_welcome, true) && !session.is_closed_) --newcomers_;
}

void Engine::send(Session& session, Packet packet) { push(session, std::move(packet)); }

void Engine::flush(Session& session) {
    if (session.poll_ != nullptr && !session.outbox_.empty()) return answer_poll(session);
    Peer* const peer = session.socket_;
    if (peer == nullptr) return;
    std::array<iovec, kFramesPerWrite> parts{};
    while (!session.outbox_.empty()) {
        const std::size_t before = session.outbox_.packets();
        const auto some = std::span(parts).first(session.outbox_.gather(parts));
        std::size_t total = 0;
        for (const iovec& part : some) total += part.iov_len;
        const std::size_t written = peer->write(some);
        if (session.is_closed_) return;
        ++figures_.writes;
        figures_.bytes_sent += written;
        session.outbox_.consume(written);
        figures_.sent += before - session.outbox_.packets();
        if (written < total) return peer->want_writable(true);
    }
}

// A burst may fill a queue before its first flush. Closes nobody: whoever sends may be walking
// through a room.
bool Engine::relieve(Session& session) {
    if (session.socket_ == nullptr) return false;
    std::array<iovec, kFramesPerWrite> parts{};
    bool has_written = false;
    while (!session.outbox_.empty()) {
        const auto some = std::span(parts).first(session.outbox_.gather(parts));
        const std::size_t before = session.outbox_.packets();
        const std::size_t written = session.socket_->try_write(some);
        if (written == 0) break;
        session.outbox_.consume(written);
        ++figures_.writes;
        figures_.bytes_sent += written;
        figures_.sent += before - session.outbox_.packets();
        has_written = true;
    }
    return has_written;
}

void Engine::on_writable(Peer& peer) {
    peer.want_writable(false);
    if (peer.session != nullptr && peer.session->socket_ == &peer) flush(*peer.session);
}

void Engine::on_gone(Peer& peer) {
    Session* const session = std::exchange(peer.session, nullptr);
    if (session != nullptr && session->probe_ == &peer) {
        session->probe_ = nullptr;
    } else if (session != nullptr && !session->is_closed_) {
        if (session->socket_ == &peer) session->socket_ = nullptr;
        if (session->poll_ == &peer) session->poll_ = nullptr;
        end(*session, CloseReason::TransportClosed, CloseCode::Normal, "");
    }
    const auto found = peers_.find(peer.id());
    if (found == peers_.end()) return;
    dead_peers_.push_back(std::move(found->second));
    peers_.erase(found);
}

void Engine::close(Session& session, CloseReason reason, CloseCode code) {
    end(session, reason, code, "1");
}

void Engine::end(Session& session, CloseReason reason, CloseCode code,
                 std::string_view poll_answer) {
    if (std::exchange(session.is_closed_, true)) return;
    const auto node = sessions_.find(std::string_view(session.id_));
    dead_sessions_.push_back(std::move(sessions_.extract(node).value()));
    if (!session.is_welcome) --newcomers_;
    ++figures_.closed.at(static_cast<std::size_t>(reason));
    if (Peer* const peer = std::exchange(session.probe_, nullptr)) {
        peer->session = nullptr;
        peer->close_soon({});
    }
    if (Peer* const peer = std::exchange(session.socket_, nullptr)) {
        peer->session = nullptr;
        // Who is too slow gets no more than what was begun.
        std::string rest = session.outbox_.take_rest(reason == CloseReason::TooSlow);
        rest += frame(Opcode::Close, close_payload(code, name_of(reason)));
        peer->close_soon(rest);
    }
    if (session.poll_ != nullptr) {
        session.outbox_.add_last(Packet::make(Opcode::Text, poll_answer));
        answer_poll(session);
    }
    session.outbox_.clear();
    session.listener_->on_close(session, reason);
}

void Engine::ping(Session& session, Time now) {
    session.pinged_ = now;
    session.awaits_pong_ = true;
    const bool is_plain = session.dialect_ == Dialect::Plain;
    push(session, is_plain ? Packet::make(Opcode::Ping, "") : Packet::make(Opcode::Text, "2"));
}

void Engine::sweep(Time now) {
    std::size_t newcomers = 0;
    std::vector<Session*> overdue;  // ending one changes the set
    for (const auto& session : sessions_) {
        if (!session->is_welcome) ++newcomers;
        const auto pinged = now - session->pinged_;
        const bool is_stale = session->awaits_pong_ && pinged >= options_.settings.ping_timeout;
        const bool is_stranger =
            !session->is_welcome && now - session->created_ >= options_.connect_timeout;
        if (is_stale || is_stranger) {
            overdue.push_back(session.get());
        } else if (!session->awaits_pong_ && pinged >= options_.settings.ping_interval) {
            ping(*session, now);
        }
    }
    newcomers_ = newcomers;
    for (Session* const session : overdue) {
        if (session->is_closed_) continue;
        const bool is_stale = session->awaits_pong_;
        end(*session, is_stale ? CloseReason::PingTimeout : CloseReason::TransportClosed,
            CloseCode::GoingAway, "1");
    }
    std::vector<Peer*> late;
    for (const auto& [id, peer] : peers_) {
        if (is_late(*peer, now)) late.push_back(peer.get());
    }
    for (Peer* const peer : late) peer->close();
    if (is_draining_) close_share(now);
}

bool Engine::is_late(const Peer& peer, Time now) const {
    const auto age = now - peer.since();
    switch (peer.mode()) {
        case Peer::Mode::Http:
            return !peer.has_request() && age > limits_.header_time;
        case Peer::Mode::WebSocket:
            return peer.session == nullptr ||
                   (peer.session->probe_ == &peer && age > options_.upgrade_timeout);
        case Peer::Mode::Closing:
            return age > kClosingTime;
        case Peer::Mode::Gone:
            return false;
    }
    return false;
}

void Engine::close_share(Time now) {
    // Of those that were there at the beginning, as many may stay as time is left.
    using Seconds = std::chrono::duration<double>;
    const double left = std::max(Seconds(drain_end_ - now) / Seconds(drain_time_), 0.0);
    const auto stay = static_cast<std::size_t>(left * static_cast<double>(drain_sessions_));
    const std::size_t share = sessions_.size() - std::min(stay, sessions_.size());
    std::vector<Session*> leaving;
    for (const auto& session : sessions_) {
        if (leaving.size() == share) break;
        leaving.push_back(session.get());
    }
    for (Session* const session : leaving) {
        if (!session->is_closed_) {
            end(*session, CloseReason::Draining, CloseCode::ServiceRestart, "1");
        }
    }
}

}  // namespace chatflow::socket
