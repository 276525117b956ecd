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
      archive_hole_(
          gauge(registry, "chatflow_postgres_archive_hole",
                "1 while WAL is missing in the repository and no full backup has begun since.")),
      connections_(gauge(registry, "chatflow_postgres_connections",
                         "Connections of clients to a server, by state (active, idle, "
                         "idle_in_transaction, other).")),
      connections_max_(gauge(registry, "chatflow_postgres_connections_max",
                             "Connections that users without privileges can have at a server.")),
      oldest_transaction_(gauge(registry, "chatflow_postgres_oldest_transaction_seconds",
                                "How long the oldest open transaction of a client has been open.")),
      volume_(gauge(registry, "chatflow_postgres_volume_bytes",
                    "Size of the volume of a server, which has its data and its WAL.")),
      volume_free_(gauge(registry, "chatflow_postgres_volume_free_bytes", "What is free of it.")),
      wal_(gauge(registry, "chatflow_postgres_wal_bytes", "WAL that a server keeps.")),
      wal_unarchived_(gauge(registry, "chatflow_postgres_wal_unarchived_bytes",
                            "WAL of a primary that the archive has not taken yet.")),
      statement_calls_(gauge(registry, "chatflow_postgres_statement_calls",
                             "How often one of the five statements with the most time was run, "
                             "since statistics began.")),
      statement_time_(
          gauge(registry, "chatflow_postgres_statement_seconds", "The time that it took in all.")),
      statement_mean_(gauge(registry, "chatflow_postgres_statement_mean_seconds",
                            "The time that it took on average.")),
      steps_(prometheus::BuildCounter()
                 .Name("chatflow_postgres_steps_total")
                 .Help("What the operator did, by step.")
                 .Register(registry)) {}

void PostgresMetrics::observed(const api::ObjectKey& key, const api::PostgresTopologyStatus& status,
                               const std::map<std::string, postgres::ServerUse>& uses) {
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
        set(key, archive_hole_, {}, status.backups->archive_hole ? 1 : 0);
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
    for (const auto& [instance, use] : uses) use_of(key, instance, use);
}

void PostgresMetrics::use_of(const api::ObjectKey& key, const std::string& instance,
                             const postgres::ServerUse& use) {
    const auto number = [](std::int64_t value) { return static_cast<double>(value); };
    const std::map<std::string, std::string> labels{{"instance_name", instance}};
    for (const auto& [state, count] : use.connections) {
        set(key, connections_, {{"instance_name", instance}, {"state", state}}, number(count));
    }
    set(key, connections_max_, labels, number(use.connections_max));
    set(key, oldest_transaction_, labels, number(use.oldest_transaction_seconds));
    if (use.volume_bytes) set(key, volume_, labels, number(*use.volume_bytes));
    if (use.volume_free_bytes) set(key, volume_free_, labels, number(*use.volume_free_bytes));
    set(key, wal_, labels, number(use.wal_bytes));
    set(key, wal_unarchived_, labels, number(use.wal_unarchived_bytes));
    for (const postgres::StatementCost& cost : use.statements) {
        auto statement = labels;
        statement.emplace("database", cost.database);
        statement.emplace("query_id", cost.query_id);
        set(key, statement_calls_, statement, number(cost.calls));
        set(key, statement_time_, statement, cost.total_seconds);
        set(key, statement_mean_, statement, cost.mean_seconds);
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
