#include "workloads/chat-server/event_loop.hpp"

#include "libs/async/log_failures.hpp"
#include "workloads/chat-server/domain/limits.hpp"
#include "workloads/chat-server/http/errors_to_problems.hpp"
#include "workloads/chat-server/http/openapi.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

// More than any statement takes that is worth waiting for.
constexpr auto kHandlerTime = 10s;
// What a form has around its file.
constexpr std::size_t kFormBytes = 8U * 1024U;

}  // namespace

EventLoop::EventLoop(const Shared& shared, std::uint16_t port)
    : log_(shared.log),
      tasks_(context_.get_executor(), log_failures(shared.log)),
      redis_(context_.get_executor(), shared.config, shared.log),
      cache_(context_.get_executor(), redis_.cache(), shared.metrics.rooms,
             shared.metrics.near_rooms, shared.log),
      answers_(context_.get_executor(), redis_.cache(), shared.flights,
               {.prefix = shared.config.cache_prefix, .life = shared.config.answer_life},
               shared.metrics.answers),
      rooms_(context_.get_executor(), shared.pool, shared.reads),
      members_(shared.pool, shared.reads),
      messages_(context_.get_executor(), shared.pool, shared.reads),
      message_changes_(shared.pool, shared.reads),
      uploads_(shared.pool, shared.reads),
      payments_(shared.pool, shared.reads, shared.config.notify_after.count() > 0),
      exports_(shared.pool),
      admin_(shared.pool, shared.reads),
      audit_(shared.reads),
      errors_(shared.pool, shared.reads),
      limiter_(redis_.cache()),
      positions_(context_.get_executor(), redis_.cache(), shared.pool, shared.config.read_lag_max),
      gate_(shared.clock, shared.config.gate, authenticator(shared), limiter_,
            shared.reads.has_replica() ? &positions_ : nullptr, shared.metrics),
      idempotency_store_(shared.pool, shared.config.idempotency_life),
      idempotency_(shared.clock, idempotency_store_, shared.log),
      api_(rooms_, members_, messages_, cache_, answers_, shared.flights, shared.metrics),
      requests_(shared.metrics, shared.log, shared.config.access_log_every),
      finisher_(shared.config.cors_origins) {
    add_routes(shared);
    server_ = std::make_unique<http::Server>(context_.get_executor(), shared.clock, router_, log_,
                                             server_options(shared, port));
}

EventLoop::~EventLoop() = default;

Authenticator* EventLoop::authenticator(const Shared& shared) {
    if (shared.security == nullptr) return nullptr;
    return &authenticator_.emplace(shared.security->public_keys(), shared.security->token_rules(),
                                   shared.security->bans());
}

void EventLoop::add_routes(const Shared& shared) {
    api_.add_routes(router_, gate_, idempotency_);
    shared.health.add_routes(router_);
    add_openapi_route(router_);
    if (shared.security == nullptr) return;
    account_api_.emplace(shared.clock, shared.security->accounts(), shared.security->hasher(),
                         shared.security->signing_keys(), shared.config.tokens, answers_,
                         shared.metrics, shared.log);
    account_api_->add_routes(router_, gate_);
    member_api_.emplace(members_, answers_);
    member_api_->add_routes(router_, gate_);
    message_api_.emplace(message_changes_);
    message_api_->add_routes(router_, gate_);
    admin_api_.emplace(admin_, audit_, errors_, answers_);
    admin_api_->add_routes(router_, gate_);
    client_api_.emplace(errors_, redis_.queue());
    client_api_->add_routes(router_, gate_);
    export_api_.emplace(exports_, members_, redis_.queue(), shared.exports);
    export_api_->add_routes(router_, gate_, idempotency_);
    if (shared.files != nullptr) {
        upload_api_.emplace(shared.clock, uploads_, message_changes_, *shared.files,
                            shared.link_secrets);
        upload_api_->add_routes(router_, gate_, idempotency_);
    }
    if (shared.gateway != nullptr) {
        payment_api_.emplace(shared.clock, payments_, *shared.gateway, shared.payment_secrets,
                             shared.log);
        payment_api_->add_routes(router_, gate_, idempotency_);
    }
}

http::ServerOptions EventLoop::server_options(const Shared& shared, std::uint16_t port) {
    http::Limits limits{.body_bytes = kRequestBytesMax, .handler_time = kHandlerTime};
    if (upload_api_) {
        limits.large_body_path = UploadApi::kUploadPath;
        limits.large_body_bytes = shared.config.upload_bytes_max + kFormBytes;
    }
    http::Hooks hooks;
    hooks.admit_large = [this](const http::Request& request) { return gate_.refuse(request); };
    hooks.on_exception = [this](const http::Request& request, const std::exception_ptr& error) {
        return problem_of(request, error, log_);
    };
    const auto publish = [this] {
        running_requests_.store(server_->running_requests(), std::memory_order_relaxed);
    };
    hooks.admit = [publish](const http::Request&) -> std::optional<http::Response> {
        publish();
        return std::nullopt;
    };
    hooks.finish = [this](const http::Request& request, http::Response& response) {
        finisher_.finish(request, response);
    };
    hooks.observe = [this, publish](const http::Exchange& exchange) {
        publish();
        requests_.observe(exchange);
    };
    return {.address = shared.config.http.host,
            .port = port,
            .share_port = true,
            .limits = limits,
            .trace_reads = shared.config.access_log_every > 0,
            .hooks = std::move(hooks)};
}

void EventLoop::start() {
    redis_.keep_connected(tasks_);
    tasks_.spawn(cache_.run());
    tasks_.spawn(cache_.listen());
    tasks_.spawn(answers_.run());
    server_->start();
    thread_ = std::thread([this] { context_.run(); });
}

void EventLoop::stop(Deadline deadline) {
    asio::co_spawn(context_, shut_down(deadline), asio::detached);
}

void EventLoop::use(GateSettings settings) {
    asio::post(context_, [this, settings = std::move(settings)]() mutable {
        gate_.use(std::move(settings));
    });
}

awaitable<void> EventLoop::shut_down(Deadline deadline) {
    co_await server_->stop(deadline);
    tasks_.cancel();
    co_await tasks_.wait();
}

void EventLoop::join() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace chatflow::chat
