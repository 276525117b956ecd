#include "libs/events/metrics.hpp"

namespace chatflow::events {
namespace {

const prometheus::Histogram::BucketBoundaries& buckets() {
    static const prometheus::Histogram::BucketBoundaries seconds = {0.001, 0.005, 0.01, 0.05, 0.1,
                                                                    0.5,   1,     5,    10,   30};
    return seconds;
}

const char* label_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::Handled:
            return "handled";
        case Outcome::Retried:
            return "retried";
        case Outcome::Dead:
            return "dead";
        case Outcome::Taken:
            return "taken";
    }
    return "dead";
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : published_(prometheus::BuildCounter()
                     .Name("chatflow_bus_published_total")
                     .Help("Events published, by type and result")
                     .Register(registry)),
      handled_(prometheus::BuildCounter()
                   .Name("chatflow_bus_handled_total")
                   .Help("Attempts to handle an event, by group, type and outcome")
                   .Register(registry)),
      handle_seconds_(prometheus::BuildHistogram()
                          .Name("chatflow_bus_handle_duration_seconds")
                          .Help("How long handlers took, by group")
                          .Register(registry)),
      backlog_(prometheus::BuildGauge()
                   .Name("chatflow_bus_backlog_events")
                   .Help("Events of a group by state: pending, retrying, dead")
                   .Register(registry)) {}

void Metrics::on_published(const std::string& type, bool succeeded) {
    published_.Add({{"type", type}, {"result", succeeded ? "ok" : "failed"}}).Increment();
}

void Metrics::on_handled(const std::string& group, const std::string& type, Outcome outcome,
                         std::chrono::nanoseconds took) {
    handled_.Add({{"group", group}, {"type", type}, {"outcome", label_of(outcome)}}).Increment();
    handle_seconds_.Add({{"group", group}}, buckets())
        .Observe(std::chrono::duration<double>(took).count());
}

void Metrics::on_backlog(const std::string& group, std::uint64_t waiting, std::uint64_t retrying,
                         std::uint64_t dead) {
    backlog_.Add({{"group", group}, {"state", "pending"}}).Set(static_cast<double>(waiting));
    backlog_.Add({{"group", group}, {"state", "retrying"}}).Set(static_cast<double>(retrying));
    backlog_.Add({{"group", group}, {"state", "dead"}}).Set(static_cast<double>(dead));
}

}  // namespace chatflow::events
