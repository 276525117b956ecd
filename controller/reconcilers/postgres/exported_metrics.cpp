#include "controller/reconcilers/postgres/exported_metrics.hpp"

#include "controller/domain/postgres/status.hpp"

#include <chrono>
#include <utility>

namespace chatflow {
namespace {

double holds(const api::PostgresTopologyStatus& status, const char* type) {
    const api::Condition* condition = api::find_condition(status.conditions, type);
    return condition != nullptr && condition->status == api::ConditionStatus::True ? 1 : 0;
}

prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry, const char* name,
                                             const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

PostgresMetrics::PostgresMetrics(prometheus::Registry& registry)
    : primary_available_(
          gauge(registry, "chatflow_postgres_primary_available",
                "1 while a primary takes writes; nothing before the first one is there, and "
                "while hibernated.")),
      sync_healthy_(
          gauge(registry, "chatflow_postgres_sync_replication_healthy",
                "1 while acknowledged writes are as durable as asked for; nothing before the "
                "first primary is there, and while hibernated.")),
      ready_(gauge(registry, "chatflow_postgres_ready_instances",
                   "Ready pods, by pool (member, read).")),
      lag_(gauge(registry, "chatflow_postgres_replication_lag_bytes",
                 "How far an instance is behind the primary.")),
      transitions_(gauge(registry, "chatflow_postgres_leader_transitions",
                         "Changes of the primary that were seen.")),
      pooler_clients_(gauge(registry, "chatflow_postgres_pooler_clients",
                            "Connections of clients to poolers, by state (active, waiting).")),
      pooler_wait_(gauge(registry, "chatflow_postgres_pooler_max_wait_seconds",
                         "How long the first of the clients that wait has been waiting.")),
      backup_at_(gauge(registry, "chatflow_postgres_last_backup_timestamp_seconds",
                       "When the newest backup was complete.")),
      backup_healthy_(gauge(registry, "chatflow_postgres_backup_healthy",
                            "1 while backups are made and WAL is archived as asked for.")),
      certificate_valid_(gauge(registry, "chatflow_postgres_certificate_valid",
                               "1 while clients accept the certificate, for five days at least.")),
      steps_(prometheus::BuildCounter()
                 .Name("chatflow_postgres_steps_total")
                 .Help("What the operator did, by step.")
                 .Register(registry)) {}

void PostgresMetrics::observed(const api::ObjectKey& key,
                               const api::PostgresTopologyStatus& status) {
    remove_gauges(key);
    if (postgres::is_expected_to_serve(status)) {
        set(key, primary_available_, {}, holds(status, "PrimaryAvailable"));
        set(key, sync_healthy_, {}, holds(status, "SyncReplicationHealthy"));
    }
    set(key, transitions_, {}, static_cast<double>(status.leader_transitions));
    set(key, ready_, {{"pool", "member"}}, status.ready_members);
    set(key, ready_, {{"pool", "read"}}, status.ready_read_replicas);
    if (status.pooler) {
        const auto count = [](std::int64_t value) { return static_cast<double>(value); };
        set(key, pooler_clients_, {{"state", "active"}}, count(status.pooler->clients_active));
        set(key, pooler_clients_, {{"state", "waiting"}}, count(status.pooler->clients_waiting));
        set(key, pooler_wait_, {}, count(status.pooler->max_wait_ms) / 1000);
    }
    if (status.backups) {
        set(key, backup_healthy_, {}, holds(status, "BackupHealthy"));
        if (const auto& last = status.backups->last) {
            set(key, backup_at_, {},
                std::chrono::duration<double>(last->finished.time_since_epoch()).count());
        }
    }
    if (api::find_condition(status.conditions, "CertificateValid") != nullptr) {
        set(key, certificate_valid_, {}, holds(status, "CertificateValid"));
    }
    for (const api::PostgresInstance& instance : status.instances) {
        if (!instance.lag_bytes) continue;
        set(key, lag_, {{"instance_name", instance.name}},
            static_cast<double>(*instance.lag_bytes));
    }
}

void PostgresMetrics::acted(const api::ObjectKey& key, const std::string& step) {
    steps_.Add({{"namespace", key.name_space}, {"name", key.name}, {"step", step}}).Increment();
}

void PostgresMetrics::forget(const api::ObjectKey& key) {
    remove_gauges(key);
    series_.erase(key);
}

void PostgresMetrics::set(const api::ObjectKey& key, prometheus::Family<prometheus::Gauge>& family,
                          std::map<std::string, std::string> labels, double value) {
    labels.emplace("namespace", key.name_space);
    labels.emplace("name", key.name);
    prometheus::Gauge& gauge = family.Add(labels);
    gauge.Set(value);
    series_[key].push_back({&family, &gauge});
}

void PostgresMetrics::remove_gauges(const api::ObjectKey& key) {
    for (const Series& series : series_[key]) series.family->Remove(series.gauge);
    series_[key].clear();
}

}  // namespace chatflow
