#pragma once

#include "workloads/socket/hub/application.hpp"
#include "workloads/socket/transport/session.hpp"

namespace chatflow::socket {

class Engine;

/// The application of the public suites of Socket.IO: namespaces "/" and "/custom" answer "auth"
/// with what the client sent along; "message" comes back as "message-back"; "message-with-ack" is
/// acknowledged with its arguments. For load tests also: "join" ROOM, and "say" ROOM VALUE, which
/// every member of the room gets as "said" VALUE.
class EchoApplication final : public Application {
 public:
    explicit EchoApplication(Clients& clients) : clients_(clients) {}

    void on_connect(const std::string& socket, const Arrival& arrival) override;
    void on_event(const std::string& socket, const ClientEvent& event) override;
    void on_close(const std::string&, CloseReason) override {}

 private:
    Clients& clients_;
};

/// Sends back every message of a session: below Socket.IO, for suites of Engine.IO and WebSocket.
class EchoSessions final : public SessionListener {
 public:
    explicit EchoSessions(Engine& engine) : engine_(engine) {}

    void on_open(Session& session) override;
    void on_message(Session& session, bool is_binary, std::string_view message) override;
    void on_close(Session&, CloseReason) override {}

 private:
    Engine& engine_;
};

}  // namespace chatflow::socket
