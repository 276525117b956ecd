#include "workloads/socket/metrics.hpp"

#include "workloads/socket/hub/application.hpp"

#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow::socket {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

auto& counters(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

auto& gauge(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

const Histogram::BucketBoundaries& lag_buckets() {
    static const Histogram::BucketBoundaries buckets = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                        0.1,   0.2,   0.5,   1,    5,    30};
    return buckets;
}

// A counter that follows one that is kept elsewhere.
void follow(Counter& counter, std::uint64_t total) {
    counter.Increment(static_cast<double>(total) - counter.Value());
}

}  // namespace

struct Metrics::Parts {
    std::shared_ptr<Registry> registry = std::make_shared<Registry>();
    Gauge& connections = gauge(*registry, "chatflow_socket_connections", "Sessions of clients");
    Gauge& sockets =
        gauge(*registry, "chatflow_socket_clients", "Clients in a namespace, let in or arriving");
    Gauge& rooms = gauge(*registry, "chatflow_socket_rooms", "Rooms with a member on this pod");
    Gauge& draining =
        gauge(*registry, "chatflow_socket_draining", "1 while connections are closed");
    Counter& opened =
        counters(*registry, "chatflow_socket_sessions_opened_total", "Sessions begun").Add({});
    Counter& upgraded = counters(*registry, "chatflow_socket_sessions_upgraded_total",
                                 "Sessions that went from polling to WebSocket")
                            .Add({});
    prometheus::Family<Counter>& closed =
        counters(*registry, "chatflow_socket_sessions_closed_total", "Sessions ended, by reason");
    Counter& turned_away = counters(*registry, "chatflow_socket_turned_away_total",
                                    "Connections answered with 503: too many, or draining")
                               .Add({});
    Counter& received =
        counters(*registry, "chatflow_socket_messages_received_total", "Messages of clients")
            .Add({});
    Counter& sent = counters(*registry, "chatflow_socket_messages_sent_total",
                             "Messages written to clients, pings included")
                        .Add({});
    Counter& delivered = counters(*registry, "chatflow_socket_deliveries_total",
                                  "Messages of rooms queued for a member")
                             .Add({});
    Counter& bytes =
        counters(*registry, "chatflow_socket_sent_bytes_total", "Bytes written to clients").Add({});
    Counter& writes =
        counters(*registry, "chatflow_socket_writes_total", "Writes they took").Add({});
    Counter& dropped = counters(*registry, "chatflow_socket_dropped_total",
                                "Ephemeral messages dropped for slow clients")
                           .Add({});
    Counter& forwarded = counters(*registry, "chatflow_socket_forwarded_total",
                                  "Polling requests passed on to their session's pod")
                             .Add({});
    Counter& deflated =
        counters(*registry, "chatflow_socket_deflated_total", "Messages queued compressed").Add({});
    Counter& inflated = counters(*registry, "chatflow_socket_inflated_total",
                                 "Messages of clients that may compress")
                            .Add({});
    prometheus::Family<Counter>& refused =
        counters(*registry, "chatflow_socket_refused_total", "Clients not let in, by reason");
    prometheus::Family<Counter>& recoveries = counters(
        *registry, "chatflow_socket_recoveries_total", "Clients that came back, by outcome");
    Counter& replayed = counters(*registry, "chatflow_socket_replayed_total",
                                 "Messages sent again to clients that came back")
                            .Add({});
    prometheus::Family<Counter>& published = counters(*registry, "chatflow_socket_published_total",
                                                      "Messages of clients published, by result");
    Histogram& lag = prometheus::BuildHistogram()
                         .Name("chatflow_socket_delivery_lag_seconds")
                         .Help("From a message's publication until it was queued for its members")
                         .Register(*registry)
                         .Add({}, lag_buckets());
    Histogram& wait =
        prometheus::BuildHistogram()
            .Name("chatflow_socket_write_wait_seconds")
            .Help("How long the oldest message of a round of writes had waited")
            .Register(*registry)
            .Add({}, Histogram::BucketBoundaries(kWaitBounds.begin(), kWaitBounds.end()));
    prometheus::Family<Counter>& key_reads =
        counters(*registry, "chatflow_socket_key_reads_total",
                 "Times the keys were read from their server, by result");
    Gauge& keys = gauge(*registry, "chatflow_socket_keys",
                        "Keys of their server that tokens are checked with");
    Gauge& keys_read = gauge(*registry, "chatflow_socket_keys_read_timestamp_seconds",
                             "When they could be read last");
    EngineFigures last;
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {}
Metrics::~Metrics() = default;

const prometheus::Registry& Metrics::registry() const { return *parts_->registry; }

void Metrics::take(const State& state) {
    Parts& to = *parts_;
    to.connections.Set(static_cast<double>(state.sessions));
    to.sockets.Set(static_cast<double>(state.sockets));
    to.rooms.Set(static_cast<double>(state.rooms));
    to.draining.Set(state.is_draining ? 1 : 0);
    const EngineFigures& now = state.engine;
    follow(to.opened, now.opened);
    follow(to.upgraded, now.upgraded);
    follow(to.received, now.received);
    follow(to.sent, now.sent);
    follow(to.delivered, state.delivered);
    follow(to.bytes, now.bytes_sent);
    follow(to.writes, now.writes);
    follow(to.dropped, now.dropped);
    follow(to.forwarded, now.forwarded);
    follow(to.deflated, now.deflated);
    follow(to.inflated, now.inflated);
    follow(to.turned_away, now.refused);
    for (std::size_t i = 0; i < now.closed.size(); ++i) {
        const auto reason = name_of(static_cast<CloseReason>(i));
        follow(to.closed.Add({{"reason", std::string(reason)}}), now.closed.at(i));
    }
    std::vector<double> rounds;
    for (std::size_t i = 0; i < now.waits.size(); ++i) {
        rounds.push_back(static_cast<double>(now.waits.at(i) - to.last.waits.at(i)));
    }
    to.wait.ObserveMultiple(rounds, now.wait_seconds - to.last.wait_seconds);
    to.last = now;
}

void Metrics::on_refused(Refusal refusal) {
    parts_->refused.Add({{"reason", std::string(to_string(refusal))}}).Increment();
}

void Metrics::on_postponed(std::string_view reason) {
    parts_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::on_recovery(RecoveryOutcome outcome, std::size_t replayed) {
    const bool is_lossless = outcome == RecoveryOutcome::Lossless;
    parts_->recoveries.Add({{"outcome", is_lossless ? "lossless" : "failure"}}).Increment();
    parts_->replayed.Increment(static_cast<double>(replayed));
}

void Metrics::on_keys_read(KeyRead result, std::size_t keys) {
    const char* name = "failed";
    if (result == KeyRead::Changed) name = "changed";
    if (result == KeyRead::Same) name = "same";
    parts_->key_reads.Add({{"result", name}}).Increment();
    parts_->keys.Set(static_cast<double>(keys));
    if (result != KeyRead::Failed) parts_->keys_read.SetToCurrentTime();
}

void Metrics::on_published(std::string_view kind, bool succeeded) {
    parts_->published.Add({{"kind", std::string(kind)}, {"result", succeeded ? "ok" : "failed"}})
        .Increment();
}

void Metrics::on_delivered(std::chrono::microseconds lag) {
    parts_->lag.Observe(std::chrono::duration<double>(lag).count());
}

}  // namespace chatflow::socket
