#include "controller/cli/topology_text.hpp"

#include "controller/api/names.hpp"
#include "controller/api/postgres_topology_codec.hpp"
#include "controller/cli/paragraphs.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

constexpr std::size_t kNameColumns = 25;

std::string ago(TimePoint at, TimePoint now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - at).count();
    if (seconds < 120) return fmt::format("{} s ago", seconds);
    if (seconds < 7200) return fmt::format("{} min ago", seconds / 60);
    return fmt::format("{} h ago", seconds / 3600);
}

/// Whether the condition's message is worth its lines.
bool is_news(const api::Condition& condition) {
    const std::string_view type = condition.type;
    if (type == "Fenced") return true;
    const bool is_amiss_when_true = type == "Stalled" || type == "Reconciling" || type == "Paused";
    return (condition.status == api::ConditionStatus::True) == is_amiss_when_true;
}

std::string conditions_of(const api::PostgresTopologyStatus& status) {
    std::string text;
    for (const char* type :
         {"Ready", "PrimaryAvailable", "SyncReplicationHealthy", "ReplicasHealthy", "BackupHealthy",
          "CertificateValid", "Fenced", "Paused", "Reconciling", "Stalled"}) {
        const api::Condition* condition = api::find_condition(status.conditions, type);
        if (condition == nullptr) continue;
        text += padded(fmt::format("  {}", type), 26);
        text += padded(to_string(condition->status), 8) + condition->reason + "\n";
        if (is_news(*condition)) text += paragraph(condition->message, 4);
    }
    return text;
}

std::string lag_of(const api::PostgresInstance& instance) {
    if (!instance.lag_bytes) return instance.role == api::InstanceRole::Primary ? "-" : "unknown";
    const std::int64_t bytes = *instance.lag_bytes;
    if (bytes < 1024) return fmt::format("{} B", bytes);
    if (bytes < 1024 * 1024) return fmt::format("{} KiB", bytes >> 10);
    return fmt::format("{} MiB", bytes >> 20);
}

std::string instances_of(const api::PostgresTopologyStatus& status) {
    std::string text = padded("  INSTANCE", 26) + padded("ROLE", 13) + padded("STATE", 19) +
                       padded("TL", 4) + "LAG\n";
    for (const api::PostgresInstance& instance : status.instances) {
        // A name that is too long for its column has a line of its own.
        const std::string name = "  " + instance.name;
        text += columns_of(name) <= kNameColumns ? padded(name, kNameColumns)
                                                 : name + "\n" + padded("", kNameColumns);
        text += " " + padded(to_string(instance.role), 12) + " " + padded(instance.state, 18) +
                " " + padded(std::to_string(instance.timeline), 3) + " " + lag_of(instance) + "\n";
        if (instance.pending_restart) text += paragraph("waits for a restart", 4);
    }
    return text;
}

std::string pooler_of(const api::PostgresPoolerStatus& pooler) {
    return fmt::format(
        "\nPooler: {} ready{}, {} clients, {} waiting{}, {} connections.\n", pooler.ready,
        pooler.paused > 0 ? fmt::format(", {} paused", pooler.paused) : "", pooler.clients_active,
        pooler.clients_waiting,
        pooler.clients_waiting > 0 ? fmt::format(" for up to {} ms", pooler.max_wait_ms) : "",
        pooler.servers);
}

std::string backups_of(const api::PostgresBackupStatus& backups, TimePoint now) {
    std::string text = "\nBackups: none yet";
    if (backups.last) {
        text = fmt::format("\nBackups: {}, the last {} ({}, {} MiB, {} MiB stored)", backups.count,
                           ago(backups.last->finished, now), backups.last->type,
                           backups.last->size_bytes >> 20, backups.last->stored_bytes >> 20);
    }
    text += backups.archived_at ? fmt::format("; WAL archived {}.", ago(*backups.archived_at, now))
                                : "; no WAL archived.";
    if (!backups.failure.empty()) text += " Failed: " + backups.failure;
    if (const auto& drill = backups.drill) {
        text += fmt::format(" Restore drill {}: {}.", drill->outcome, drill->message);
    }
    return paragraph(text);
}

std::string hints_of(const std::vector<api::PostgresIndexHint>& hints) {
    std::string text =
        "\nTables that are read from end to end; docs/runbook.md says how to index:\n";
    for (const api::PostgresIndexHint& hint : hints) {
        text += paragraph(
            fmt::format("{} in {}, {} MiB: {} scans of {} rows each", hint.table, hint.database,
                        hint.size_bytes >> 20, hint.scans, hint.rows_per_scan),
            2);
        if (!hint.statement.empty()) text += paragraph(hint.statement, 4);
    }
    return text;
}

}  // namespace

std::string topology_text(const api::PostgresTopology& topology, TimePoint now) {
    const api::PostgresTopologyStatus& status = topology.status;
    std::string text = fmt::format("PostgresTopology {}/{}\n", topology.metadata.name_space,
                                   topology.metadata.name);
    text += fmt::format("  durability {}, {} members ready, {} of {} read replicas ready\n",
                        to_string(topology.spec.durability), status.members_ready,
                        status.ready_read_replicas, topology.spec.read_replicas);
    text += paragraph(fmt::format("write {}, read {}", status.services.read_write,
                                  status.services.read_only),
                      2) +
            "\n";
    text += conditions_of(status) + "\n" + instances_of(status);
    if (status.last_transition) {
        text +=
            paragraph(fmt::format("\nPrimary {} since {}, {} from {}; {} changes in all.",
                                  status.last_transition->to, ago(status.last_transition->at, now),
                                  status.last_transition->planned ? "switched over" : "failed over",
                                  status.last_transition->from, status.leader_transitions));
    }
    if (status.pooler) text += pooler_of(*status.pooler);
    if (status.backups) text += backups_of(*status.backups, now);
    if (!status.index_hints.empty()) text += hints_of(status.index_hints);
    if (!status.actions.empty()) {
        text += "\nWhat the operator did last:\n";
        for (const api::PostgresAction& action : status.actions) {
            text += paragraph(fmt::format("{} {} {}: {}", ago(action.at, now), action.kind,
                                          action.instance, action.reason),
                              2);
        }
    }
    return text;
}

}  // namespace chatflow::cli
