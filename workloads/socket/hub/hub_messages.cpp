// What clients send to the hub.
#include "libs/base/base64.hpp"
#include "workloads/socket/hub/hub.hpp"
#include "workloads/socket/hub/plain_message.hpp"
#include "workloads/socket/hub/socket.hpp"
#include "workloads/socket/protocol/json_text.hpp"
#include "workloads/socket/transport/engine.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <sys/random.h>

namespace chatflow::socket {
namespace {

constexpr std::size_t kNamespacesMax = 8;               // of one client
constexpr std::size_t kAttachmentBytesMax = 4U << 20U;  // of one event

// 20 characters, as Socket.IO's are; not the engine's, which is a secret of the client.
std::string random_socket_id() {
    std::array<char, 15> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("getrandom gave too little");
    }
    return encode_base64url({bytes.data(), bytes.size()});
}

}  // namespace

void Hub::on_open(Session& session) { session.data = std::make_unique<Client>(); }

void Hub::on_message(Session& session, bool is_binary, std::string_view message) {
    auto& client = static_cast<Client&>(*session.data);
    if (session.dialect() == Dialect::Plain) {
        if (is_binary) return fail(session, "binary message");
        return on_plain(session, client, message);
    }
    if (is_binary) return on_attachment(session, client, message);
    on_text(session, client, message);
}

void Hub::on_close(Session& session, CloseReason reason) {
    if (session.data == nullptr) return;  // its handshake failed
    auto& client = static_cast<Client&>(*session.data);
    while (!client.sockets.empty()) remove(client, *client.sockets.back(), reason);
}

void Hub::fail(Session& session, std::string_view) {
    engine_.close(session, CloseReason::TransportError, CloseCode::ProtocolError);
}

void Hub::on_text(Session& session, Client& client, std::string_view text) {
    if (client.incomplete) return fail(session, "attachments are missing");
    const auto packet = parse_socket_packet(text);
    if (!packet) return fail(session, packet.error());
    if (packet->type == SocketType::Connect) {
        return on_connect(session, client, packet->name_space, packet->data);
    }
    if (client.sockets.empty()) return fail(session, "not connected");
    if (packet->attachments == 0) return dispatch(session, client, *packet, {});
    client.incomplete = std::make_unique<Client::Incomplete>(
        Client::Incomplete{.text = std::string(text), .expected = packet->attachments});
}

void Hub::on_attachment(Session& session, Client& client, std::string_view bytes) {
    if (!client.incomplete) return fail(session, "no attachment is expected");
    auto& incomplete = *client.incomplete;
    incomplete.bytes += bytes.size();
    if (incomplete.bytes > kAttachmentBytesMax) return fail(session, "attachments are too big");
    incomplete.attachments.emplace_back(bytes);
    if (incomplete.attachments.size() < incomplete.expected) return;
    const auto whole = std::exchange(client.incomplete, nullptr);
    const auto packet = parse_socket_packet(whole->text);
    if (packet) dispatch(session, client, *packet, std::move(whole->attachments));
}

void Hub::on_connect(Session& session, Client& client, std::string_view name_space,
                     std::string_view auth) {
    if (client.in(name_space) != nullptr || client.sockets.size() == kNamespacesMax) {
        return fail(session, "connected already");
    }
    auto socket = std::make_unique<Socket>();
    socket->id = random_socket_id();
    socket->name_space = name_space;
    socket->session = &session;
    const std::string id = socket->id;
    sockets_.emplace(socket->id, socket.get());
    client.sockets.push_back(std::move(socket));
    Arrival arrival{.name_space = std::string(name_space),
                    .auth = std::string(auth),
                    .remote = session.remote,
                    .trace = session.trace};
    if (!auth.empty()) {
        arrival.pid = json_member(auth, "pid").value_or("");
        arrival.offset = json_member(auth, "offset").value_or("");
    }
    application_->on_connect(id, arrival);
}

void Hub::dispatch(Session& session, Client& client, const SocketPacket& packet,
                   std::vector<std::string> attachments) {
    Socket* const socket = client.in(packet.name_space);
    if (socket == nullptr) return;  // it was refused, or has left
    switch (packet.type) {
        case SocketType::Disconnect:
            return remove(client, *socket, CloseReason::ClientDisconnected);
        case SocketType::Ack:
        case SocketType::BinaryAck:
            return on_ack(*socket, *packet.ack_id, packet.data);
        case SocketType::Event:
        case SocketType::BinaryEvent:
            break;
        case SocketType::Connect:
        case SocketType::ConnectError:
            return;
    }
    if (!socket->is_accepted) return fail(session, "an event before the acceptance");
    const auto name =
        json_string_value(packet.arguments[0]).value_or(std::string(packet.arguments[0]));
    const std::string id = socket->id;
    application_->on_event(id, {.name = name,
                                .arguments = {packet.arguments.begin() + 1, packet.arguments.end()},
                                .text = packet.data,
                                .ack_id = packet.ack_id,
                                .attachments = std::move(attachments)});
}

void Hub::on_plain(Session& session, Client& client, std::string_view text) {
    const auto message = parse_plain_message(text);
    if (!message) return fail(session, message.error());
    if (message->kind == PlainMessage::Kind::Connect) {
        return on_connect(session, client, "/", message->data);
    }
    Socket* const socket = client.in("/");
    if (socket == nullptr) return fail(session, "not connected");
    SocketPacket packet{.ack_id = message->id, .data = message->data};
    if (message->kind == PlainMessage::Kind::Ack) {
        return on_ack(*socket, message->id.value_or(0), message->data);
    }
    packet.type = SocketType::Event;
    packet.arguments = split_json_array(message->data).value_or(std::vector<std::string_view>{});
    if (packet.arguments.empty()) return fail(session, "the event has no name");
    dispatch(session, client, packet, {});
}

void Hub::on_ack(Socket& socket, std::uint64_t id, std::string_view arguments) {
    if (!socket.questions) return;
    auto node = socket.questions->open.extract(id);
    if (node) node.mapped()(arguments);
}

void Hub::remove(Client& client, Socket& socket, CloseReason reason) {
    const auto place =
        std::ranges::find_if(client.sockets, [&](const auto& one) { return one.get() == &socket; });
    const auto gone = std::move(*place);
    client.sockets.erase(place);
    rooms_.leave_all(*gone);
    sockets_.erase(gone->id);
    if (gone->questions) {
        for (const auto& [id, on_answer] : gone->questions->open) on_answer(std::nullopt);
    }
    application_->on_close(gone->id, reason);
}

}  // namespace chatflow::socket
