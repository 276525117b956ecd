#include "workloads/socket/hub/hub.hpp"

#include "workloads/socket/hub/plain_message.hpp"
#include "workloads/socket/hub/socket.hpp"
#include "workloads/socket/protocol/json_text.hpp"
#include "workloads/socket/transport/engine.hpp"

#include <optional>
#include <utility>

namespace chatflow::socket {
namespace {

// Of one unanswered connection; a client that never answers must not hold memory.
constexpr std::size_t kQuestionsMax = 1000;

// An event for all that speak alike, made when the first of them is met.
class EventPackets {
 public:
    EventPackets(std::string_view event, bool is_ephemeral)
        : event_(event), is_ephemeral_(is_ephemeral) {}

    const Packet& of(Dialect dialect, std::string_view name_space) {
        if (dialect == Dialect::Plain) {
            if (!plain_) plain_ = Packet::make(Opcode::Text, plain_event(event_), is_ephemeral_);
            return plain_;
        }
        if (!engine_ || name_space_ != name_space) {
            name_space_ = name_space;
            const auto text = socket_packet_text(SocketType::Event, {name_space}, event_);
            engine_ = Packet::make(Opcode::Text, text, is_ephemeral_);
        }
        return engine_;
    }

 private:
    std::string_view event_;
    std::string_view name_space_;  // of engine_
    Packet engine_;
    Packet plain_;
    bool is_ephemeral_;
};

}  // namespace

Hub::Hub(Engine& engine) : engine_(engine) {}
Hub::~Hub() = default;

Hub::Socket* Hub::find(std::string_view id) const {
    const auto found = sockets_.find(id);
    return found == sockets_.end() ? nullptr : found->second;
}

void Hub::send_packet(const Socket& socket, SocketType type, const SocketAddress& to,
                      std::string_view data, const std::vector<std::string>& attachments) {
    if (socket.session->dialect() == Dialect::Plain) {
        const std::string text = type == SocketType::Ack ? plain_answer(to.ack_id.value_or(0), data)
                                                         : plain_event(data, to.ack_id);
        return engine_.send(*socket.session, Packet::make(Opcode::Text, text));
    }
    const std::string text = socket_packet_text(
        type,
        {.name_space = socket.name_space, .ack_id = to.ack_id, .attachments = attachments.size()},
        data);
    engine_.send(*socket.session, Packet::make(Opcode::Text, text));
    for (const std::string& bytes : attachments) {
        engine_.send(*socket.session, Packet::make(Opcode::Binary, bytes));
    }
}

void Hub::accept(const std::string& id, const Acceptance& acceptance) {
    Socket* const socket = find(id);
    if (socket == nullptr || socket->is_accepted) return;
    const bool is_renamed = !acceptance.socket.empty() && acceptance.socket != socket->id;
    if (is_renamed && find(acceptance.socket) == nullptr) {
        sockets_.erase(socket->id);
        socket->id = acceptance.socket;
        sockets_.emplace(socket->id, socket);
    }
    socket->is_accepted = true;
    engine_.welcome(*socket->session);
    std::string data = R"({"sid":)";
    append_json_string(data, socket->id);
    if (!acceptance.pid.empty()) append_json_string(data += R"(,"pid":)", acceptance.pid);
    data += '}';
    const std::string text =
        socket->session->dialect() == Dialect::Plain
            ? R"({"connected":)" + data + "}"
            : socket_packet_text(SocketType::Connect, {socket->name_space}, data);
    engine_.send(*socket->session, Packet::make(Opcode::Text, text));
}

void Hub::refuse(const std::string& id, std::string_view message, std::string_view data) {
    Socket* const socket = find(id);
    if (socket == nullptr || socket->is_accepted) return;
    Session& session = *socket->session;
    std::string error = R"({"message":)";
    append_json_string(error, message);
    if (!data.empty()) (error += R"(,"data":)") += data;
    error += '}';
    auto& sockets = static_cast<Client&>(*session.data).sockets;
    if (session.dialect() == Dialect::Plain) {
        engine_.send(session, Packet::make(Opcode::Text, R"({"error":)" + error + "}"));
    } else {
        const auto text = socket_packet_text(SocketType::ConnectError, {socket->name_space}, error);
        engine_.send(session, Packet::make(Opcode::Text, text));
    }
    sockets_.erase(socket->id);
    std::erase_if(sockets, [&](const auto& one) { return one.get() == socket; });
    if (session.dialect() == Dialect::Plain) {
        engine_.close(session, CloseReason::ServerDisconnected, CloseCode::StayAway);
    }
}

void Hub::answer(const std::string& id, std::uint64_t ack_id, std::string_view arguments,
                 const std::vector<std::string>& attachments) {
    const Socket* const socket = find(id);
    if (socket == nullptr) return;
    send_packet(*socket, SocketType::Ack, {.ack_id = ack_id}, arguments, attachments);
}

void Hub::send(const std::string& id, std::string_view event) { send_binary(id, event, {}); }

void Hub::send_binary(const std::string& id, std::string_view event,
                      const std::vector<std::string>& attachments) {
    const Socket* const socket = find(id);
    if (socket == nullptr || !socket->is_accepted) return;
    send_packet(*socket, SocketType::Event, {}, event, attachments);
}

void Hub::ask(const std::string& id, std::string_view event, OnAnswer on_answer) {
    Socket* const socket = find(id);
    if (socket == nullptr || !socket->is_accepted) return on_answer(std::nullopt);
    if (!socket->questions) socket->questions = std::make_unique<Socket::Questions>();
    auto& questions = *socket->questions;
    if (questions.open.size() == kQuestionsMax) return on_answer(std::nullopt);
    const std::uint64_t ack_id = questions.next++;
    questions.open.emplace(ack_id, std::move(on_answer));
    send_packet(*socket, SocketType::Event, {.ack_id = ack_id}, event, {});
}

void Hub::join(const std::string& id, const std::string& room) {
    Socket* const socket = find(id);
    if (socket != nullptr) rooms_.join(*socket, room);
}

void Hub::leave(const std::string& id, const std::string& room) {
    Socket* const socket = find(id);
    if (socket != nullptr) rooms_.leave(*socket, room);
}

void Hub::deliver(const std::string& room, std::string_view event, bool is_ephemeral,
                  std::string_view except) {
    EventPackets packets(event, is_ephemeral);
    const Member* const left_out = except.empty() ? nullptr : find(except);
    for (Member* const member : rooms_.members(room)) {
        if (member == left_out) continue;
        const auto& socket = static_cast<const Socket&>(*member);
        engine_.send(*socket.session, packets.of(socket.session->dialect(), socket.name_space));
        ++delivered_;
    }
}

void Hub::close(const std::string& id, Ending ending, std::string_view reason) {
    Socket* const socket = find(id);
    if (socket == nullptr) return;
    Session& session = *socket->session;
    if (ending == Ending::ComeBack) {
        return engine_.close(session, CloseReason::Draining, CloseCode::ServiceRestart);
    }
    if (session.dialect() == Dialect::Plain) {
        std::string error = R"({"error":{"message":)";
        append_json_string(error, reason);
        engine_.send(session, Packet::make(Opcode::Text, error + "}}"));
        return engine_.close(session, CloseReason::ServerDisconnected, CloseCode::StayAway);
    }
    // Its other namespaces go on.
    send_packet(*socket, SocketType::Disconnect, {}, {}, {});
    remove(static_cast<Client&>(*session.data), *socket, CloseReason::ServerDisconnected);
}

}  // namespace chatflow::socket
