#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/domain/redis/plan.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace chatflow {

/// What Prometheus hears of RedisTopologies; docs/metrics.md lists it.
class RedisMetrics {
 public:
    explicit RedisMetrics(prometheus::Registry& registry);

    void observed(const api::RedisTopology& topology, const redis_topology::Observed& seen,
                  const api::RedisTopologyStatus& status);
    void acted(const api::RedisTopology& topology, const std::string& step);
    void forget(const api::ObjectKey& key);

 private:
    using Gauges = prometheus::Family<prometheus::Gauge>;
    using Labels = std::map<std::string, std::string>;
    using Series = std::set<std::pair<Gauges*, prometheus::Gauge*>>;

    void set(Gauges& family, Labels labels, double value);
    void observe_node(const Labels& topology, const std::string& pod,
                      const redis_topology::NodeView& node);
    void observe_conditions(const Labels& topology, const api::RedisTopologyStatus& status);
    static void remove(const Series& series);

    std::map<api::ObjectKey, std::set<prometheus::Counter*>> counted_;
    Gauges& available_;
    Gauges& sentinels_;
    Gauges& sentinels_wanted_;
    Gauges& in_sync_;
    Gauges& wanted_;
    Gauges& epoch_;
    Gauges& slots_;
    Gauges& conditions_;
    Gauges& node_up_;
    Gauges& node_is_master_;
    Gauges& memory_;
    Gauges& maxmemory_;
    Gauges& evicted_;
    Gauges& hits_;
    Gauges& misses_;
    Gauges& commands_;
    Gauges& clients_;
    Gauges& slow_;
    Gauges& lag_;
    Gauges& backup_at_;
    Gauges& backup_bytes_;
    prometheus::Family<prometheus::Counter>& steps_;
    std::map<api::ObjectKey, Series> series_;
    Series touched_;  // by the observation that is going on
};

}  // namespace chatflow
