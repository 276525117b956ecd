#pragma once

#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"
#include "libs/http/server.hpp"
#include "workloads/socket/config.hpp"
#include "workloads/socket/hub/echo.hpp"
#include "workloads/socket/hub/hub.hpp"
#include "workloads/socket/metrics.hpp"
#include "workloads/socket/transport/engine.hpp"
#include "workloads/socket/transport/forwarder.hpp"

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

namespace chatflow::socket {

class PlatformPart;

/// The whole program but for main, on one thread. Constructed means bound to its ports.
class SocketServer {
 public:
    SocketServer(Config config, Log log);
    ~SocketServer();
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;

    /// Serves until SIGTERM or SIGINT; then stops being ready, goes on for the shutdown delay,
    /// closes connections one by one so that clients go elsewhere, and returns within the grace.
    void run();

    [[nodiscard]] std::uint16_t port() const { return engine_.port(); }

 private:
    void add_routes();
    void add_admin_routes();
    awaitable<void> live();
    awaitable<void> shut_down();
    void begin_drain(std::chrono::seconds time);
    void end_drain();
    [[nodiscard]] std::string trouble() const;
    [[nodiscard]] EngineOptions engine_options();

    Config config_;
    Log log_;
    SystemClock clock_;
    Metrics metrics_;
    asio::io_context context_{1};
    TaskGroup tasks_;
    Forwarder forwarder_;
    Engine engine_;
    Hub hub_;
    EchoSessions echo_sessions_;
    EchoApplication echo_;
    std::unique_ptr<PlatformPart> platform_;
    http::Router admin_routes_;
    std::unique_ptr<http::Server> admin_;
    bool is_stopping_ = false;
};

}  // namespace chatflow::socket
