#pragma once

#include "workloads/socket/protocol/deflate.hpp"
#include "workloads/socket/protocol/engine_packet.hpp"
#include "workloads/socket/protocol/handshake.hpp"
#include "workloads/socket/transport/engine_options.hpp"
#include "workloads/socket/transport/peer.hpp"
#include "workloads/socket/transport/session.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace chatflow::socket {

/// Sessions of Engine.IO v4 and of plain WebSockets, over one listening socket. One
/// thread; driven by round(), see engine_loop.hpp.
class Engine final : private PeerOwner {
 public:
    /// Binds and listens; throws std::system_error when it cannot.
    explicit Engine(EngineOptions options);
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Before the first round(). The listener outlives this.
    void serve(std::string path, Dialect dialect, SessionListener& listener);

    /// Is readable while round() has something to do: accept, read, write, keep sessions alive or
    /// end them.
    [[nodiscard]] int descriptor() const { return poller_.descriptor(); }
    void round();

    /// An application has let it in.
    void welcome(Session& session);
    /// Queues a message. It is written within milliseconds, together with what else is queued
    /// until then. Who is too slow to take it is closed, but not within this call.
    void send(Session& session, Packet packet);
    /// Ends a session: what is queued is still sent. `code` is for WebSockets.
    void close(Session& session, CloseReason reason, CloseCode code);

    /// No new sessions from now on; those that are, are closed one by one within `time`.
    void drain(std::chrono::steady_clock::duration time);
    /// Sessions are let in again, and nobody else is closed; who was closed stays so.
    void end_drain() { is_draining_ = false; }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
    [[nodiscard]] bool is_draining() const { return is_draining_; }
    [[nodiscard]] const EngineFigures& figures() const { return figures_; }

 private:
    using Time = std::chrono::steady_clock::time_point;
    struct Route {
        std::string path;
        Dialect dialect;
        SessionListener* listener;
    };
    // Something of the poller that calls a member.
    struct Hook final : Pollable {
        Hook(Engine& engine, void (Engine::*call)()) : owner(engine), member(call) {}
        void on_ready(std::uint32_t) override { (owner.*member)(); }
        Engine& owner;
        void (Engine::*member)();
    };

    void listen();
    void accept();
    void flush_all();
    void sweep_now();
    [[nodiscard]] std::chrono::nanoseconds sweep_interval() const;
    void free_the_dead();

    // ---- engine_http.cpp
    void on_request(Peer& peer) override;
    void on_engine_request(Peer& peer, const Route& route);
    void on_plain_request(Peer& peer, const Route& route);
    void hand_shake(Peer& peer, const Route& route, Transport transport);
    void poll(Peer& peer, Session& session);
    void post(Peer& peer, Session& session);
    void answer_poll(Session& session);
    void forward(Peer& peer, std::string pod);
    [[nodiscard]] bool upgrade(Peer& peer);
    [[nodiscard]] bool admits() const;
    void refuse(Peer& peer, EngineError error);
    void refuse_for_now(Peer& peer);
    [[nodiscard]] http::Response with_origin(Peer& peer, http::Response response) const;
    Session& open_session(Peer& peer, const Route& route);

    // ---- engine_sessions.cpp
    void on_websocket(Peer& peer, const WebSocketEvent& event) override;
    void on_session_event(Session& session, const WebSocketEvent& event);
    void on_probe(Peer& peer, Session& session, const WebSocketEvent& event);
    void on_packet(Session& session, EngineType type, bool is_binary, std::string_view data);
    void on_writable(Peer& peer) override;
    void on_gone(Peer& peer) override;
    std::span<char> read_buffer() override { return buffer_; }
    std::size_t message_max() const override { return options_.settings.max_payload; }
    Inflater& inflater() override { return *inflater_; }
    void push(Session& session, Packet packet);
    void flush(Session& session);
    [[nodiscard]] bool relieve(Session& session);
    void end(Session& session, CloseReason reason, CloseCode code, std::string_view poll_answer);
    void ping(Session& session, Time now);
    void sweep(Time now);
    [[nodiscard]] bool is_late(const Peer& peer, Time now) const;
    void close_share(Time now);

    struct SessionHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view id) const {
            return std::hash<std::string_view>()(id);
        }
        std::size_t operator()(const std::unique_ptr<Session>& session) const {
            return (*this)(std::string_view(session->id()));
        }
    };
    struct SessionEqual {
        using is_transparent = void;
        static std::string_view id(std::string_view id) { return id; }
        static std::string_view id(const std::unique_ptr<Session>& session) {
            return session->id();
        }
        bool operator()(const auto& a, const auto& b) const { return id(a) == id(b); }
    };

    EngineOptions options_;
    const http::Limits limits_;
    EngineFigures figures_;
    Poller poller_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    bool is_full_ = false;  // no descriptor was left: the listener is not polled
    Timer flush_timer_;
    Timer sweep_timer_;
    Hook accept_hook_{*this, &Engine::accept};
    Hook flush_hook_{*this, &Engine::flush_all};
    Hook sweep_hook_{*this, &Engine::sweep_now};
    std::unique_ptr<Inflater> inflater_;  // when it deflates
    std::unique_ptr<Deflater> deflater_;
    std::vector<Route> routes_;
    std::vector<char> buffer_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Peer>> peers_;
    std::uint64_t next_peer_ = 0;
    std::unordered_set<std::unique_ptr<Session>, SessionHash, SessionEqual> sessions_;
    std::vector<std::unique_ptr<Session>> dead_sessions_;  // freed when nobody can hold them
    std::vector<std::unique_ptr<Peer>> dead_peers_;
    std::vector<Session*> dirty_;
    std::vector<Session*> slow_;
    Time dirty_since_;
    Time next_flush_{};
    Time flushed_at_{};
    std::chrono::nanoseconds flushed_at_cpu_{0};
    std::size_t newcomers_ = 0;  // sessions that are not welcome yet
    bool is_draining_ = false;
    Time drain_end_;
    std::chrono::steady_clock::duration drain_time_{};
    std::size_t drain_sessions_ = 0;  // when it began
};

}  // namespace chatflow::socket
