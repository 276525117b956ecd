#include "controller/runtime/manager.hpp"

#include "libs/async/signals.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/exception_text.hpp"
#include "libs/http/body_source.hpp"
#include "libs/http/metrics_page.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace chatflow::runtime {
namespace {

constexpr std::chrono::milliseconds kSyncPoll{20};
constexpr std::chrono::seconds kSyncWarnPeriod{30};
// Of the grace period: what the lease, the last events and HTTP need after the reconciliations.
constexpr std::chrono::seconds kTimeAfterControllers{8};
constexpr std::chrono::seconds kReleaseTime{3};
constexpr std::chrono::seconds kHttpStopTime{2};

// Probes and one scraper; whoever opens more is none of them.
constexpr http::Limits kHttpLimits{.body_bytes = 1024, .connections = 100, .running_requests = 50};

/// A text, and then the pieces of others.
class LongPage final : public http::BodySource {
 public:
    LongPage(std::string first, std::vector<Manager::Pieces> parts)
        : first_(std::move(first)), parts_(std::move(parts)) {}

    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    [[nodiscard]] awaitable<std::string> next() override {
        std::string piece = std::exchange(first_, {});
        while (piece.empty() && part_ < parts_.size()) {
            piece = parts_[part_]();
            if (piece.empty()) ++part_;
        }
        co_return piece;
    }

 private:
    std::string first_;
    std::vector<Manager::Pieces> parts_;
    std::size_t part_ = 0;
};

awaitable<http::Response> respond(http::Response response) { co_return response; }

}  // namespace

Manager::Manager(asio::any_io_executor executor, Clock& clock, const Log& log,
                 const prometheus::Registry& registry, ManagerOptions options)
    : executor_(executor),
      clock_(clock),
      log_(log),
      registry_(registry),
      options_(std::move(options)),
      ended_(executor),
      signal_tasks_(executor, [this](const std::exception_ptr& e) { fail("signals", e); }),
      service_tasks_(executor, [this](const std::exception_ptr& e) { fail("a service", e); }),
      cache_tasks_(executor, [this](const std::exception_ptr& e) { fail("a watch cache", e); }),
      leader_tasks_(executor, [this](const std::exception_ptr& e) { fail("leadership", e); }) {
    add_ready_check({"stop", [this]() -> std::optional<std::string> {
                         if (!stop_requested_ && !failure_) return std::nullopt;
                         return "the process is about to end";
                     }});
}

Manager::~Manager() = default;

void Manager::add_cache(Cache& cache) {
    caches_.push_back(&cache);
    add_ready_check({"cache/" + cache.name(), [&cache]() -> std::optional<std::string> {
                         if (cache.has_synced()) return std::nullopt;
                         return "not yet synced with the API server";
                     }});
}

void Manager::add_controller(Controller& controller) {
    controllers_.push_back(&controller);
    controller.act_only_if([this] { return elector_ == nullptr || elector_->is_leader(); });
    before_scrape([&controller] { controller.refresh_metrics(); });
}

void Manager::add_service(std::string name, std::function<awaitable<void>()> run) {
    services_.push_back({std::move(name), std::move(run)});
}

void Manager::at_stop(std::string name, std::function<awaitable<void>(Deadline)> flush) {
    stop_hooks_.push_back({std::move(name), std::move(flush)});
}

void Manager::add_ready_check(ReadyCheck check) { checks_.push_back(std::move(check)); }

void Manager::before_scrape(std::function<void()> refresh) {
    refreshers_.push_back(std::move(refresh));
}

void Manager::at_scrape(std::function<Pieces()> begin) { page_parts_.push_back(std::move(begin)); }

void Manager::use_leader_election(LeaderElector& elector) { elector_ = &elector; }

awaitable<void> Manager::run() {
    start_servers();
    signal_tasks_.spawn(heed_signals());
    for (const Service& service : services_) service_tasks_.spawn(service.run());
    for (Cache* cache : caches_) cache_tasks_.spawn(cache->run());
    leader_tasks_.spawn(lead());
    while (!stop_requested_ && !failure_) co_await ended_.wait();

    const auto started = clock_.steady_now();
    log_.info("Stopping", {{"grace_seconds", options_.grace.count()}});
    co_await stop();
    const std::chrono::duration<double> took = clock_.steady_now() - started;
    log_.info("Stopped", {{"seconds", took.count()}});
    if (failure_) std::rethrow_exception(failure_);
}

void Manager::request_stop() {
    stop_requested_ = true;
    ended_.notify_all();
}

void Manager::start_servers() {
    health_routes_.add(http::Method::Get, "/healthz",
                       [](const http::Request&) { return respond(http::text(200, "ok\n")); });
    health_routes_.add(http::Method::Get, "/readyz", [this](const http::Request& request) {
        return respond(ready_response(request));
    });
    metrics_routes_.add(http::Method::Get, "/metrics",
                        [this](const http::Request&) { return respond(metrics_response()); });
    const auto serve = [this](const http::Router& routes, const std::string& address,
                              std::uint16_t port) {
        auto server = std::make_unique<http::Server>(
            executor_, clock_, routes, log_,
            http::ServerOptions{.address = address, .port = port, .limits = kHttpLimits});
        server->start();
        return server;
    };
    health_server_ = serve(health_routes_, options_.health_address, options_.health_port);
    metrics_server_ = serve(metrics_routes_, options_.metrics_address, options_.metrics_port);
    log_.info("Serving",
              {{"health_port", health_server_->port()}, {"metrics_port", metrics_server_->port()}});
}

/// The first failure ends the process. When it may be that another leads by now, nothing may be
/// done any more, not even what has begun.
void Manager::fail(const std::string& what, const std::exception_ptr& error) {
    log_.error("The process has to end", {{"because_of", what}, {"error", what_of(error)}});
    for (Controller* controller : controllers_) controller->cancel();
    if (!failure_) failure_ = error;
    ended_.notify_all();
}

awaitable<void> Manager::heed_signals() {
    const int signal = co_await wait_for_shutdown_signal();
    log_.info("Received a signal", {{"signal", signal}});
    request_stop();
}

awaitable<void> Manager::lead() {
    co_await wait_for_caches();
    if (elector_ != nullptr) co_await elector_->acquire();
    for (Controller* controller : controllers_) controller->start();
    if (elector_ != nullptr) co_await elector_->hold();
}

awaitable<void> Manager::wait_for_caches() {
    auto warn_at = clock_.steady_now() + kSyncWarnPeriod;
    while (true) {
        std::string missing;
        for (const Cache* cache : caches_) {
            if (!cache->has_synced()) missing += (missing.empty() ? "" : ", ") + cache->name();
        }
        if (missing.empty()) break;
        if (clock_.steady_now() >= warn_at) {
            log_.warning("Waits for watch caches to sync", {{"caches", missing}});
            warn_at += kSyncWarnPeriod;
        }
        co_await clock_.sleep_for(kSyncPoll);
    }
    if (!caches_.empty()) log_.info("Watch caches have synced", {{"caches", caches_.size()}});
}

awaitable<void> Manager::stop() {
    const Deadline deadline = Deadline::after(options_.grace);
    // The lease is renewed until the last reconciliation has ended: nobody else acts meanwhile.
    co_await stop_controllers(deadline.but_within(options_.grace - kTimeAfterControllers));
    leader_tasks_.cancel();
    co_await leader_tasks_.wait();
    co_await release_lease(deadline.but_within(kReleaseTime));  // nothing when it is lost
    if (!failure_) {
        co_await flush(deadline.but_within(kTimeAfterControllers - kReleaseTime - kHttpStopTime));
    }
    service_tasks_.cancel();
    cache_tasks_.cancel();
    signal_tasks_.cancel();
    co_await service_tasks_.wait();
    co_await cache_tasks_.wait();
    co_await signal_tasks_.wait();
    co_await metrics_server_->stop(deadline.but_within(kHttpStopTime));
    co_await health_server_->stop(deadline.but_within(kHttpStopTime));
}

awaitable<void> Manager::stop_controllers(Deadline deadline) {
    for (Controller* controller : controllers_) controller->close();
    for (Controller* controller : controllers_) co_await controller->stop(deadline);
}

awaitable<void> Manager::release_lease(Deadline deadline) {
    if (elector_ == nullptr) co_return;
    try {
        co_await elector_->release(deadline);
    } catch (const std::exception& error) {
        log_.warning("The lease could not be released; it will expire", {{"error", error.what()}});
    }
}

awaitable<void> Manager::flush(Deadline deadline) {
    for (const StopHook& hook : stop_hooks_) {
        try {
            co_await with_deadline(hook.flush(deadline), deadline, "the last writing");
        } catch (const std::exception& error) {
            log_.warning("Not everything could be written at the end",
                         {{"what", hook.name}, {"error", error.what()}});
        }
    }
}

http::Response Manager::ready_response(const http::Request& request) const {
    return ready_page(checks_, request.query_value("verbose").has_value());
}

http::Response Manager::metrics_response() {
    for (const auto& refresh : refreshers_) refresh();
    http::Response page = http::metrics_page(registry_);
    if (page_parts_.empty()) return page;
    std::vector<Pieces> parts;
    for (const auto& begin : page_parts_) parts.push_back(begin());
    page.source = std::make_shared<LongPage>(std::exchange(page.body, {}), std::move(parts));
    return page;
}

}  // namespace chatflow::runtime
