#pragma once

#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/http/limits.hpp"
#include "libs/http/router.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

namespace chatflow::http {

/// One answered request, for metrics and access logs.
struct Exchange {
    const Request& request;
    int status;
    std::chrono::nanoseconds duration;
};

struct Hooks {
    /// Called before each handler; a response given here is sent instead (503 while draining).
    std::function<std::optional<Response>(const Request&)> admit = {};
    /// Called before the body of a request to Limits::large_body_path is read, unless it came with
    /// the header: a response given here is sent instead, and the connection ends.
    std::function<std::optional<Response>(const Request&)> admit_large = {};
    /// Turns what a handler threw into a response; without it: one log line and 500.
    std::function<Response(const Request&, const std::exception_ptr&)> on_exception = {};
    /// Called with each response before it goes out, those to requests that cannot be read too.
    std::function<void(const Request&, Response&)> finish = {};
    std::function<void(const Exchange&)> observe = {};
};

struct ServerOptions {
    std::string address = {};  // empty: every address, IPv6 and IPv4
    std::uint16_t port = 0;    // 0: one that is free, see Server::port()
    bool share_port = false;   // SO_REUSEPORT: one server a thread on the same port
    Limits limits = {};
    bool trace_reads = false;  // each request has a trace: where all are logged
    Hooks hooks = {};
};

/// HTTP/1.1 on one executor (a single-threaded io_context or a strand); for N threads make N
/// io_contexts, each with its own server and `share_port`. Keep-alive and pipelining; request
/// bodies are read whole before the handler runs. Stop with stop(), then destroy.
class Server {
 public:
    /// Binds and listens; throws boost::system::system_error when the address is taken.
    Server(asio::any_io_executor executor, Clock& clock, const Router& router, Log log,
           ServerOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Begins to accept.
    void start();

    /// Stops to accept, closes idle connections, lets running requests finish until `deadline`,
    /// then cancels what is left.
    [[nodiscard]] awaitable<void> stop(Deadline deadline);

    [[nodiscard]] std::size_t connections() const { return sessions_.size(); }
    [[nodiscard]] std::size_t running_requests() const { return running_requests_; }

 private:
    class Session;

    awaitable<void> accept_forever();
    awaitable<void> serve(asio::ip::tcp::socket socket);
    awaitable<void> close_overdue_sessions();
    [[nodiscard]] std::string_view date();

    asio::any_io_executor executor_;
    Clock& clock_;
    const Router& router_;
    Log log_;
    ServerOptions options_;
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    bool stopping_ = false;
    std::size_t running_requests_ = 0;
    std::size_t large_bodies_ = 0;
    std::size_t streams_ = 0;
    std::list<Session*> sessions_;
    std::string date_;  // of date_second_, so that it is written once a second
    std::chrono::sys_seconds date_second_{};
    TaskGroup service_tasks_;
    TaskGroup session_tasks_;
};

}  // namespace chatflow::http
