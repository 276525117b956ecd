#pragma once

#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"
#include "libs/http/server.hpp"
#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/config.hpp"
#include "workloads/chat-server/http/account_api.hpp"
#include "workloads/chat-server/http/admin_api.hpp"
#include "workloads/chat-server/http/authenticator.hpp"
#include "workloads/chat-server/http/client_api.hpp"
#include "workloads/chat-server/http/export_api.hpp"
#include "workloads/chat-server/http/finisher.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/http/health_api.hpp"
#include "workloads/chat-server/http/idempotency.hpp"
#include "workloads/chat-server/http/member_api.hpp"
#include "workloads/chat-server/http/message_api.hpp"
#include "workloads/chat-server/http/payment_api.hpp"
#include "workloads/chat-server/http/request_log.hpp"
#include "workloads/chat-server/http/room_api.hpp"
#include "workloads/chat-server/http/upload_api.hpp"
#include "workloads/chat-server/io/positions.hpp"
#include "workloads/chat-server/io/rate_limiter.hpp"
#include "workloads/chat-server/io/redis_pair.hpp"
#include "workloads/chat-server/metrics.hpp"
#include "workloads/chat-server/security.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>

namespace chatflow::chat {

/// What the event loops share.
struct Shared {
    const Config& config;
    Log log;
    Clock& clock;
    Metrics& metrics;
    postgres::Pool& pool;
    postgres::Reads& reads;
    RoomFlights& flights;
    HealthApi& health;
    FileStore* files;  // null: nothing is uploaded
    const Secrets& link_secrets;
    PaymentGateway* gateway;  // null: there are no payments
    const Secrets& payment_secrets;
    FileStore* exports;  // null: exports are not fetched here
    Security* security;  // null: authentication is off
};

/// One thread that serves the API: its own listening socket on the common port, its own connections
/// to Redis, nothing that has to be locked.
class EventLoop {
 public:
    /// Binds; `port` is that of the first loop, or 0.
    EventLoop(const Shared& shared, std::uint16_t port);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    void start();
    /// Finishes running requests until `deadline`, then ends the thread. Called from outside.
    void stop(Deadline deadline);
    void join();

    /// Takes effect with the next request. From any thread.
    void use(GateSettings settings);

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    /// Requests being answered. Any thread.
    [[nodiscard]] std::size_t running_requests() const {
        return running_requests_.load(std::memory_order_relaxed);
    }

 private:
    Authenticator* authenticator(const Shared& shared);
    void add_routes(const Shared& shared);
    [[nodiscard]] http::ServerOptions server_options(const Shared& shared, std::uint16_t port);
    awaitable<void> shut_down(Deadline deadline);

    Log log_;
    std::atomic<std::size_t> running_requests_{0};
    asio::io_context context_{1};
    TaskGroup tasks_;
    RedisPair redis_;
    RoomCache cache_;
    AnswerCache answers_;
    RoomRepository rooms_;
    MemberRepository members_;
    MessageRepository messages_;
    MessageChanges message_changes_;
    UploadRepository uploads_;
    PaymentRepository payments_;
    ExportRepository exports_;
    AdminRepository admin_;
    AuditLog audit_;
    ErrorRepository errors_;
    RateLimiter limiter_;
    Positions positions_;
    std::optional<Authenticator> authenticator_;
    Gate gate_;
    IdempotencyStore idempotency_store_;
    Idempotency idempotency_;
    RoomApi api_;
    std::optional<AccountApi> account_api_;
    std::optional<MemberApi> member_api_;
    std::optional<MessageApi> message_api_;
    std::optional<UploadApi> upload_api_;
    std::optional<PaymentApi> payment_api_;
    std::optional<ExportApi> export_api_;
    std::optional<AdminApi> admin_api_;
    std::optional<ClientApi> client_api_;
    RequestLog requests_;
    Finisher finisher_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;
    std::thread thread_;
};

}  // namespace chatflow::chat
