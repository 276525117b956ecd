#include "workloads/chat-server/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace chatflow::chat {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;
using prometheus::Registry;

auto& counters(Registry& registry, const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry);
}

auto& gauges(Registry& registry, const char* name, const char* help) {
    return BuildGauge().Name(name).Help(help).Register(registry);
}

auto& histograms(Registry& registry, const char* name, const char* help) {
    return BuildHistogram().Name(name).Help(help).Register(registry);
}

// 0.5 ms to 10 s: what users feel lies between.
const Histogram::BucketBoundaries& request_buckets() {
    static const Histogram::BucketBoundaries buckets = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10};
    return buckets;
}

const char* label_of(postgres::PoolObserver::Outcome outcome) {
    using enum postgres::PoolObserver::Outcome;
    switch (outcome) {
        case Ok:
            return "ok";
        case Unavailable:
            return "unavailable";
        case Timeout:
            return "timeout";
        case Overloaded:
            return "overloaded";
        case Conflict:
            return "conflict";
        case Error:
            return "error";
    }
    return "error";
}

CacheMetrics cache_metrics(prometheus::Family<prometheus::Counter>& requests, const char* cache) {
    const auto counter = [&](const char* result) -> prometheus::Counter& {
        return requests.Add({{"cache", cache}, {"result", result}});
    };
    return {.hits = counter("hit"),
            .misses = counter("miss"),
            .errors = counter("error"),
            .invalidations = counter("invalidation")};
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

PoolMetrics::PoolMetrics(Registry& registry, const char* pool)
    : pool_(pool),
      calls_(counters(registry, "chatflow_chat_postgres_calls_total", "Database calls by outcome")),
      connects_(counters(registry, "chatflow_chat_postgres_connects_total",
                         "Attempts to connect to the database")),
      connections_(gauges(registry, "chatflow_chat_postgres_connections",
                          "Connections of the pool; waiting: calls that wait for one")),
      calls_ok_(calls_.Add({{"pool", pool}, {"outcome", "ok"}})),
      wait_seconds_(histograms(registry, "chatflow_chat_postgres_wait_seconds",
                               "Time until a connection was free")
                        .Add({{"pool", pool}}, request_buckets())),
      use_seconds_(histograms(registry, "chatflow_chat_postgres_use_seconds",
                              "Time a call held its connection")
                       .Add({{"pool", pool}}, request_buckets())) {
    // Present from the start, so that rates begin at zero.
    for (const auto outcome : {Outcome::Unavailable, Outcome::Timeout}) {
        calls_.Add({{"pool", pool}, {"outcome", label_of(outcome)}});
    }
    connects_.Add({{"pool", pool}, {"result", "ok"}});
    show(0, 0, 0);
}

void PoolMetrics::on_call(Outcome outcome, std::chrono::nanoseconds waited,
                          std::chrono::nanoseconds ran) {
    if (outcome == Outcome::Ok) {
        calls_ok_.Increment();
    } else {
        on_refusal(outcome);
    }
    wait_seconds_.Observe(seconds(waited));
    use_seconds_.Observe(seconds(ran));
}

void PoolMetrics::on_refusal(Outcome outcome) {
    calls_.Add({{"pool", pool_}, {"outcome", label_of(outcome)}}).Increment();
}

void PoolMetrics::on_connect(bool succeeded) {
    connects_.Add({{"pool", pool_}, {"result", succeeded ? "ok" : "failed"}}).Increment();
}

void PoolMetrics::show(std::size_t open, std::size_t busy, std::size_t waiting) {
    const auto set = [this](const char* state, std::size_t value) {
        connections_.Add({{"pool", pool_}, {"state", state}}).Set(static_cast<double>(value));
    };
    set("open", open);
    set("busy", busy);
    set("waiting", waiting);
}

Metrics::Metrics()
    : registry_(std::make_shared<Registry>()),
      requests_(counters(*registry_, "http_requests_total", "Requests answered")),
      request_seconds_(histograms(*registry_, "http_request_duration_seconds",
                                  "From the whole request read to the response made")),
      cache_requests_(counters(*registry_, "chatflow_chat_cache_requests_total",
                               "Look-ups in the cache by result, and changes put")),
      dependency_up_(
          gauges(*registry_, "chatflow_chat_dependency_up", "1 while the dependency answers")),
      requests_limited_(counters(*registry_, "chatflow_chat_requests_limited_total",
                                 "Requests refused with 429")),
      logins_(counters(*registry_, "chatflow_chat_logins_total", "Log-ins by result")),
      reads_(counters(*registry_, "chatflow_chat_reads_total",
                      "Reads by who served them, and why not a replica")),
      reads_of_replica_(reads_.Add({{"served_by", "replica"}, {"reason", "none"}})),
      reads_of_primary_(reads_.Add({{"served_by", "primary"}, {"reason", "none"}})),
      primary_pool(*registry_, "primary"),
      read_pool(*registry_, "read"),
      requests_in_flight(
          gauges(*registry_, "http_requests_in_flight", "Requests being answered").Add({})),
      messages_sent(counters(*registry_, "chatflow_chat_messages_sent_total",
                             "Messages accepted, repeated ones included")
                        .Add({})),
      rooms(cache_metrics(cache_requests_, "room")),
      near_rooms(cache_metrics(cache_requests_, "room-near")),
      answers(cache_metrics(cache_requests_, "answers")),
      limits_uncounted(counters(*registry_, "chatflow_chat_limits_uncounted_total",
                                "Requests that could not be counted, Redis being away")
                           .Add({})),
      outbox_seconds(histograms(*registry_, "chatflow_chat_outbox_seconds",
                                "Time a change waited until its room was told")
                         .Add({}, request_buckets())),
      outbox_oldest_seconds(gauges(*registry_, "chatflow_chat_outbox_oldest_seconds",
                                   "Age of the oldest change whose room was not told yet")
                                .Add({})),
      error_spikes(gauges(*registry_, "chatflow_chat_error_spikes",
                          "Errors of clients that come far more often than before")
                       .Add({})),
      logins_ok(logins_.Add({{"result", "ok"}})),
      logins_refused(logins_.Add({{"result", "refused"}})),
      refresh_tokens_reused(counters(*registry_, "chatflow_chat_refresh_tokens_reused_total",
                                     "Sessions ended because an old refresh token was shown")
                                .Add({})) {
    // Present from the start, so that rates begin at zero.
    for (const auto* reason : {"behind", "failed"}) {
        reads_.Add({{"served_by", "primary"}, {"reason", reason}});
    }
    for (const auto* limit : {"api", "auth", "export", "webhook"})
        requests_limited_.Add({{"limit", limit}});
}

std::string Metrics::to_text() const {
    return prometheus::TextSerializer().Serialize(registry_->Collect());
}

prometheus::Counter& Metrics::requests(std::string_view method, std::string_view route,
                                       int status) {
    return requests_.Add({{"method", std::string(method)},
                          {"route", std::string(route)},
                          {"code", std::to_string(status)}});
}

prometheus::Histogram& Metrics::request_seconds(std::string_view method, std::string_view route) {
    return request_seconds_.Add({{"method", std::string(method)}, {"route", std::string(route)}},
                                request_buckets());
}

prometheus::Counter& Metrics::requests_limited(std::string_view limit) {
    return requests_limited_.Add({{"limit", std::string(limit)}});
}

void Metrics::show_dependency(const char* dependency, bool is_up) {
    dependency_up_.Add({{"dependency", dependency}}).Set(is_up ? 1 : 0);
}

void Metrics::on_read(postgres::ReadSource source) {
    using enum postgres::ReadSource;
    switch (source) {
        case Replica:
            return reads_of_replica_.Increment();
        case Primary:
            return reads_of_primary_.Increment();
        case PrimaryForBehind:
            return reads_.Add({{"served_by", "primary"}, {"reason", "behind"}}).Increment();
        case PrimaryForFailed:
            return reads_.Add({{"served_by", "primary"}, {"reason", "failed"}}).Increment();
    }
}

}  // namespace chatflow::chat
