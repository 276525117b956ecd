#include "controller/domain/postgres/plan.hpp"

#include "controller/domain/postgres/healing.hpp"
#include "controller/domain/postgres/member_pool.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"
#include "controller/domain/postgres/pending.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::postgres {

using api::PatroniMember;
using api::PostgresTopology;
using std::chrono::seconds;

namespace {

// Beside Patroni's loop: until what was done shows in what is seen.
constexpr seconds kSettleTime{1};
// Before a handover is asked for again; doubled each time. Every attempt holds transactions.
constexpr seconds kFirstPause{30};
constexpr seconds kLongestPause{600};
bool is_sync(const PatroniMember& member) {
    return member.role == "sync_standby" || member.role == "quorum_standby";
}

bool is_close(const PostgresTopology& topology, const PatroniMember& member) {
    const std::int64_t max_lag = topology.spec.failover.max_lag.milli() / 1000;
    return member.lag_bytes && *member.lag_bytes <= max_lag;
}

/// Whether the member can take over now.
bool can_lead(const PostgresTopology& topology, const Seen& seen, const PatroniMember& member) {
    const SeenPod* pod = find_pod(seen, member.name);
    if (pod == nullptr || pod->is_read_replica || pod->is_terminating || !pod->is_ready ||
        !is_healthy(member) || member.role == "leader" || is_fenced(topology, member.name) ||
        is_surplus(topology, member.name)) {
        return false;
    }
    if (!is_close(topology, member)) return false;
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
        // The first that finds something to do; what has to wait holds up nothing behind it.
        static_cast<void>(plan_fencing() || plan_switchover() || plan_shrinking() ||
                          plan_healing() || plan_rollout() || plan_restarts());
        if (!plan_.step) plan_.waiting_for = fmt::format("{}", fmt::join(waits_, "; "));
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
    /// Asks Patroni once more only when the last attempt has had its time, and nothing has come of
    /// it.
    bool hand_over(std::string reason, const std::string& to) {
        if (const PatroniMember* late = late_to_acknowledge(to)) {
            return wait(fmt::format("{} to be synchronous, so that {} finds who acknowledges",
                                    late->name, to));
        }
        if (const auto& tried = topology_.status.handover; tried && !has_come_about(*tried)) {
            seconds pause = kFirstPause;
            for (int i = 1; i < tried->attempts && pause < kLongestPause; ++i) pause *= 2;
            const TimePoint next = tried->at + std::min(pause, kLongestPause);
            if (seen_.now < next) {
                return wait(fmt::format("{}, to ask {} again to hand over: {} attempts so far",
                                        format_rfc3339(std::chrono::ceil<seconds>(next)),
                                        leader_->name, tried->attempts));
            }
        }
        return step(StepKind::Switchover, leader_->name, std::move(reason), to);
    }

    /// A new primary begins with the standbys that are synchronous when it is chosen. Were it the
    /// only one, its writes would wait until the old primary has started again as a standby,
    /// although another one streams, and would be synchronous with Patroni's next loop.
    [[nodiscard]] const PatroniMember* late_to_acknowledge(const std::string& new_primary) const {
        if (topology_.spec.durability == api::Durability::None) return nullptr;
        const PatroniMember* late = nullptr;
        for (const PatroniMember& member : seen_.cluster->members) {
            const SeenPod* pod = find_pod(seen_, member.name);
            if (member.name == new_primary || &member == leader_) continue;
            if (pod == nullptr || pod->is_read_replica || is_left_alone(member.name)) continue;
            if (is_sync(member)) return nullptr;
            if (is_healthy(member) && is_close(topology_, member)) late = &member;
        }
        return late;
    }

    /// A promotion always begins a timeline; 0 is one that was not told.
    [[nodiscard]] bool has_come_about(const api::PostgresHandover& tried) const {
        return tried.primary != leader_->name ||
               (tried.timeline != 0 && leader_->timeline > tried.timeline);
    }

    /// Never the end of planning.
    bool wait(std::string what) {
        waits_.push_back(std::move(what));
        return false;
    }

    [[nodiscard]] bool is_left_alone(const std::string& name) const {
        return postgres::is_left_alone(topology_, seen_, name);
    }

    bool plan_fencing() {
        if (!is_fenced(topology_, leader_->name)) return false;
        const PatroniMember* next = successor(topology_, seen_);
        if (next == nullptr) {
            return wait(fmt::format("a standby that can take over from {}, which is fenced",
                                    leader_->name));
        }
        return hand_over("it is fenced: hand over first", next->name);
    }

    bool plan_switchover() {
        const auto& asked = topology_.spec.switchover;
        if (!asked || asked->request_id == topology_.status.last_switchover) return false;
        if (asked->at && seen_.now < *asked->at) return false;
        const auto& tried = topology_.status.handover;
        const bool is_done =
            tried && tried->request_id == asked->request_id && has_come_about(*tried);
        if (is_done || asked->target == leader_->name) {
            plan_.finished_switchover = asked->request_id;
            return false;
        }
        const PatroniMember* target =
            asked->target ? find_member(seen_, *asked->target) : successor(topology_, seen_);
        if (target == nullptr || !can_lead(topology_, seen_, *target)) {
            return wait(fmt::format("{} to be {}, for switchover {}",
                                    asked->target.value_or("a standby"),
                                    topology_.spec.durability == api::Durability::None
                                        ? "streaming within maxLag"
                                        : "a synchronous standby within maxLag",
                                    asked->request_id));
        }
        if (!hand_over(fmt::format("switchover {} was asked for", asked->request_id),
                       target->name)) {
            return false;
        }
        plan_.finished_switchover = asked->request_id;
        return true;
    }

    /// Of a primary that is to go with the number of members.
    bool plan_shrinking() {
        if (!is_surplus(topology_, leader_->name)) return false;
        const PatroniMember* next = successor(topology_, seen_);
        if (next == nullptr) {
            return wait(
                fmt::format("a standby that can take over from {}, which is to go", leader_->name));
        }
        return hand_over(
            fmt::format("it is to go, with members at {}: hand over first", topology_.spec.members),
            next->name);
    }

    bool plan_healing() {
        Healing healing = postgres::plan_healing(topology_, seen_, *leader_);
        for (std::string& what : healing.waits) wait(std::move(what));
        plan_.step = std::move(healing.step);
        return plan_.step.has_value();
    }

    /// More memory, say, may be what brings the primary back: it waits for none.
    bool plan_rescue() {
        const auto& since = topology_.status.no_primary_since;
        const auto preset = topology_.spec.failover.preset;
        if (!since || seen_.now - *since < failover_takes(preset)) return false;
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
        const PatroniMember* member = find_member(seen_, name);
        if (pod != nullptr && pod->is_read_replica) return 0;
        if (member == nullptr) return 1;
        if (member == leader_) return 3;
        return is_sync(*member) ? 2 : 1;
    }

    [[nodiscard]] const SeenPod* unhealthy_pod() const {
        for (const SeenPod& pod : seen_.pods) {
            if (is_left_alone(pod.name)) continue;
            const PatroniMember* member = find_member(seen_, pod.name);
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
            return is_left_alone(name) || was_in_vain(*find_member(seen_, name), *leader_,
                                                      topology_.status.actions, seen_.now);
        });
        if (pending.empty()) return false;
        if (const SeenPod* unhealthy = unhealthy_pod()) {
            return wait(fmt::format("{} before the next server is restarted", unhealthy->name));
        }
        const auto name = *std::ranges::min_element(
            pending, {}, [this](const std::string& n) { return rank(n); });
        const std::string reason = restart_reason(*find_member(seen_, name));
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
        return hand_over(reason + ": hand over first", next->name);
    }

    const PostgresTopology& topology_;
    const Seen& seen_;
    const PatroniMember* leader_;
    Plan plan_;
    std::vector<std::string> waits_;
};

}  // namespace

Plan plan_next(const PostgresTopology& topology, const Seen& seen) {
    return Planner(topology, seen).next();
}

}  // namespace chatflow::postgres
