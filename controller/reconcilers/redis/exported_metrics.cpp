#include "controller/reconcilers/redis/exported_metrics.hpp"

#include "controller/api/names.hpp"
#include "controller/domain/redis/objects.hpp"

#include <algorithm>
#include <chrono>

namespace chatflow {
namespace {

using redis_topology::NodeRole;

prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry, const char* name,
                                             const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

double is_true(const api::RedisTopologyStatus& status, const char* type) {
    const api::Condition* condition = api::find_condition(status.conditions, type);
    return condition != nullptr && condition->status == api::ConditionStatus::True ? 1 : 0;
}

}  // namespace

RedisMetrics::RedisMetrics(prometheus::Registry& registry)
    : available_(gauge(registry, "chatflow_redis_writable",
                       "1 while the master, or a master of every slot, takes writes.")),
      sentinels_(gauge(registry, "chatflow_redis_sentinels_reachable", "Sentinels that answer.")),
      sentinels_wanted_(
          gauge(registry, "chatflow_redis_sentinels_wanted", "Sentinels the spec asks for.")),
      in_sync_(gauge(registry, "chatflow_redis_replicas_in_sync", "Replicas with their link up.")),
      wanted_(gauge(registry, "chatflow_redis_replicas_wanted", "Replicas the spec asks for.")),
      epoch_(gauge(registry, "chatflow_redis_config_epoch", "Grows with each new master.")),
      slots_(gauge(registry, "chatflow_redis_slots_served",
                   "Slots of a cluster that a reachable master has, of 16,384.")),
      conditions_(gauge(registry, "chatflow_condition", "1 for the present status.")),
      node_up_(gauge(registry, "chatflow_redis_node_up", "1 while the node answers.")),
      node_is_master_(gauge(registry, "chatflow_redis_node_master", "1 for a master.")),
      memory_(gauge(registry, "chatflow_redis_memory_used_bytes", "What the node uses.")),
      maxmemory_(gauge(registry, "chatflow_redis_memory_max_bytes", "What it may use.")),
      evicted_(gauge(registry, "chatflow_redis_evicted_keys",
                     "Keys lost for want of memory since the node started.")),
      hits_(gauge(registry, "chatflow_redis_keyspace_hits", "Reads that found their key.")),
      misses_(gauge(registry, "chatflow_redis_keyspace_misses", "Reads that did not.")),
      commands_(
          gauge(registry, "chatflow_redis_commands_processed", "Commands since the node started.")),
      clients_(gauge(registry, "chatflow_redis_connected_clients", "Connections of clients.")),
      slow_(gauge(registry, "chatflow_redis_slow_commands",
                  "Entries ever made in the slow log since the node started.")),
      lag_(gauge(registry, "chatflow_redis_replication_lag_bytes",
                 "How far a replica is behind its master.")),
      backup_at_(gauge(registry, "chatflow_redis_backup_timestamp_seconds",
                       "When the last good backup was begun.")),
      backup_bytes_(gauge(registry, "chatflow_redis_backup_bytes", "Size of the last good one.")),
      steps_(prometheus::BuildCounter()
                 .Name("chatflow_redis_steps_total")
                 .Help("What the operator did, by step.")
                 .Register(registry)) {}

void RedisMetrics::observed(const api::RedisTopology& topology,
                            const redis_topology::Observed& seen,
                            const api::RedisTopologyStatus& status) {
    const Labels labels{{"namespace", topology.metadata.name_space},
                        {"name", topology.metadata.name}};
    const bool is_cluster = topology.spec.mode == api::RedisMode::Cluster;
    const bool is_asleep = topology.spec.hibernated;
    const int masters = is_cluster ? topology.spec.shards : 1;
    const int replicas = redis_topology::wanted_nodes(topology.spec) - masters;
    touched_.clear();
    // Nobody misses the writes of one that sleeps.
    if (!is_asleep) {
        set(available_, labels, is_true(status, is_cluster ? "SlotsAssigned" : "MasterAvailable"));
    }
    if (is_cluster) {
        set(slots_, labels, status.slots_assigned);
    } else {
        set(sentinels_, labels, status.sentinels.reachable);
        set(sentinels_wanted_, labels, is_asleep ? 0 : topology.spec.sentinel.instances);
    }
    set(in_sync_, labels, status.ready_replicas);
    set(wanted_, labels, is_asleep ? 0 : replicas);
    set(epoch_, labels, static_cast<double>(status.config_epoch));
    for (std::size_t i = 0; i < seen.nodes.size(); ++i) {
        observe_node(labels, seen.addresses[i].name, seen.nodes[i]);
    }
    for (const api::RedisNodeStatus& node : status.nodes) {
        if (node.role != "replica") continue;
        Labels of_pod = labels;
        of_pod["redis_node"] = node.name;
        set(lag_, std::move(of_pod), static_cast<double>(node.lag_bytes));
    }
    if (status.backup && status.backup->good_at) {
        const std::chrono::duration<double> at = status.backup->good_at->time_since_epoch();
        set(backup_at_, labels, at.count());
        set(backup_bytes_, labels, static_cast<double>(status.backup->good_bytes));
    }
    observe_conditions(labels, status);
    // Series are updated in place, so that no scrape finds them missing.
    Series& known = series_[key_of(topology.metadata)];
    Series stale;
    std::ranges::set_difference(known, touched_, std::inserter(stale, stale.end()));
    remove(stale);
    known = touched_;
}

void RedisMetrics::observe_node(const Labels& topology, const std::string& pod,
                                const redis_topology::NodeView& node) {
    Labels labels = topology;
    labels["redis_node"] = pod;
    const bool is_up = node.role != NodeRole::Unreachable;
    set(node_up_, labels, is_up ? 1 : 0);
    set(node_is_master_, labels, node.role == NodeRole::Master ? 1 : 0);
    if (!is_up) return;
    const auto number = [&](Gauges& family, std::int64_t value) {
        set(family, labels, static_cast<double>(value));
    };
    number(memory_, node.used_memory);
    number(maxmemory_, node.maxmemory);
    number(evicted_, node.evicted_keys);
    number(hits_, node.keyspace_hits);
    number(misses_, node.keyspace_misses);
    number(commands_, node.commands_processed);
    number(clients_, node.connected_clients);
    number(slow_, node.slow_commands);
}

void RedisMetrics::observe_conditions(const Labels& topology,
                                      const api::RedisTopologyStatus& status) {
    for (const api::Condition& condition : status.conditions) {
        Labels labels = topology;
        labels["kind"] = "RedisTopology";
        labels["type"] = condition.type;
        labels["status"] = to_string(condition.status);
        set(conditions_, std::move(labels), 1);
    }
}

void RedisMetrics::acted(const api::RedisTopology& topology, const std::string& step) {
    prometheus::Counter& counter = steps_.Add({{"namespace", topology.metadata.name_space},
                                               {"name", topology.metadata.name},
                                               {"step", step}});
    counter.Increment();
    counted_[key_of(topology.metadata)].insert(&counter);
}

void RedisMetrics::forget(const api::ObjectKey& key) {
    remove(series_[key]);
    series_.erase(key);
    for (prometheus::Counter* counter : counted_[key]) steps_.Remove(counter);
    counted_.erase(key);
}

void RedisMetrics::set(Gauges& family, Labels labels, double value) {
    prometheus::Gauge& gauge = family.Add(labels);
    gauge.Set(value);
    touched_.emplace(&family, &gauge);
}

void RedisMetrics::remove(const Series& series) {
    for (const auto& [family, gauge] : series) family->Remove(gauge);
}

}  // namespace chatflow
