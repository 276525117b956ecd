#include "libs/base/trace_context.hpp"
#include "workloads/socket/platform/connection.hpp"
#include "workloads/socket/platform/platform.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace chatflow::socket {

void Platform::on_message(const std::string& room, const rooms::RoomMessage& message,
                          const Positions& positions) {
    gateway_.deliver(room, with_offset(message.event, positions.to_offset()),
                     message.is_ephemeral(), message.except);
    if (const auto trace = find_traceparent(message.event)) {
        log_.debug("Message delivered",
                   {{"room", room}, {"seq", message.seq}, {"trace_id", trace->trace_id}});
    }
    if (message.is_ephemeral()) return;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const std::chrono::microseconds published(static_cast<std::int64_t>(message.id));
    observer_.on_delivered(std::max(now - published, std::chrono::microseconds(0)));
}

void Platform::on_loss(const std::string& room) {
    std::vector<std::string> members;
    for (const auto& [socket, connection] : connections_) {
        if (connection->is_open && connection->rooms.contains(room)) members.push_back(socket);
    }
    for (const auto& socket : members) {
        gateway_.close(socket, Ending::ComeBack, "messages were lost");
    }
}

void Platform::on_control(std::string_view channel, std::string_view text) {
    if (channel == kUserEvents) {
        const auto event = user_event(text);
        if (event.empty()) return;
        gateway_.deliver(std::string(kUserEvents),
                         with_offset(event, reader_.positions().to_offset()), true, "");
    } else if (channel == kControlChannel) {
        const auto message = parse_control(text);
        if (!message) return;
        if (message->type == "ban") bans_.apply(message->user, true);
        if (message->type == "unban") bans_.apply(message->user, false);
        Connection* old = message->type == "taken" ? find(message->socket) : nullptr;
        if (old == nullptr) return;
        old->is_taken = true;
        if (!old->is_open) return;
        gateway_.close(message->socket, Ending::ComeBack, "the session goes on elsewhere");
    } else if (const auto told = parse_classic(text)) {
        broadcast(*told);
    }
}

void Platform::on_ban(const std::string& user) {
    std::vector<std::string> sockets;
    for (const auto& [socket, connection] : connections_) {
        if (connection->is_open && connection->identity.user == user) sockets.push_back(socket);
    }
    for (const auto& socket : sockets) {
        gateway_.close(socket, Ending::StayAway, to_string(Refusal::UserBanned));
    }
}

// A broadcast names rooms, or sockets, each connection gets it once.
void Platform::broadcast(const NodeBroadcast& broadcast) {
    const auto event = with_offset(broadcast.event, reader_.positions().to_offset());
    if (broadcast.rooms.size() == 1 && broadcast.except.empty() &&
        !connections_.contains(broadcast.rooms.front())) {
        gateway_.deliver(broadcast.rooms.front(), event, broadcast.is_volatile, "");
        return;
    }
    const auto is_one_of = [](const std::vector<std::string>& names, const std::string& socket,
                              const Connection& connection) {
        return std::ranges::any_of(names, [&](const std::string& name) {
            return name == socket || connection.rooms.contains(name);
        });
    };
    for (const auto& [socket, connection] : connections_) {
        if (!connection->is_open || is_one_of(broadcast.except, socket, *connection)) continue;
        if (broadcast.rooms.empty() || is_one_of(broadcast.rooms, socket, *connection)) {
            gateway_.send(socket, event);
        }
    }
}

}  // namespace chatflow::socket
