#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/server_use.hpp"

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

    /// `uses`: of the servers that have told theirs, by the name of the instance.
    void observed(const api::ObjectKey& key, const api::PostgresTopologyStatus& status,
                  const std::map<std::string, postgres::ServerUse>& uses = {});
    void acted(const api::ObjectKey& key, const std::string& step);
    void forget(const api::ObjectKey& key);

 private:
    void set(const api::ObjectKey& key, prometheus::Family<prometheus::Gauge>& family,
             std::map<std::string, std::string> labels, double value);
    void use_of(const api::ObjectKey& key, const std::string& instance,
                const postgres::ServerUse& use);
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
    prometheus::Family<prometheus::Gauge>& archive_hole_;
    prometheus::Family<prometheus::Gauge>& connections_;
    prometheus::Family<prometheus::Gauge>& connections_max_;
    prometheus::Family<prometheus::Gauge>& oldest_transaction_;
    prometheus::Family<prometheus::Gauge>& volume_;
    prometheus::Family<prometheus::Gauge>& volume_free_;
    prometheus::Family<prometheus::Gauge>& wal_;
    prometheus::Family<prometheus::Gauge>& wal_unarchived_;
    prometheus::Family<prometheus::Gauge>& statement_calls_;
    prometheus::Family<prometheus::Gauge>& statement_time_;
    prometheus::Family<prometheus::Gauge>& statement_mean_;
    prometheus::Family<prometheus::Counter>& steps_;
    std::map<api::ObjectKey, std::vector<Series>> series_;
};

}  // namespace chatflow
