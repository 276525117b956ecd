#include "controller/domain/postgres/plan.hpp"

#include "controller/domain/postgres/patroni_settings.hpp"
#include "controller/domain/postgres/pending.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace chatflow::postgres {

using api::PatroniMember;
using api::PostgresTopology;
using std::chrono::seconds;

namespace {

// Beside Patroni's loop: until what was done shows in what is seen.
constexpr seconds kSettleTime{1};
constexpr std::chrono::hours kHealingWindow{1};
// Longer than any preset's 3 * ttl: Patroni elects nobody any more.
constexpr seconds kNoFailover{60};

const PatroniMember* find(const Seen& seen, const std::string& name) {
    if (!seen.cluster) return nullptr;
    const auto found = std::ranges::find(seen.cluster->members, name, &PatroniMember::name);
    return found == seen.cluster->members.end() ? nullptr : &*found;
}

const SeenPod* find_pod(const Seen& seen, const std::string& name) {
    const auto found = std::ranges::find(seen.pods, name, &SeenPod::name);
    return found == seen.pods.end() ? nullptr : &*found;
}

bool is_sync(const PatroniMember& member) {
    return member.role == "sync_standby" || member.role == "quorum_standby";
}

std::int64_t max_lag_of(const PostgresTopology& topology) {
    return topology.spec.failover.max_lag.milli() / 1000;
}

/// Whether the member can take over now.
bool can_lead(const PostgresTopology& topology, const Seen& seen, const PatroniMember& member) {
    const SeenPod* pod = find_pod(seen, member.name);
    if (pod == nullptr || pod->is_read_replica || pod->is_terminating || !is_healthy(member) ||
        member.role == "leader" || is_fenced(topology, member.name)) {
        return false;
    }
    if (!member.lag_bytes || *member.lag_bytes > max_lag_of(topology)) return false;
    return topology.spec.durability == api::Durability::None || is_sync(member);
}

bool is_outdated(const SeenPod& pod) {
    const bool is_known = !pod.revision.empty() && !pod.wanted_revision.empty();
    return is_known && pod.revision != pod.wanted_revision;
}

const PatroniMember* successor(const PostgresTopology& topology, const Seen& seen) {
    const auto& members = seen.cluster->members;
    const auto found = std::ranges::find_if(
        members, [&](const PatroniMember& m) { return can_lead(topology, seen, m); });
    return found == members.end() ? nullptr : &*found;
}

class Planner {
 public:
    Planner(const PostgresTopology& topology, const Seen& seen)
        : topology_(topology), seen_(seen), leader_(leader_of(seen)) {}

    Plan next() {
        const auto& spec = topology_.spec;
        if (spec.paused || spec.hibernated) return {};
        if (leader_ == nullptr || leader_->state != "running") {
            if (!has_just_acted() && plan_rescue()) return plan_;
            return {.step = {}, .finished_switchover = {}, .waiting_for = "a primary"};
        }
        if (has_just_acted()) {
            return {.step = {}, .finished_switchover = {}, .waiting_for = "the last step to show"};
        }
        // The first that finds something to do, or to wait for.
        static_cast<void>(plan_fencing() || plan_switchover() || plan_healing() || plan_rollout() ||
                          plan_restarts());
        return plan_;
    }

 private:
    [[nodiscard]] bool has_just_acted() const {
        const auto& actions = topology_.status.actions;
        return !actions.empty() && seen_.now - actions.back().at <
                                       loop_wait(topology_.spec.failover.preset) + kSettleTime;
    }

    bool step(StepKind kind, const std::string& instance, std::string reason,
              std::optional<std::string> target = std::nullopt) {
        plan_.step = Step{.kind = kind,
                          .instance = instance,
                          .target = std::move(target),
                          .reason = std::move(reason)};
        return true;
    }
    bool wait(std::string what) {
        plan_.waiting_for = std::move(what);
        return true;
    }

    /// What is fenced or about to go is neither healed nor changed, and nobody waits for it.
    [[nodiscard]] bool is_left_alone(const std::string& name) const {
        return is_fenced(topology_, name) || std::ranges::contains(seen_.draining, name);
    }

    bool plan_fencing() {
        if (!is_fenced(topology_, leader_->name)) return false;
        const PatroniMember* next = successor(topology_, seen_);
        if (next == nullptr) {
            return wait(fmt::format("a standby that can take over from {}, which is fenced",
                                    leader_->name));
        }
        return step(StepKind::Switchover, leader_->name, "it is fenced: hand over first",
                    next->name);
    }

    bool plan_switchover() {
        const auto& asked = topology_.spec.switchover;
        if (!asked || asked->request_id == topology_.status.last_switchover) return false;
        if (asked->at && seen_.now < *asked->at) return false;
        if (asked->target == leader_->name) {
            plan_.finished_switchover = asked->request_id;
            return false;
        }
        const PatroniMember* target =
            asked->target ? find(seen_, *asked->target) : successor(topology_, seen_);
        if (target == nullptr || !can_lead(topology_, seen_, *target)) {
            return wait(fmt::format("{} to be {}, for switchover {}",
                                    asked->target.value_or("a standby"),
                                    topology_.spec.durability == api::Durability::None
                                        ? "streaming within maxLag"
                                        : "a synchronous standby within maxLag",
                                    asked->request_id));
        }
        plan_.finished_switchover = asked->request_id;
        return step(StepKind::Switchover, leader_->name,
                    fmt::format("switchover {} was asked for", asked->request_id), target->name);
    }

    bool plan_healing() {
        const auto& healing = topology_.spec.healing;
        for (const api::PostgresInstance& instance : topology_.status.instances) {
            const PatroniMember* member = find(seen_, instance.name);
            if (!instance.broken_since || member == nullptr || is_healthy(*member) ||
                member == leader_ || is_cloning(*member) || is_left_alone(instance.name)) {
                continue;
            }
            const auto broken_for =
                std::chrono::floor<seconds>(seen_.now - since_last_clone(instance));
            const seconds limit{healing.reinit_after_seconds};
            if (broken_for >= limit) return reinitialize(instance, *member, broken_for);
            if (broken_for >= limit / 2 && !was_restarted_since(instance)) {
                return step(StepKind::RestartPod, instance.name,
                            fmt::format("it has been \"{}\" for {} s: first a new start",
                                        member->state, broken_for.count()));
            }
        }
        return false;
    }

    /// Since when it has been broken; a clone that was begun in the meantime counts from there.
    [[nodiscard]] TimePoint since_last_clone(const api::PostgresInstance& instance) const {
        TimePoint since = *instance.broken_since;
        for (const api::PostgresAction& action : topology_.status.actions) {
            const bool is_clone = action.instance == instance.name &&
                                  action.kind == to_string(StepKind::Reinitialize);
            if (is_clone) since = std::max(since, action.at);
        }
        return since;
    }

    bool reinitialize(const api::PostgresInstance& instance, const PatroniMember& member,
                      seconds broken_for) {
        const auto recent = std::ranges::count_if(
            topology_.status.actions, [this](const api::PostgresAction& action) {
                return action.kind == to_string(StepKind::Reinitialize) &&
                       seen_.now - action.at < kHealingWindow;
            });
        if (recent >= topology_.spec.healing.max_per_hour) {
            return wait(
                fmt::format("the next hour: {} clones within the last are the limit "
                            "(healing.maxPerHour)",
                            recent));
        }
        return step(StepKind::Reinitialize, instance.name,
                    fmt::format("it has been \"{}\" for {} s and a new start did not help: clone "
                                "it anew, the primary {} is healthy",
                                member.state, broken_for.count(), leader_->name));
    }

    [[nodiscard]] bool was_restarted_since(const api::PostgresInstance& instance) const {
        return std::ranges::any_of(topology_.status.actions,
                                   [&](const api::PostgresAction& action) {
                                       return action.instance == instance.name &&
                                              action.kind == to_string(StepKind::RestartPod) &&
                                              action.at >= *instance.broken_since;
                                   });
    }

    /// More memory, say, may be what brings the primary back: it waits for none.
    bool plan_rescue() {
        const auto& since = topology_.status.no_primary_since;
        if (!since || seen_.now - *since < kNoFailover) return false;
        for (const SeenPod& pod : seen_.pods) {
            if (!is_outdated(pod) || pod.is_ready || pod.is_terminating) continue;
            return step(StepKind::RestartPod, pod.name,
                        "there is no primary, it is not ready, and its template has changed");
        }
        return false;
    }

    /// Read replicas, standbys, synchronous ones, the primary.
    [[nodiscard]] int rank(const std::string& name) const {
        const SeenPod* pod = find_pod(seen_, name);
        const PatroniMember* member = find(seen_, name);
        if (pod != nullptr && pod->is_read_replica) return 0;
        if (member == nullptr) return 1;
        if (member == leader_) return 3;
        return is_sync(*member) ? 2 : 1;
    }

    [[nodiscard]] const SeenPod* unhealthy_pod() const {
        for (const SeenPod& pod : seen_.pods) {
            if (is_left_alone(pod.name)) continue;
            const PatroniMember* member = find(seen_, pod.name);
            if (pod.is_terminating || !pod.is_ready || member == nullptr || !is_healthy(*member)) {
                return &pod;
            }
        }
        return nullptr;
    }

    bool is_complete() const {
        const auto wanted = static_cast<std::size_t>(topology_.spec.members) +
                            static_cast<std::size_t>(topology_.spec.read_replicas);
        return seen_.pods.size() >= wanted;
    }

    bool plan_rollout() {
        std::vector<const SeenPod*> outdated;
        for (const SeenPod& pod : seen_.pods) {
            if (!is_left_alone(pod.name) && is_outdated(pod)) outdated.push_back(&pod);
        }
        if (outdated.empty()) return false;
        const SeenPod* unhealthy = unhealthy_pod();
        if (unhealthy != nullptr && std::ranges::contains(outdated, unhealthy) &&
            !unhealthy->is_terminating && rank(unhealthy->name) < 3) {
            return step(StepKind::RestartPod, unhealthy->name,
                        "its template has changed, and it is not healthy anyway");
        }
        if (unhealthy != nullptr || !is_complete()) {
            return wait(fmt::format("{} before the next pod is replaced",
                                    unhealthy ? unhealthy->name : "all pods"));
        }
        const auto* const pod = *std::ranges::min_element(
            outdated, {}, [this](const SeenPod* p) { return rank(p->name); });
        return restart_in_order(StepKind::RestartPod, pod->name, "its template has changed");
    }

    bool plan_restarts() {
        std::vector<std::string> pending = restartable(*seen_.cluster, *leader_);
        // A restart that did not help is not repeated.
        std::erase_if(pending, [this](const std::string& name) {
            return is_left_alone(name) ||
                   was_in_vain(*find(seen_, name), *leader_, topology_.status.actions, seen_.now);
        });
        if (pending.empty()) return false;
        if (const SeenPod* unhealthy = unhealthy_pod()) {
            return wait(fmt::format("{} before the next server is restarted", unhealthy->name));
        }
        const auto name = *std::ranges::min_element(
            pending, {}, [this](const std::string& n) { return rank(n); });
        const std::string reason = restart_reason(*find(seen_, name));
        if (name == leader_->name && begins_with_primary(*leader_)) {
            return step(StepKind::RestartServer, name,
                        reason + ", in place: standbys must not have less than the primary");
        }
        return restart_in_order(StepKind::RestartServer, name, reason);
    }

    bool restart_in_order(StepKind kind, const std::string& name, const std::string& reason) {
        const bool hands_over = name == leader_->name && topology_.spec.members > 1 &&
                                topology_.spec.primary_update == api::PrimaryUpdate::Switchover;
        if (!hands_over) return step(kind, name, reason);
        const PatroniMember* next = successor(topology_, seen_);
        if (next == nullptr) return wait("a standby that can take over from " + name);
        return step(StepKind::Switchover, name, reason + ": hand over first", next->name);
    }

    const PostgresTopology& topology_;
    const Seen& seen_;
    const PatroniMember* leader_;
    Plan plan_;
};

}  // namespace

Plan plan_next(const PostgresTopology& topology, const Seen& seen) {
    return Planner(topology, seen).next();
}

}  // namespace chatflow::postgres
