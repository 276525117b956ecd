#pragma once

#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"
#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/config.hpp"
#include "workloads/chat-server/dependency_watch.hpp"
#include "workloads/chat-server/event_loop.hpp"
#include "workloads/chat-server/io/error_repository.hpp"
#include "workloads/chat-server/io/export_repository.hpp"
#include "workloads/chat-server/io/file_store.hpp"
#include "workloads/chat-server/io/housekeeper.hpp"
#include "workloads/chat-server/io/idempotency_store.hpp"
#include "workloads/chat-server/io/job_outbox.hpp"
#include "workloads/chat-server/io/outbox_publisher.hpp"
#include "workloads/chat-server/io/payment_gateway.hpp"
#include "workloads/chat-server/io/payment_repository.hpp"
#include "workloads/chat-server/io/receipt_reader.hpp"
#include "workloads/chat-server/io/redis_pair.hpp"
#include "workloads/chat-server/io/upload_repository.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

namespace chatflow::chat {

/// The whole program but for main: event loops, the pool, and on the caller's thread the server of
/// health and metrics. Constructed means bound to its ports.
class ChatServer {
 public:
    /// Reads the settings again; throws nothing.
    using Reread = std::function<std::expected<Config, FieldErrors>()>;

    /// `reread`: where settings come from, for those that may change while it serves.
    ChatServer(Config config, Log log, Reread reread);
    ~ChatServer();
    ChatServer(const ChatServer&) = delete;
    ChatServer& operator=(const ChatServer&) = delete;

    /// Serves until SIGTERM, SIGINT or request_stop(); then stops being ready, goes on for the
    /// shutdown delay, finishes running requests and returns, all within the shutdown grace.
    void run();

    /// From any thread.
    void request_stop();

    [[nodiscard]] std::uint16_t port() const { return loops_.front()->port(); }
    [[nodiscard]] std::uint16_t metrics_port() const { return admin_->port(); }

 private:
    postgres::Pool* open_read_pool();
    awaitable<void> live();
    awaitable<void> wait_for_stop();
    awaitable<void> shut_down();
    awaitable<void> hand_over();
    void add_chores();
    void add_dependencies();
    awaitable<void> warm_up();
    awaitable<void> open_connection(postgres::Pool& pool);
    awaitable<void> watch_files();
    awaitable<int> remove_files(Deadline deadline);
    awaitable<int> look_for_spikes(Deadline deadline);
    awaitable<void> follow_settings();
    void take_over(const Config& now);
    awaitable<http::Response> show_metrics(const http::Request& request);

    const Config config_;
    Log log_;
    Reread reread_;
    GateSettings gate_settings_;  // in force, as is the level
    LogLevel log_level_;
    SystemClock clock_;
    Metrics metrics_;
    postgres::Pool pool_;
    std::optional<postgres::Pool> read_pool_;  // none: the primary serves reads too
    postgres::Reads reads_;
    RoomFlights flights_;
    std::optional<Security> security_;  // none: authentication is off
    asio::io_context context_{1};
    TaskGroup tasks_;
    asio::steady_timer stop_requested_;
    RedisPair redis_;  // for readiness, rooms and jobs; each event loop has its own
    OutboxRepository outbox_;
    OutboxPublisher publisher_;
    IdempotencyStore idempotency_;
    Housekeeper housekeeper_;
    JobOutbox jobs_;
    const Secrets link_secrets_;
    std::unique_ptr<FileStore> files_;  // none: nothing is uploaded
    ExportRepository export_rows_;
    UploadRepository uploads_;
    PaymentRepository payments_;
    const Secrets payment_secrets_;
    SandboxGateway gateway_;
    std::optional<FolderStore> exports_;
    ErrorRepository errors_;
    ReceiptReader receipts_;
    std::set<std::string> spiking_;     // fingerprints of errors, as last looked at
    bool is_warm_ = false;              // connections are open
    DependencyWatch::Look files_seen_;  // as last checked
    DependencyWatch dependencies_;
    HealthApi health_;
    std::vector<std::unique_ptr<EventLoop>> loops_;
    http::Router admin_routes_;
    std::unique_ptr<http::Server> admin_;
};

}  // namespace chatflow::chat
