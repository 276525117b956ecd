#include "libs/http/server.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/base/exception_text.hpp"
#include "libs/http/session.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/chrono.h>

namespace chatflow::http {
namespace {

using tcp = asio::ip::tcp;
using std::chrono::steady_clock;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

// How exactly time limits are kept.
constexpr std::chrono::milliseconds kSweepPeriod{250};
// When accept fails (no file descriptors left), trying at once would only burn the CPU.
constexpr std::chrono::milliseconds kAcceptRetryDelay{100};

constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

void open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool share_port) {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    if (share_port) acceptor.set_option(ReusePort(true));
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false));
    acceptor.bind(endpoint);
    acceptor.listen();
}

void open(tcp::acceptor& acceptor, const ServerOptions& options) {
    if (!options.address.empty()) {
        const auto address = asio::ip::make_address(options.address);
        return open(acceptor, {address, options.port}, options.share_port);
    }
    boost::system::error_code ec;
    acceptor.open(tcp::v6(), ec);
    acceptor.close();
    if (ec) return open(acceptor, {tcp::v4(), options.port}, options.share_port);
    open(acceptor, {tcp::v6(), options.port}, options.share_port);
}

std::string imf_fixdate(std::chrono::sys_seconds at) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", at);
}

}  // namespace

Server::Server(asio::any_io_executor executor, Clock& clock, const Router& router, Log log,
               ServerOptions options)
    : executor_(executor),
      clock_(clock),
      router_(router),
      log_(std::move(log)),
      options_(std::move(options)),
      acceptor_(executor),
      service_tasks_(executor,
                     [this](const std::exception_ptr& error) {
                         log_.error("HTTP server task failed", {{"error", what_of(error)}});
                     }),
      session_tasks_(executor, [this](const std::exception_ptr& error) {
          log_.error("HTTP connection failed", {{"error", what_of(error)}});
      }) {
    open(acceptor_, options_);
    port_ = acceptor_.local_endpoint().port();
}

Server::~Server() = default;

void Server::start() {
    service_tasks_.spawn(accept_forever());
    service_tasks_.spawn(close_overdue_sessions());
}

awaitable<void> Server::stop(Deadline deadline) {
    stopping_ = true;
    boost::system::error_code ec;
    acceptor_.close(ec);
    for (Session* session : sessions_) session->close_if_idle();
    bool in_time = true;
    try {
        co_await with_deadline(session_tasks_.wait(), deadline, "stopping the HTTP server");
    } catch (const DeadlineExceeded&) {
        in_time = false;
    }
    if (!in_time) {
        log_.warning("Requests still ran at the end of the grace period",
                     {{"requests", running_requests_}});
        session_tasks_.cancel();
        co_await session_tasks_.wait();
    }
    service_tasks_.cancel();
    co_await service_tasks_.wait();
}

awaitable<void> Server::accept_forever() {
    while (!stopping_) {
        auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (stopping_) co_return;
        if (error) {
            log_.warning("A connection could not be accepted", {{"error", error.message()}});
            co_await clock_.sleep_for(kAcceptRetryDelay);
            continue;
        }
        boost::system::error_code ec;
        socket.set_option(tcp::no_delay(true), ec);
        if (sessions_.size() >= options_.limits.connections) {
            socket.non_blocking(true, ec);
            socket.write_some(asio::buffer(kTooManyConnections), ec);
            continue;
        }
        session_tasks_.spawn(serve(std::move(socket)));
    }
}

awaitable<void> Server::serve(tcp::socket socket) {
    struct Listed {
        Listed(std::list<Session*>& list_, Session* session)
            : list(list_), place(list.insert(list.end(), session)) {}
        ~Listed() { list.erase(place); }
        std::list<Session*>& list;
        std::list<Session*>::iterator place;
    };
    Session session(*this, std::move(socket));
    const Listed listed(sessions_, &session);
    co_await session.run();
}

awaitable<void> Server::close_overdue_sessions() {
    while (true) {
        co_await clock_.sleep_for(kSweepPeriod);
        const auto now = steady_clock::now();
        for (Session* session : sessions_) session->end_overdue_phase(now);
    }
}

std::string_view Server::date() {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
    if (now != date_second_) {
        date_second_ = now;
        date_ = imf_fixdate(now);
    }
    return date_;
}

}  // namespace chatflow::http
