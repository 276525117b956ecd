#include "controller/domain/postgres/conditions.hpp"

#include "controller/domain/postgres/backup.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::postgres {

using api::Condition;
using api::ConditionStatus;
using api::PatroniMember;

namespace {

class Conditions {
 public:
    Conditions(const api::PostgresTopology& topology, const Seen& seen, const Plan& plan,
               api::PostgresTopologyStatus& status)
        : topology_(topology), spec_(topology.spec), seen_(seen), plan_(plan), status_(status) {}

    void set_all() {
        set_primary();
        set_sync();
        set_replicas();
        set_backups();
        set_certificate();
        set_fenced();
        set("Paused", spec_.paused, spec_.paused ? "PausedBySpec" : "NotPaused",
            spec_.paused ? "the operator leaves the pods alone; Patroni still fails over"
                         : "the operator carries out changes");
        set("Stalled", !seen_.refused.empty(), seen_.refused.empty() ? "NotStalled" : "Refused",
            seen_.refused.empty() ? "the spec can be carried out"
                                  : fmt::format("{}", fmt::join(seen_.refused, "; ")));
        set_progress();
        set_ready();
    }

 private:
    void set(const char* type, bool holds, const char* reason, std::string message) {
        set_condition(status_.conditions,
                      {.type = type,
                       .status = holds ? ConditionStatus::True : ConditionStatus::False,
                       .observed_generation = topology_.metadata.generation,
                       .last_transition_time = seen_.now,
                       .reason = reason,
                       .message = std::move(message)});
    }

    void set_primary() {
        const PatroniMember* leader = leader_of(seen_);
        if (leader != nullptr && leader->state == "running") {
            return set("PrimaryAvailable", true, "PrimaryRunning",
                       fmt::format("{} takes the writes", leader->name));
        }
        if (spec_.hibernated) {
            return set("PrimaryAvailable", false, "Hibernated", "spec.hibernated is set");
        }
        if (leader != nullptr) {
            return set("PrimaryAvailable", false, "PrimaryNotRunning",
                       fmt::format("{} holds the lock, but is {}", leader->name, leader->state));
        }
        if (!seen_.cluster && !seen_.silence.empty()) {
            return set("PrimaryAvailable", false, "PatroniSilent",
                       fmt::format("no member answers the operator: {}", seen_.silence));
        }
        if (status_.current_primary.empty()) {
            return set("PrimaryAvailable", false, "NotInitialized",
                       "the first primary is being made");
        }
        const bool is_overdue =
            status_.no_primary_since &&
            seen_.now - *status_.no_primary_since >= failover_takes(spec_.failover.preset);
        if (!is_overdue) {
            return set("PrimaryAvailable", false, "FailoverUnderWay",
                       "Patroni elects a new primary");
        }
        const bool needs_sync = spec_.durability != api::Durability::None;
        set("PrimaryAvailable", false, needs_sync ? "SyncStandbyUnavailable" : "NoCandidate",
            fmt::format("no primary since {}: {}. Bring {} or a synchronous standby back; "
                        "docs/runbook.md, ChatflowPostgresNoPrimary, says how to accept a loss",
                        format_rfc3339(*status_.no_primary_since),
                        needs_sync ? "no standby that has every acknowledged write answers, and "
                                     "another one is not promoted"
                                   : "no standby within failover.maxLag answers",
                        status_.current_primary));
    }

    void set_sync() {
        if (spec_.durability == api::Durability::None) {
            return set("SyncReplicationHealthy", true, "NotRequired", "durability is None");
        }
        if (!status_.sync_standbys.empty()) {
            return set("SyncReplicationHealthy", true, "SyncStandbyPresent",
                       fmt::format("{} has every acknowledged write",
                                   fmt::join(status_.sync_standbys, ", ")));
        }
        set("SyncReplicationHealthy", false, "SyncStandbyMissing",
            spec_.durability == api::Durability::Required
                ? "no synchronous standby: writes wait for one"
                : "no synchronous standby: writes are on the primary alone, and Patroni would "
                  "not promote another member");
    }

    void set_replicas() {
        std::vector<std::string> bad;
        for (const api::PostgresInstance& instance : status_.instances) {
            if (instance.broken_since || instance.state == kCloning) {
                bad.push_back(fmt::format("{} is {}", instance.name, instance.state));
            } else if (instance.lag_bytes &&
                       *instance.lag_bytes > spec_.failover.max_lag.milli() / 1000) {
                bad.push_back(
                    fmt::format("{} is {} bytes behind", instance.name, *instance.lag_bytes));
            }
        }
        const auto wanted = static_cast<std::size_t>(wanted_members() + wanted_readers());
        if (!bad.empty()) {
            return set("ReplicasHealthy", false, "InstanceUnhealthy",
                       fmt::format("{}", fmt::join(bad, "; ")));
        }
        if (status_.instances.size() < wanted) {
            return set("ReplicasHealthy", false, "InstanceMissing",
                       fmt::format("{} of {} pods exist", status_.instances.size(), wanted));
        }
        set("ReplicasHealthy", true, "AllStreaming", "every instance runs within maxLag");
    }

    /// Only where something is fenced, like conditions of what was not asked for.
    void set_fenced() {
        std::vector<std::string> stopped;
        std::vector<std::string> running;
        for (const api::PostgresInstance& instance : status_.instances) {
            if (!is_fenced(topology_, instance.name)) continue;
            (instance.state == kFenced ? stopped : running).push_back(instance.name);
        }
        if (stopped.empty() && running.empty()) {
            std::erase_if(status_.conditions,
                          [](const Condition& c) { return c.type == "Fenced"; });
            return;
        }
        if (!running.empty()) {
            return set(
                "Fenced", false, "StillRunning",
                fmt::format("{} is about to be stopped{}", fmt::join(running, ", "),
                            plan_.waiting_for.empty() ? "" : "; waits for " + plan_.waiting_for));
        }
        set("Fenced", true, "FencedBySpec",
            fmt::format("PostgreSQL of {} is stopped, and no candidate, until "
                        "spec.fencedInstances lets it go",
                        fmt::join(stopped, ", ")));
    }

    void set_backups() {
        if (!spec_.backup || !status_.backups) {
            std::erase_if(status_.conditions,
                          [](const Condition& c) { return c.type == "BackupHealthy"; });
            return;
        }
        const BackupHealth health = backup_health(*spec_.backup, *status_.backups, seen_.now);
        set("BackupHealthy", health.holds, health.reason.c_str(), health.message);
    }

    void set_certificate() {
        if (seen_.certificate) {
            return set("CertificateValid", seen_.certificate->holds,
                       seen_.certificate->reason.c_str(), seen_.certificate->message);
        }
        std::erase_if(status_.conditions,
                      [](const Condition& c) { return c.type == "CertificateValid"; });
    }

    void set_progress() {
        if (plan_.step) {
            return set("Reconciling", true, to_string(plan_.step->kind).data(),
                       fmt::format("{}: {}", plan_.step->instance, plan_.step->reason));
        }
        const bool is_short = status_.ready_members + status_.ready_read_replicas + fenced() <
                              wanted_members() + wanted_readers();
        if (!plan_.waiting_for.empty() && plan_.waiting_for != "a primary") {
            return set("Reconciling", true, "Waiting", "waits for " + plan_.waiting_for);
        }
        if (is_short && !spec_.paused) {
            return set("Reconciling", true, "PodsNotReady",
                       fmt::format("{} of {} members and {} of {} read replicas are ready",
                                   status_.ready_members, wanted_members(),
                                   status_.ready_read_replicas, wanted_readers()));
        }
        set("Reconciling", false, "UpToDate", "everything is as the spec says");
    }

    void set_ready() {
        const Condition* primary = api::find_condition(status_.conditions, "PrimaryAvailable");
        set("Ready", primary->status == ConditionStatus::True, primary->reason.c_str(),
            std::string(primary->message));
    }

    [[nodiscard]] std::int32_t wanted_members() const {
        return spec_.hibernated ? 0 : spec_.members;
    }
    [[nodiscard]] std::int32_t wanted_readers() const {
        return spec_.hibernated ? 0 : spec_.read_replicas;
    }
    /// Fenced ones are not ready, and nothing is amiss.
    [[nodiscard]] std::int32_t fenced() const {
        return static_cast<std::int32_t>(std::ranges::count(status_.instances, std::string(kFenced),
                                                            &api::PostgresInstance::state));
    }

    const api::PostgresTopology& topology_;
    const api::PostgresTopologySpec& spec_;
    const Seen& seen_;
    const Plan& plan_;
    api::PostgresTopologyStatus& status_;
};

}  // namespace

void set_conditions(const api::PostgresTopology& topology, const Seen& seen, const Plan& plan,
                    api::PostgresTopologyStatus& status) {
    Conditions(topology, seen, plan, status).set_all();
}

}  // namespace chatflow::postgres
