#include "workloads/chat-server/chat_server.hpp"

#include "libs/async/log_failures.hpp"
#include "libs/async/signals.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/postgres/errors.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/io/random.hpp"
#include "workloads/chat-server/io/s3_store.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <algorithm>
#include <csignal>
#include <limits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pqxx/connection>
#include <pqxx/nontransaction>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

// Kept of the shutdown grace, so that the exit itself is within it.
constexpr auto kExitTime = 1s;
constexpr auto kSettingsInterval = 5s;  // how often the file is looked at
constexpr int kFilesPiece = 100;
// A file is dated by its last line, its job by its end.
constexpr std::chrono::hours kExportMargin{1};
constexpr std::chrono::days kFailedExportLife{7};  // that long it can be read why
constexpr std::chrono::days kFailedNotificationLife{1};
constexpr auto kFilesInterval = 10s;         // between two looks whether files can be kept
constexpr std::size_t kWarmConnections = 5;  // before the pod is ready; more on demand
constexpr auto kWarmInterval = 100ms;
constexpr auto kWarmTime = 1s;
constexpr int kSpikeGroupsMax = 200;  // those seen last
constexpr auto kReadAcquireTime = 500ms;
constexpr auto kReadCheckInterval = 1s;

OptionsByName job_options(const Config& config) {
    jobs::JobOptions exports = jobs::platform_job_options();
    exports.on_complete = {.count = {}, .age = config.export_life};
    exports.on_fail = {.count = {}, .age = kFailedExportLife};
    jobs::JobOptions notifications = jobs::platform_job_options();
    notifications.on_fail = {.count = {}, .age = kFailedNotificationLife};
    jobs::JobOptions messages = notifications;
    messages.delay = config.notify_after;  // the worker looks whether it is read by then
    return {{"export", exports}, {"message", messages}, {"payment", notifications}};
}

std::unique_ptr<FileStore> open_files(const Config& config, Clock& clock) {
    if (config.s3_endpoint.empty()) return std::make_unique<FolderStore>(config.media_folder);
    return std::make_unique<S3Store>(
        S3Options{.bucket = {.endpoint = config.s3_endpoint,
                             .name = config.s3_bucket,
                             .signer = s3::parse_keys(config.s3_keys, config.s3_region).value()},
                  .public_endpoint = config.s3_public_endpoint},
        clock);
}

}  // namespace

ChatServer::ChatServer(Config config, Log log, Reread reread)
    : config_(std::move(config)),
      log_(std::move(log)),
      reread_(std::move(reread)),
      gate_settings_(config_.gate),
      log_level_(config_.log_level),
      pool_(config_.postgres, prepare_connection, metrics_.primary_pool, log_),
      reads_(pool_, open_read_pool(), {.lag_max = config_.read_lag_max}, metrics_),
      tasks_(context_.get_executor(), log_failures(log_)),
      stop_requested_(context_, asio::steady_timer::time_point::max()),
      redis_(context_.get_executor(), config_, log_),
      outbox_(pool_, UuidGenerator(random_seed()).next(clock_.now()),
              config_.notify_after.count() > 0),
      publisher_(outbox_, redis_.queue(), metrics_, log_),
      idempotency_(pool_, config_.idempotency_life),
      housekeeper_(config_.housekeeping, log_),
      jobs_(pool_, redis_.queue(), job_options(config_), log_),
      link_secrets_(parse_secrets(config_.link_secrets)),
      export_rows_(pool_),
      uploads_(pool_, reads_),
      payments_(pool_, reads_, config_.notify_after.count() > 0),
      payment_secrets_(parse_secrets(config_.payment_secrets)),
      errors_(pool_, reads_),
      receipts_(redis_.queue(), pool_, UuidGenerator(random_seed()).next(clock_.now()), log_),
      health_([this] { return dependencies_.seen(); }) {
    if (config_.is_auth_required) security_.emplace(config_, clock_, pool_, log_);
    if (!config_.export_folder.empty()) exports_.emplace(config_.export_folder);
    if (has_files(config_)) files_ = open_files(config_, clock_);
    const Shared shared{.config = config_,
                        .log = log_,
                        .clock = clock_,
                        .metrics = metrics_,
                        .pool = pool_,
                        .reads = reads_,
                        .flights = flights_,
                        .health = health_,
                        .files = files_.get(),
                        .link_secrets = link_secrets_,
                        .gateway = payment_secrets_.empty() ? nullptr : &gateway_,
                        .payment_secrets = payment_secrets_,
                        .exports = exports_ ? &*exports_ : nullptr,
                        .security = security_ ? &*security_ : nullptr};
    std::uint16_t port = config_.http.port;
    for (unsigned i = 0; i < config_.threads; ++i) {
        loops_.push_back(std::make_unique<EventLoop>(shared, port));
        port = loops_.front()->port();
    }
    add_chores();
    add_dependencies();
    health_.add_routes(admin_routes_);
    admin_routes_.add(http::Method::Get, "/metrics",
                      [this](const http::Request& request) { return show_metrics(request); });
    admin_ = std::make_unique<http::Server>(
        context_.get_executor(), clock_, admin_routes_, log_,
        http::ServerOptions{.address = config_.metrics.host, .port = config_.metrics.port});
}

ChatServer::~ChatServer() = default;

postgres::Pool* ChatServer::open_read_pool() {
    if (!config_.read_postgres) return nullptr;
    postgres::Options options = config_.postgres;
    options.host = config_.read_postgres->host;
    options.port = config_.read_postgres->port;
    options.pool_size = config_.read_pool_size;
    // A reader that waits would better ask the primary.
    options.acquire_timeout = kReadAcquireTime;
    options.check_interval = kReadCheckInterval;
    return &read_pool_.emplace(options, postgres::for_replica(prepare_connection),
                               metrics_.read_pool, log_);
}

void ChatServer::run() {
    for (const auto& loop : loops_) loop->start();
    asio::co_spawn(context_, live(), asio::detached);
    context_.run();
    for (const auto& loop : loops_) loop->join();
    log_.info("Stopped");
}

void ChatServer::request_stop() {
    asio::post(context_, [this] { stop_requested_.cancel(); });
}

awaitable<void> ChatServer::live() {
    admin_->start();
    redis_.keep_connected(tasks_);
    tasks_.spawn(dependencies_.run());
    tasks_.spawn(follow_settings());
    tasks_.spawn(warm_up());
    if (files_) tasks_.spawn(watch_files());
    if (read_pool_) tasks_.spawn(reads_.follow_primary());
    tasks_.spawn(publisher_.run());
    tasks_.spawn(housekeeper_.run());
    tasks_.spawn(jobs_.run());
    if (security_) {
        tasks_.spawn(security_->run());
        tasks_.spawn(receipts_.run());
    }
    log_.info("Serving", {{"http_port", port()},
                          {"metrics_port", metrics_port()},
                          {"threads", config_.threads},
                          {"postgres", config_.postgres.host},
                          {"redis", config_.redis.host}});
    co_await wait_for_stop();
    co_await shut_down();
}

awaitable<void> ChatServer::wait_for_stop() {
    using namespace asio::experimental::awaitable_operators;
    const auto no_throw = asio::as_tuple(asio::use_awaitable);
    co_await (wait_for_shutdown_signal() || stop_requested_.async_wait(no_throw));
}

awaitable<void> ChatServer::shut_down() {
    const auto deadline = Deadline::after(config_.shutdown_grace - kExitTime);
    log_.info("Shutting down", {{"grace_seconds", config_.shutdown_grace.count()}});
    health_.drain();
    // Who routes requests to us learns of it by and by; those it still sends are served.
    co_await sleep_until(deadline.but_within(config_.shutdown_delay));
    for (const auto& loop : loops_) loop->stop(deadline);
    co_await admin_->stop(deadline);
    tasks_.cancel();
    co_await tasks_.wait();
    co_await hand_over();
}

// Another pod need not wait until our lease is over.
awaitable<void> ChatServer::hand_over() {
    try {
        co_await outbox_.release(Deadline::after(kExitTime));
    } catch (const postgres::Error&) {  // then it is over by itself
    }
}

// ---- settings that change while it serves ---------------------------------------------------

// At SIGHUP, and now and then: Kubernetes changes a mounted file and tells nobody.
awaitable<void> ChatServer::follow_settings() {
    using namespace asio::experimental::awaitable_operators;
    asio::signal_set hangup(context_, SIGHUP);
    const auto no_throw = asio::as_tuple(asio::use_awaitable);
    std::string said;
    for (;;) {
        co_await (hangup.async_wait(no_throw) || sleep_until(Deadline::after(kSettingsInterval)));
        const auto now = reread_();
        if (now) {
            take_over(*now);
            said.clear();
            continue;
        }
        const FieldError& first = now.error().front();
        std::string problem = first.path + ": " + first.message;
        if (problem == said) continue;
        log_.warning("Settings cannot be used; those before stay in force", {{"error", problem}});
        said = std::move(problem);
    }
}

void ChatServer::take_over(const Config& now) {
    if (now.log_level != log_level_) {
        log_level_ = now.log_level;
        log_.set_level(log_level_);
        log_.warning("The log has another level");
    }
    if (now.gate == gate_settings_) return;
    gate_settings_ = now.gate;
    for (const auto& loop : loops_) loop->use(gate_settings_);
    log_.info("Limits have changed");
}

// ---- what has had its time -----------------------------------------------------------------

void ChatServer::add_chores() {
    housekeeper_.add("idempotency keys", 1'000,
                     [this](Deadline deadline) { return idempotency_.remove_old(deadline); });
    housekeeper_.add("errors", 1'000,
                     [this](Deadline deadline) { return errors_.remove_old(deadline); });
    housekeeper_.add("spikes", 1, [this](Deadline deadline) { return look_for_spikes(deadline); });
    if (security_) {
        housekeeper_.add("sessions", AccountRepository::kSessionsPiece, [this](Deadline deadline) {
            return security_->accounts().remove_expired_sessions(deadline);
        });
    }
    housekeeper_.add("exports", ExportRepository::kPiece, [this](Deadline deadline) {
        return export_rows_.remove_older(config_.export_life + kFailedExportLife, deadline);
    });
    if (exports_) {
        housekeeper_.add("files of exports", std::numeric_limits<int>::max(), [this](Deadline) {
            return exports_->remove_older(config_.export_life + kExportMargin);
        });
    }
    if (!payment_secrets_.empty()) {
        housekeeper_.add("payments", PaymentRepository::kSilentPiece, [this](Deadline deadline) {
            return payments_.ask_people_about_silent(deadline);
        });
    }
    if (!files_) return;
    housekeeper_.add("files", kFilesPiece,
                     [this](Deadline deadline) { return remove_files(deadline); });
}

// Said once when a spike begins; the gauge shows how many there are.
awaitable<int> ChatServer::look_for_spikes(Deadline deadline) {
    const auto groups = co_await errors_.list(kSpikeGroupsMax, {}, deadline);
    std::set<std::string> spiking;
    for (const ErrorGroup& group : groups) {
        if (!is_spike(group.last_five_minutes, group.hour_before)) continue;
        spiking.insert(group.fingerprint);
        if (spiking_.contains(group.fingerprint)) continue;
        log_.warning(
            "An error of clients has become frequent",
            {{"fingerprint", group.fingerprint}, {"last_five_minutes", group.last_five_minutes}});
    }
    spiking_ = std::move(spiking);
    metrics_.error_spikes.Set(static_cast<double>(spiking_.size()));
    co_return 0;
}

// The row goes last: as long as it is there, the file is tried again. One that cannot be removed
// keeps no other.
awaitable<int> ChatServer::remove_files(Deadline deadline) {
    const auto ids = co_await uploads_.due_for_removal(kFilesPiece, deadline);
    int removed = 0;
    for (const std::string& id : ids) {
        try {
            co_await files_->remove_all(id.substr(id.size() - 2) + "/" + id + ".");
        } catch (const FileStoreError& error) {
            log_.warning("A file cannot be removed", {{"upload", id}, {"error", error.what()}});
            continue;
        }
        co_await uploads_.forget(id, deadline);
        ++removed;
    }
    co_return removed;
}

// ---- what probes and Prometheus are told ---------------------------------------------------

void ChatServer::add_dependencies() {
    dependencies_.add("postgres", true, [this] {
        auto state = pool_.state();
        const bool is_cold = state.available && !is_warm_;
        return DependencyWatch::Look{
            .is_up = state.available && is_warm_,
            .reason = is_cold ? "connections are being opened" : std::move(state.reason)};
    });
    dependencies_.add("redis", false, redis_.cache());
    if (redis_.are_two()) dependencies_.add("queue-redis", false, redis_.queue());
    if (read_pool_) dependencies_.add("postgres-read", false, *read_pool_);
    if (files_) dependencies_.add("files", false, [this] { return files_seen_; });
    if (!security_) return;
    // Who is banned is let in nowhere, so nobody is before it is known who that is.
    dependencies_.add("bans", true, [this] {
        const bool is_known = security_->bans().is_complete();
        return DependencyWatch::Look{.is_up = is_known, .reason = is_known ? "" : "not read yet"};
    });
}

// The first requests shall not wait for connections, each with its statements to prepare.
awaitable<void> ChatServer::warm_up() {
    const auto wanted = std::min(config_.postgres.pool_size, kWarmConnections);
    while (pool_.state().open < wanted) {
        for (std::size_t i = 0; i < wanted; ++i) {
            tasks_.spawn(open_connection(pool_));
            if (read_pool_) tasks_.spawn(open_connection(*read_pool_));
        }
        co_await sleep_until(Deadline::after(kWarmInterval));
    }
    is_warm_ = true;
}

awaitable<void> ChatServer::open_connection(postgres::Pool& pool) {
    // Long enough that each such call has a connection of its own.
    auto hold = [](pqxx::connection& connection) {
        pqxx::nontransaction(connection).exec("SELECT pg_sleep(0.02)");
    };
    try {
        co_await pool.run(std::move(hold), Deadline::after(kWarmTime));
    } catch (const postgres::Error&) {  // tried again, or seen in readiness
    }
}

awaitable<void> ChatServer::watch_files() {
    for (;;) {
        try {
            co_await files_->check();
            files_seen_ = {.is_up = true, .reason = ""};
        } catch (const FileStoreError& error) {
            files_seen_ = {.is_up = false, .reason = error.what()};
        } catch (const PoolOverloaded&) {  // it is used: what was last seen holds
        }
        co_await sleep_until(Deadline::after(kFilesInterval));
    }
}

awaitable<http::Response> ChatServer::show_metrics(const http::Request&) {
    const auto pool = pool_.state();
    metrics_.primary_pool.show(pool.open, pool.busy, pool.waiting);
    if (read_pool_) {
        const auto read = read_pool_->state();
        metrics_.read_pool.show(read.open, read.busy, read.waiting);
    }
    for (const Dependency& dependency : dependencies_.seen()) {
        metrics_.show_dependency(dependency.name.c_str(), dependency.is_up);
    }
    std::size_t running = 0;
    for (const auto& loop : loops_) running += loop->running_requests();
    metrics_.requests_in_flight.Set(static_cast<double>(running));
    http::Response response = http::text(200, metrics_.to_text());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return response;
}

}  // namespace chatflow::chat
