#include "controller/domain/postgres/status.hpp"

#include "controller/domain/postgres/conditions.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/pooler.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::postgres {

using api::Condition;
using api::ConditionStatus;
using api::InstanceRole;
using api::PatroniMember;
using api::PostgresTopology;
using api::PostgresTopologyStatus;

namespace {

// How long after a switchover of ours a new primary is its result.
constexpr std::chrono::seconds kSwitchoverTakes{60};

InstanceRole role_of(const PatroniMember& member, const SeenPod& pod) {
    if (member.role == "leader") return InstanceRole::Primary;
    if (pod.is_read_replica) return InstanceRole::ReadReplica;
    if (member.role == "sync_standby" || member.role == "quorum_standby") {
        return InstanceRole::SyncStandby;
    }
    return InstanceRole::Standby;
}

api::PostgresInstance instance_of(const PostgresTopology& topology, const SeenPod& pod,
                                  const Seen& seen) {
    api::PostgresInstance instance{.name = pod.name, .state = "unknown", .node = pod.node};
    const PatroniMember* member = find_member(seen, pod.name);
    if (member != nullptr) {
        instance.role = role_of(*member, pod);
        instance.state = member->state;
        instance.timeline = member->timeline;
        instance.lag_bytes = member->lag_bytes;
        instance.pending_restart = member->pending_restart;
    }
    if (const auto lsn = seen.lsns.find(pod.name); lsn != seen.lsns.end()) {
        instance.lsn = lsn->second;
    }
    const PostgresTopologyStatus& before = topology.status;
    const auto old = std::ranges::find(before.instances, pod.name, &api::PostgresInstance::name);
    if (std::ranges::contains(seen.draining, pod.name)) {
        const bool is_known = old != before.instances.end() && old->draining_since;
        instance.draining_since = is_known ? old->draining_since : std::optional(seen.now);
    }
    if (is_fenced(topology, pod.name) && instance.state == "stopped") {
        instance.state = kFenced;
        return instance;
    }
    // A clone takes as long as it takes; the time to heal begins anew behind it.
    if (member != nullptr && (is_healthy(*member) || is_cloning(*member))) return instance;
    instance.broken_since = old != before.instances.end() && old->broken_since
                                ? old->broken_since
                                : std::optional(seen.now);
    return instance;
}

class Writer {
 public:
    Writer(const PostgresTopology& topology, const Seen& seen, const Plan& plan)
        : topology_(topology),
          spec_(topology.spec),
          seen_(seen),
          plan_(plan),
          status_(topology.status) {}

    PostgresTopologyStatus next() {
        status_.observed_generation = topology_.metadata.generation;
        const std::string& name = topology_.metadata.name;
        status_.services = {.read_write = read_write_service(name),
                            .read_only = name + "-ro",
                            .any = name + "-r",
                            .pooler = spec_.pooler ? pooler_object(name) : ""};
        status_.pooler = seen_.pooler;
        status_.backups = seen_.backups;
        status_.index_hints = seen_.index_hints;
        status_.read_replica_selector =
            fmt::format("{}={},{}={}", kTopologyLabel, name, kPoolLabel, kReadPool);
        note_primary();
        note_instances();
        note_plan();
        set_conditions(topology_, seen_, plan_, status_);
        return std::move(status_);
    }

 private:
    void note_primary() {
        const PatroniMember* leader = leader_of(seen_);
        if (leader == nullptr) {
            // Nobody expects one then; the time counts from when the pods are to run again.
            if (spec_.hibernated) return status_.no_primary_since.reset();
            if (!status_.no_primary_since) status_.no_primary_since = seen_.now;
            return;
        }
        status_.no_primary_since.reset();
        status_.timeline = leader->timeline;
        if (leader->name == status_.current_primary) return;
        if (!status_.current_primary.empty()) {
            ++status_.leader_transitions;
            status_.last_transition = api::PostgresTransition{.from = status_.current_primary,
                                                              .to = leader->name,
                                                              .at = seen_.now,
                                                              .planned = has_switched_over()};
        }
        status_.current_primary = leader->name;
        status_.primary_since = seen_.now;
    }

    [[nodiscard]] bool has_switched_over() const {
        return std::ranges::any_of(status_.actions, [this](const api::PostgresAction& action) {
            return action.kind == to_string(StepKind::Switchover) &&
                   seen_.now - action.at < kSwitchoverTakes;
        });
    }

    void note_instances() {
        status_.instances.clear();
        status_.sync_standbys.clear();
        status_.lag_bytes_max.reset();
        status_.ready_members = status_.ready_read_replicas = status_.read_replicas = 0;
        for (const SeenPod& pod : seen_.pods) {
            auto instance = instance_of(topology_, pod, seen_);
            if (instance.lag_bytes) {
                status_.lag_bytes_max =
                    std::max(status_.lag_bytes_max.value_or(0), *instance.lag_bytes);
            }
            if (instance.role == InstanceRole::SyncStandby) {
                status_.sync_standbys.push_back(pod.name);
            }
            const bool is_ready = pod.is_ready && !pod.is_terminating;
            if (pod.is_read_replica) ++status_.read_replicas;
            if (is_ready) {
                ++(pod.is_read_replica ? status_.ready_read_replicas : status_.ready_members);
            }
            status_.instances.push_back(std::move(instance));
        }
        std::ranges::sort(status_.instances, {}, &api::PostgresInstance::name);
        std::ranges::sort(status_.sync_standbys);
        status_.members_ready = fmt::format("{}/{}", status_.ready_members, wanted_members());
        note_clones();
    }

    /// A clone that has failed shows as "stopped" between its attempts, and its pod may be away:
    /// only a member that streams has data again.
    void note_clones() {
        std::erase_if(status_.cloning, [this](const std::string& name) {
            return find_pod(seen_, name) == nullptr && !is_wanted(name);
        });
        if (!seen_.cluster) return;
        for (const PatroniMember& member : seen_.cluster->members) {
            if (is_healthy(member)) {
                std::erase(status_.cloning, member.name);
            } else if (is_cloning(member)) {
                note_clone(member.name);
            }
        }
    }
    [[nodiscard]] bool is_wanted(const std::string& pod) const {
        const std::string& name = topology_.metadata.name;
        for (std::int32_t i = 0; i < spec_.members; ++i) {
            if (pod == fmt::format("{}-{}", name, i)) return true;
        }
        for (std::int32_t i = 0; i < spec_.read_replicas; ++i) {
            if (pod == fmt::format("{}-{}", read_pool(name), i)) return true;
        }
        return false;
    }
    void note_clone(const std::string& name) {
        if (!std::ranges::contains(status_.cloning, name)) status_.cloning.push_back(name);
    }

    [[nodiscard]] std::int32_t wanted_members() const {
        return spec_.hibernated ? 0 : spec_.members;
    }

    void note_plan() {
        if (!plan_.finished_switchover.empty()) status_.last_switchover = plan_.finished_switchover;
        if (!plan_.step) return;
        status_.actions.push_back({.kind = std::string(to_string(plan_.step->kind)),
                                   .instance = plan_.step->instance,
                                   .reason = plan_.step->reason,
                                   .at = seen_.now});
        if (plan_.step->kind == StepKind::Reinitialize) note_clone(plan_.step->instance);
        forget_actions();
    }

    /// The oldest that nothing counts by any more.
    void forget_actions() {
        auto& actions = status_.actions;
        constexpr auto kTold = static_cast<std::ptrdiff_t>(api::kPostgresActionsTold);
        while (actions.size() > api::kPostgresActionsTold) {
            const auto last = actions.end() - kTold;
            const auto old = std::find_if(
                actions.begin(), last, [this](const auto& action) { return !is_counted(action); });
            if (old == last && actions.size() <= api::kPostgresActionsMax) return;
            actions.erase(old == last ? actions.begin() : old);
        }
    }

    /// By healing.maxPerHour, for whether a new start was tried before a clone, and for whether a
    /// restart was in vain.
    [[nodiscard]] bool is_counted(const api::PostgresAction& action) const {
        if (action.kind == to_string(StepKind::Switchover)) return false;
        if (action.kind != to_string(StepKind::RestartPod)) {
            return seen_.now - action.at < kHealingWindow;
        }
        const auto& all = status_.instances;
        const auto found = std::ranges::find(all, action.instance, &api::PostgresInstance::name);
        return found != all.end() && found->broken_since && action.at >= *found->broken_since;
    }

    const PostgresTopology& topology_;
    const api::PostgresTopologySpec& spec_;
    const Seen& seen_;
    const Plan& plan_;
    PostgresTopologyStatus status_;
};

}  // namespace

PostgresTopologyStatus next_status(const PostgresTopology& topology, const Seen& seen,
                                   const Plan& plan) {
    return Writer(topology, seen, plan).next();
}

PostgresTopologyStatus begun_status(const PostgresTopology& topology, const Seen& seen,
                                    const Plan& plan) {
    PostgresTopologyStatus status = topology.status;
    const PatroniMember* leader = leader_of(seen);
    if (leader == nullptr) return status;
    const auto& last = status.handover;
    const bool is_again =
        last && last->primary == leader->name && last->timeline == leader->timeline;
    status.handover = api::PostgresHandover{.request_id = plan.finished_switchover,
                                            .primary = leader->name,
                                            .timeline = leader->timeline,
                                            .attempts = is_again ? last->attempts + 1 : 1,
                                            .at = seen.now};
    return status;
}

PostgresTopologyStatus stalled_status(const PostgresTopology& topology, const std::string& reason,
                                      const std::string& message, TimePoint now) {
    PostgresTopologyStatus status = topology.status;
    status.observed_generation = topology.metadata.generation;
    for (const auto& [type, holds] :
         {std::pair{"Stalled", true}, {"Ready", false}, {"Reconciling", false}}) {
        set_condition(status.conditions,
                      {.type = type,
                       .status = holds ? ConditionStatus::True : ConditionStatus::False,
                       .observed_generation = topology.metadata.generation,
                       .last_transition_time = now,
                       .reason = reason,
                       .message = message});
    }
    return status;
}

bool is_expected_to_serve(const PostgresTopologyStatus& status) {
    const Condition* primary = api::find_condition(status.conditions, "PrimaryAvailable");
    return !status.current_primary.empty() && primary != nullptr && primary->reason != "Hibernated";
}

std::vector<EventNote> events_between(const PostgresTopologyStatus& before,
                                      const PostgresTopologyStatus& after) {
    std::vector<EventNote> notes;
    if (after.last_transition && after.last_transition != before.last_transition) {
        const api::PostgresTransition& change = *after.last_transition;
        notes.push_back({change.planned ? "SwitchedOver" : "FailedOver",
                         fmt::format("the primary is {}, before it was {}", change.to, change.from),
                         !change.planned});
    }
    if (!after.actions.empty() &&
        (before.actions.empty() || before.actions.back() != after.actions.back())) {
        const api::PostgresAction& action = after.actions.back();
        notes.push_back({action.kind, fmt::format("{}: {}", action.instance, action.reason),
                         action.kind == to_string(StepKind::Reinitialize)});
    }
    for (const char* type : {"PrimaryAvailable", "SyncReplicationHealthy", "ReplicasHealthy",
                             "BackupHealthy", "CertificateValid"}) {
        const Condition* old = api::find_condition(before.conditions, type);
        const Condition* now = api::find_condition(after.conditions, type);
        if (now == nullptr || (old == nullptr && now->status == ConditionStatus::False)) continue;
        if (old != nullptr && (old->status == now->status && old->reason == now->reason)) continue;
        notes.push_back({now->reason, now->message, now->status == ConditionStatus::False});
    }
    return notes;
}

}  // namespace chatflow::postgres
