#pragma once

#include "workloads/socket/hub/application.hpp"
#include "workloads/socket/hub/room_table.hpp"
#include "workloads/socket/protocol/socket_packet.hpp"
#include "workloads/socket/transport/packet.hpp"
#include "workloads/socket/transport/session.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chatflow::socket {

class Engine;
struct PlainMessage;

/// Socket.IO v5 and the plain JSON protocol on top of sessions: namespaces, events, attachments,
/// acknowledgements, and the rooms of this pod. One thread, that of the engine.
class Hub final : public SessionListener, public Clients {
 public:
    /// What is referred to outlives it.
    explicit Hub(Engine& engine);
    ~Hub() override;
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    /// Before the engine runs; the application outlives the hub's use.
    void use(Application& application) { application_ = &application; }

    // ---- Clients
    void accept(const std::string& socket, const Acceptance& acceptance) override;
    void refuse(const std::string& socket, std::string_view message,
                std::string_view data) override;
    void answer(const std::string& socket, std::uint64_t ack_id, std::string_view arguments,
                const std::vector<std::string>& attachments) override;
    void send(const std::string& socket, std::string_view event) override;
    void send_binary(const std::string& socket, std::string_view event,
                     const std::vector<std::string>& attachments) override;
    void ask(const std::string& socket, std::string_view event, OnAnswer on_answer) override;
    void join(const std::string& socket, const std::string& room) override;
    void leave(const std::string& socket, const std::string& room) override;
    void deliver(const std::string& room, std::string_view event, bool is_ephemeral,
                 std::string_view except) override;
    void close(const std::string& socket, Ending ending, std::string_view reason) override;

    // ---- SessionListener
    void on_open(Session& session) override;
    void on_message(Session& session, bool is_binary, std::string_view message) override;
    void on_close(Session& session, CloseReason reason) override;

    [[nodiscard]] std::size_t sockets() const { return sockets_.size(); }
    [[nodiscard]] std::size_t rooms() const { return rooms_.rooms(); }
    [[nodiscard]] std::uint64_t delivered() const { return delivered_; }

 private:
    struct Socket;
    struct Client;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view id) const {
            return std::hash<std::string_view>()(id);
        }
    };

    void on_text(Session& session, Client& client, std::string_view text);
    void on_plain(Session& session, Client& client, std::string_view text);
    void on_attachment(Session& session, Client& client, std::string_view bytes);
    void on_connect(Session& session, Client& client, std::string_view name_space,
                    std::string_view auth);
    void dispatch(Session& session, Client& client, const SocketPacket& packet,
                  std::vector<std::string> attachments);
    void on_ack(Socket& socket, std::uint64_t id, std::string_view arguments);
    void remove(Client& client, Socket& socket, CloseReason reason);
    void fail(Session& session, std::string_view why);

    [[nodiscard]] Socket* find(std::string_view id) const;
    void send_packet(const Socket& socket, SocketType type, const SocketAddress& to,
                     std::string_view data, const std::vector<std::string>& attachments);

    Engine& engine_;
    Application* application_ = nullptr;
    RoomTable rooms_;
    std::unordered_map<std::string_view, Socket*, Hash, std::equal_to<>> sockets_;  // by their ids
    std::uint64_t delivered_ = 0;
};

}  // namespace chatflow::socket
