#pragma once

#include "libs/events/observer.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow::events {

/// The bus in Prometheus' words: docs/metrics.md. Labels are group and type, of which there are
/// few.
class Metrics final : public Observer {
 public:
    explicit Metrics(prometheus::Registry& registry);

    void on_published(const std::string& type, bool succeeded) override;
    void on_handled(const std::string& group, const std::string& type, Outcome outcome,
                    std::chrono::nanoseconds took) override;
    void on_backlog(const std::string& group, std::uint64_t waiting, std::uint64_t retrying,
                    std::uint64_t dead) override;

 private:
    prometheus::Family<prometheus::Counter>& published_;
    prometheus::Family<prometheus::Counter>& handled_;
    prometheus::Family<prometheus::Histogram>& handle_seconds_;
    prometheus::Family<prometheus::Gauge>& backlog_;
};

}  // namespace chatflow::events
