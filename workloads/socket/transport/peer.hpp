#pragma once

#include "libs/http/request_parser.hpp"
#include "libs/http/response.hpp"
#include "workloads/socket/protocol/websocket_reader.hpp"
#include "workloads/socket/transport/poller.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sys/uio.h>

namespace chatflow::socket {

class Inflater;
class Peer;
class Session;

/// What a Peer tells its owner.
class PeerOwner {
 public:
    virtual ~PeerOwner() = default;
    virtual void on_request(Peer& peer) = 0;
    virtual void on_websocket(Peer& peer, const WebSocketEvent& event) = 0;
    virtual void on_writable(Peer& peer) = 0;
    /// The connection has ended; the peer must not be used after the round.
    virtual void on_gone(Peer& peer) = 0;
    [[nodiscard]] virtual std::span<char> read_buffer() = 0;
    [[nodiscard]] virtual std::size_t message_max() const = 0;
    [[nodiscard]] virtual Inflater& inflater() = 0;
};

/// One TCP connection: HTTP requests first, then perhaps a WebSocket. Holds memory only for what is
/// incomplete.
class Peer final : public Pollable {
 public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Mode : std::uint8_t { Http, WebSocket, Closing, Gone };

    /// Takes the descriptor, which does not block.
    Peer(int descriptor, std::uint64_t id, std::string remote, Poller& poller, PeerOwner& owner,
         const http::Limits& limits);
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() override;

    void on_ready(std::uint32_t events) override;

    // ---- HTTP: within on_request, or later when it had to wait
    [[nodiscard]] http::Request& request() { return parser_->request(); }
    [[nodiscard]] bool has_request() const { return parser_ != nullptr && is_busy_; }
    /// Answers the request; the next one is read.
    void respond(const http::Response& response);
    /// A whole response as another server gave it; the connection ends behind it.
    void respond_raw(std::string_view response);
    /// Answers with 101; from now on it is a WebSocket. `extensions`: permessage-deflate as it was
    /// agreed upon; empty: not.
    void upgrade(std::string_view accept, std::string_view extensions = {});

    // ---- WebSocket
    /// Writes now, as far as the kernel takes it. Bytes written.
    [[nodiscard]] std::size_t write(std::span<const iovec> parts);
    /// The same, but a failure is left for later: on_gone is not called.
    [[nodiscard]] std::size_t try_write(std::span<const iovec> parts);
    /// Queues without bound: only for little.
    void put(std::string_view bytes);
    void want_writable(bool wanted);

    /// Ends it when what was put has been written, or `grace` later.
    void close_soon(std::string_view last_words);
    /// Ends it now.
    void close();

    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] const std::string& remote() const { return remote_; }
    [[nodiscard]] Mode mode() const { return mode_; }
    [[nodiscard]] bool deflates() const { return deflates_; }
    [[nodiscard]] Time since() const { return since_; }  // when its mode or request began

    Session* session = nullptr;  // what its WebSocket, or its request that waits, belongs to

 private:
    void read();
    void take_http(std::string_view bytes);
    void take_websocket(std::span<char> bytes);
    void flush();
    void set_events();

    PeerOwner& owner_;
    Poller& poller_;
    const http::Limits& limits_;
    std::unique_ptr<http::RequestParser> parser_;
    WebSocketReader reader_;
    std::string input_;  // read, not understood yet
    std::string output_;
    std::string remote_;
    Time since_;
    std::uint64_t id_;
    int descriptor_;
    std::uint32_t events_ = 0;
    Mode mode_ = Mode::Http;
    bool is_busy_ = false;  // a request is being answered
    bool is_reading_ = false;
    bool wants_writable_ = false;
    bool closes_after_response_ = false;
    bool deflates_ = false;  // messages may be compressed
};

}  // namespace chatflow::socket
