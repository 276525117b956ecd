#pragma once

#include "libs/postgres/pool_observer.hpp"
#include "libs/postgres/reads.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow::chat {

/// What one pool of connections does.
class PoolMetrics final : public postgres::PoolObserver {
 public:
    /// `pool`: "primary" or "read".
    PoolMetrics(prometheus::Registry& registry, const char* pool);

    void on_call(Outcome outcome, std::chrono::nanoseconds waited,
                 std::chrono::nanoseconds ran) override;
    void on_refusal(Outcome outcome) override;
    void on_connect(bool succeeded) override;

    void show(std::size_t open, std::size_t busy, std::size_t waiting);

 private:
    std::string pool_;
    prometheus::Family<prometheus::Counter>& calls_;
    prometheus::Family<prometheus::Counter>& connects_;
    prometheus::Family<prometheus::Gauge>& connections_;
    prometheus::Counter& calls_ok_;
    prometheus::Histogram& wait_seconds_;
    prometheus::Histogram& use_seconds_;
};

/// Look-ups in one cache by result, and changes that made something in it void.
struct CacheMetrics {
    prometheus::Counter& hits;
    prometheus::Counter& misses;
    prometheus::Counter& errors;
    prometheus::Counter& invalidations;
};

/// Everything chat-server counts. Built once by main; any thread may count. The names are in
/// docs/chat-server.md, and a test compares them.
class Metrics final : public postgres::ReadObserver {
 public:
    Metrics();

    /// The text that Prometheus scrapes.
    [[nodiscard]] std::string to_text() const;

    /// `route` is a pattern of the router, so labels have few values.
    [[nodiscard]] prometheus::Counter& requests(std::string_view method, std::string_view route,
                                                int status);
    [[nodiscard]] prometheus::Histogram& request_seconds(std::string_view method,
                                                         std::string_view route);

    /// `dependency`: by its name in readiness; those that are used are shown.
    void show_dependency(const char* dependency, bool is_up);

    /// `limit`: "api", "auth", "export" or "webhook".
    [[nodiscard]] prometheus::Counter& requests_limited(std::string_view limit);

    void on_read(postgres::ReadSource source) override;

 private:
    std::shared_ptr<prometheus::Registry> registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Family<prometheus::Histogram>& request_seconds_;
    prometheus::Family<prometheus::Counter>& cache_requests_;
    prometheus::Family<prometheus::Gauge>& dependency_up_;
    prometheus::Family<prometheus::Counter>& requests_limited_;
    prometheus::Family<prometheus::Counter>& logins_;
    prometheus::Family<prometheus::Counter>& reads_;
    prometheus::Counter& reads_of_replica_;
    prometheus::Counter& reads_of_primary_;

 public:
    PoolMetrics primary_pool;
    PoolMetrics read_pool;
    prometheus::Gauge& requests_in_flight;
    prometheus::Counter& messages_sent;
    CacheMetrics rooms;
    CacheMetrics near_rooms;
    CacheMetrics answers;
    prometheus::Counter& limits_uncounted;
    prometheus::Histogram& outbox_seconds;
    prometheus::Gauge& outbox_oldest_seconds;
    prometheus::Gauge& error_spikes;
    prometheus::Counter& logins_ok;
    prometheus::Counter& logins_refused;
    prometheus::Counter& refresh_tokens_reused;
};

}  // namespace chatflow::chat
