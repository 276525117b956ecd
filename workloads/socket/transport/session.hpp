#pragma once

#include "workloads/socket/hub/application.hpp"
#include "workloads/socket/transport/outbox.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace chatflow::socket {

class Peer;
class Session;

/// What a listener keeps with a session.
struct SessionData {
    SessionData() = default;
    SessionData(const SessionData&) = delete;
    SessionData& operator=(const SessionData&) = delete;
    virtual ~SessionData() = default;
};

/// What happens on sessions. A session may be closed within a call; it is freed afterwards.
class SessionListener {
 public:
    virtual ~SessionListener() = default;

    virtual void on_open(Session& session) = 0;
    virtual void on_message(Session& session, bool is_binary, std::string_view message) = 0;
    virtual void on_close(Session& session, CloseReason reason) = 0;
};

/// How messages are wrapped.
enum class Dialect : std::uint8_t {
    Engine,  // Engine.IO packets: text messages begin with "4"
    Plain    // WebSocket messages as they are
};

/// A client as the transport sees it, through one or more TCP connections. Small: there are many.
class Session {
 public:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] Dialect dialect() const { return dialect_; }
    [[nodiscard]] bool is_closed() const { return is_closed_; }

    std::unique_ptr<SessionData> data;
    std::string remote;
    std::string trace;
    bool is_welcome = false;  // an application has let it in: else it is closed after a while

 private:
    friend class Engine;

    std::string id_;
    SessionListener* listener_ = nullptr;
    Peer* socket_ = nullptr;  // its WebSocket
    Peer* poll_ = nullptr;    // a GET that waits for something to say
    Peer* probe_ = nullptr;   // a WebSocket that may take over
    Outbox outbox_;
    Time created_;
    Time pinged_;
    Dialect dialect_ = Dialect::Engine;
    bool awaits_pong_ = false;
    bool is_dirty_ = false;  // in the list of what has to be flushed
    bool is_slow_ = false;   // its queue was full; it will be closed
    bool is_closed_ = false;
};

}  // namespace chatflow::socket
