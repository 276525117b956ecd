#include "workloads/socket/platform_part.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/postgres/pool.hpp"
#include "libs/redis/client.hpp"
#include "workloads/socket/auth/file_keys.hpp"
#include "workloads/socket/auth/postgres_membership.hpp"
#include "workloads/socket/auth/url_keys.hpp"
#include "workloads/socket/config.hpp"
#include "workloads/socket/platform/platform_application.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace chatflow::socket {
namespace {

// Unique per start: a pod that comes back under its name is not the one that died.
std::string unique(std::string pod) {
    for (char& c : pod) {
        if (c == '/' || c == ' ' || c == '{' || c == '}') c = '-';
    }
    std::random_device random;
    return pod + "." + std::to_string(random());
}

PlatformOptions platform_options(const Config& config) {
    PlatformOptions options;
    options.presence.pod = unique(config.engine.pod.empty() ? "pod" : config.engine.pod);
    options.presence.connections_max = config.connections_per_user;
    options.token.rules.issuer = config.token_issuer;
    options.token.rules.audience = config.token_audience;
    options.recovery_window = config.recovery_window;
    options.hands_over_receipts = config.postgres.has_value();
    return options;
}

TaskGroup::ErrorHandler log_failure(const Log& log) {
    return [log](const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& failure) {
            log.error("A part of the platform ended", {{"error", failure.what()}});
        }
    };
}

// A failed call is told to the client that asked, and the pool logs when it loses the server.
class SilentObserver final : public postgres::PoolObserver {
 public:
    void on_call(Outcome, std::chrono::nanoseconds, std::chrono::nanoseconds) override {}
    void on_refusal(Outcome) override {}
    void on_connect(bool) override {}
};

// Who may be in which room, as chat-server's database has it.
class StoredMembership final : public Membership {
 public:
    StoredMembership(const postgres::Options& options, redis::Client& redis, const Log& log)
        : pool_(options, [](pqxx::connection&) {}, observer_, log), tables_(pool_, redis) {}

    awaitable<bool> may_join(std::string user, std::string room, Deadline deadline) override {
        return tables_.may_join(std::move(user), std::move(room), deadline);
    }

 private:
    SilentObserver observer_;
    postgres::Pool pool_;
    PostgresMembership tables_;
};

std::unique_ptr<Membership> make_membership(const Config& config, redis::Client& redis,
                                            const Log& log) {
    if (!config.postgres) return std::make_unique<OpenMembership>();
    return std::make_unique<StoredMembership>(*config.postgres, redis, log);
}

std::unique_ptr<KeySource> make_keys(const asio::any_io_executor& executor, const Config& config,
                                     PlatformObserver& observer, const Log& log) {
    if (config.jwks_url.empty()) return std::make_unique<FileKeys>(config.jwks_file, log);
    UrlKeysOptions options;
    options.name = config.jwks_url;
    options.server.url = http::parse_http_url(config.jwks_url).value();
    options.server.ca_file = config.jwks_ca_file;
    options.schedule.period = config.jwks_period;
    auto on_read = [&observer](KeyRead result, std::size_t keys) {
        observer.on_keys_read(result, keys);
    };
    return std::make_unique<UrlKeys>(executor, std::move(options), std::move(on_read), log);
}

}  // namespace

struct PlatformPart::Parts {
    Parts(const asio::any_io_executor& executor_, const Config& config, Clients& clients,
          PlatformObserver& observer, const Log& log_)
        : executor(executor_),
          log(log_),
          redis(executor, config.redis, log),
          keys(make_keys(executor, config, observer, log)),
          membership(make_membership(config, redis, log)),
          platform(executor, redis, clients, *membership, *keys, observer, platform_options(config),
                   log),
          application(executor, platform, clients, log) {}

    asio::any_io_executor executor;
    Log log;
    redis::Client redis;
    std::unique_ptr<KeySource> keys;
    std::unique_ptr<Membership> membership;
    Platform platform;
    PlatformApplication application;
};

PlatformPart::PlatformPart(asio::any_io_executor executor, const Config& config, Clients& clients,
                           PlatformObserver& observer, Log log)
    : parts_(std::make_unique<Parts>(executor, config, clients, observer, log)) {}

PlatformPart::~PlatformPart() = default;

Application& PlatformPart::application() { return parts_->application; }

awaitable<void> PlatformPart::run() {
    TaskGroup tasks(parts_->executor, log_failure(parts_->log));
    tasks.spawn(parts_->redis.run());
    tasks.spawn(parts_->platform.run());
    tasks.spawn(parts_->keys->run());
    std::exception_ptr end;
    try {
        co_await tasks.wait();
    } catch (...) {
        end = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    tasks.cancel();
    co_await tasks.wait();
    if (end) std::rethrow_exception(end);
}

awaitable<void> PlatformPart::finish(Deadline deadline) {
    co_await parts_->application.stop();
    co_await parts_->platform.flush(deadline);
}

std::string PlatformPart::trouble() const { return parts_->platform.trouble(); }

}  // namespace chatflow::socket
