#include "workloads/socket/socket_server.hpp"

#include "libs/async/signals.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/http/metrics_page.hpp"
#include "workloads/socket/platform_part.hpp"
#include "workloads/socket/transport/engine_loop.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

// Kept of the grace: for the last closes to be written, and to exit.
constexpr auto kExitTime = 2s;
constexpr long kDrainSecondsMax = 3600;

TaskGroup::ErrorHandler log_failure(Log log) {
    return [log = std::move(log)](const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& failure) {
            log.error("A background task ended", {{"error", failure.what()}});
        }
    };
}

}  // namespace

SocketServer::SocketServer(Config config, Log log)
    : config_(std::move(config)),
      log_(std::move(log)),
      tasks_(context_.get_executor(), log_failure(log_)),
      forwarder_(context_.get_executor(), {.address = config_.peer_address}, log_),
      engine_(engine_options()),
      hub_(engine_),
      echo_sessions_(engine_),
      echo_(hub_) {
    if (config_.application == ApplicationKind::Platform) {
        platform_ =
            std::make_unique<PlatformPart>(context_.get_executor(), config_, hub_, metrics_, log_);
        hub_.use(platform_->application());
    } else {
        hub_.use(echo_);
    }
    add_routes();
    add_admin_routes();
    admin_ = std::make_unique<http::Server>(
        context_.get_executor(), clock_, admin_routes_, log_,
        http::ServerOptions{.address = config_.metrics.host, .port = config_.metrics.port});
}

SocketServer::~SocketServer() = default;

EngineOptions SocketServer::engine_options() {
    EngineOptions options = config_.engine;
    options.address = config_.http.host;
    options.port = config_.http.port;
    if (!config_.peer_address.empty()) {
        options.forward = [this](std::string pod, std::string request, auto on_response) {
            forwarder_.forward(std::move(pod), std::move(request), std::move(on_response));
        };
    }
    return options;
}

void SocketServer::add_routes() {
    engine_.serve("/socket.io/", Dialect::Engine, hub_);
    engine_.serve("/ws", Dialect::Plain, hub_);
    if (platform_) return;
    engine_.serve("/engine.io/", Dialect::Engine, echo_sessions_);
    engine_.serve("/echo", Dialect::Plain, echo_sessions_);
}

void SocketServer::add_admin_routes() {
    using http::Method;
    using http::Request;
    using http::Response;
    const auto live = [](const Request&) -> awaitable<Response> {
        co_return http::text(200, "ok\n");
    };
    const auto ready = [this](const Request&) -> awaitable<Response> {
        const std::string reason = trouble();
        co_return reason.empty() ? http::text(200, "ok\n") : http::text(503, reason + "\n");
    };
    const auto metrics = [this](const Request&) -> awaitable<Response> {
        metrics_.take({.engine = engine_.figures(),
                       .sessions = engine_.sessions(),
                       .sockets = hub_.sockets(),
                       .rooms = hub_.rooms(),
                       .delivered = hub_.delivered(),
                       .is_draining = engine_.is_draining()});
        co_return http::metrics_page(metrics_.registry());
    };
    const auto drain = [this](const Request& request) -> awaitable<Response> {
        long seconds = config_.shutdown_grace.count();
        if (const auto text = request.query_value("seconds")) {
            const char* end = text->data() + text->size();
            const auto [stop, error] = std::from_chars(text->data(), end, seconds);
            if (error != std::errc{} || stop != end || seconds < 0 || seconds > kDrainSecondsMax) {
                co_return http::text(400, "seconds: must be a number from 0 to 3600\n");
            }
        }
        begin_drain(std::chrono::seconds(seconds));
        co_return http::json(202, R"({"connections":)" + std::to_string(engine_.sessions()) + "}");
    };
    const auto admit = [this](const Request&) -> awaitable<Response> {
        if (is_stopping_) co_return http::text(409, "the program ends\n");
        end_drain();
        co_return http::json(200, R"({"connections":)" + std::to_string(engine_.sessions()) + "}");
    };
    admin_routes_.add(Method::Get, "/health/live", live);
    admin_routes_.add(Method::Get, "/health/ready", ready);
    admin_routes_.add(Method::Get, "/metrics", metrics);
    admin_routes_.add(Method::Post, "/drain", drain);
    admin_routes_.add(Method::Delete, "/drain", admit);
}

std::string SocketServer::trouble() const {
    if (is_stopping_ || engine_.is_draining()) return "draining";
    return platform_ ? platform_->trouble() : "";
}

void SocketServer::begin_drain(std::chrono::seconds time) {
    if (engine_.is_draining()) return;
    log_.info("Draining", {{"connections", engine_.sessions()}, {"seconds", time.count()}});
    engine_.drain(time);
}

void SocketServer::end_drain() {
    if (!engine_.is_draining()) return;
    log_.info("Draining no more", {{"connections", engine_.sessions()}});
    engine_.end_drain();
}

void SocketServer::run() {
    asio::co_spawn(context_, live(), asio::detached);
    context_.run();
    log_.info("Stopped");
}

awaitable<void> SocketServer::live() {
    admin_->start();
    tasks_.spawn(socket::run(engine_));
    if (platform_) tasks_.spawn(platform_->run());
    log_.info("Serving", {{"http_port", engine_.port()},
                          {"metrics_port", admin_->port()},
                          {"application", platform_ ? "platform" : "echo"}});
    co_await wait_for_shutdown_signal();
    co_await shut_down();
}

awaitable<void> SocketServer::shut_down() {
    const auto deadline = Deadline::after(config_.shutdown_grace);
    is_stopping_ = true;
    log_.info("Shutting down", {{"grace_seconds", config_.shutdown_grace.count()}});
    // Who routes clients to us learns of it by and by; those that still come are served.
    if (!engine_.is_draining()) co_await sleep_until(deadline.but_within(config_.shutdown_delay));
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline.time_left());
    begin_drain(std::max(left - kExitTime, 0s));
    while (engine_.sessions() > 0 && !deadline.has_passed()) {
        co_await sleep_until(deadline.but_within(50ms));
    }
    // For the last words to be taken, and what clients held in Redis to be given back.
    if (platform_) co_await platform_->finish(deadline);
    co_await sleep_until(deadline.but_within(200ms));
    co_await admin_->stop(deadline);
    co_await forwarder_.stop();
    tasks_.cancel();
    co_await tasks_.wait();
}

}  // namespace chatflow::socket
