#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/api/postgres_topology.hpp"

#include <map>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace chatflow {

/// What Prometheus hears of topologies; docs/metrics.md lists it.
class PostgresMetrics {
 public:
    explicit PostgresMetrics(prometheus::Registry& registry);

    void observed(const api::ObjectKey& key, const api::PostgresTopologyStatus& status);
    void acted(const api::ObjectKey& key, const std::string& step);
    void forget(const api::ObjectKey& key);

 private:
    void set(const api::ObjectKey& key, prometheus::Family<prometheus::Gauge>& family,
             std::map<std::string, std::string> labels, double value);
    void remove_gauges(const api::ObjectKey& key);

    struct Series {
        prometheus::Family<prometheus::Gauge>* family;
        prometheus::Gauge* gauge;
    };
    prometheus::Family<prometheus::Gauge>& primary_available_;
    prometheus::Family<prometheus::Gauge>& sync_healthy_;
    prometheus::Family<prometheus::Gauge>& ready_;
    prometheus::Family<prometheus::Gauge>& lag_;
    prometheus::Family<prometheus::Gauge>& transitions_;
    prometheus::Family<prometheus::Gauge>& pooler_clients_;
    prometheus::Family<prometheus::Gauge>& pooler_wait_;
    prometheus::Family<prometheus::Gauge>& backup_at_;
    prometheus::Family<prometheus::Gauge>& backup_healthy_;
    prometheus::Family<prometheus::Gauge>& certificate_valid_;
    prometheus::Family<prometheus::Counter>& steps_;
    std::map<api::ObjectKey, std::vector<Series>> series_;
};

}  // namespace chatflow
