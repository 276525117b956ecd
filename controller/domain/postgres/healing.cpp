#include "controller/domain/postgres/healing.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace chatflow::postgres {

using api::PatroniMember;
using api::PostgresAction;
using api::PostgresInstance;
using std::chrono::seconds;

namespace {

// A kubelet waits for 10 s after the first end of a container, and twice as long each time, up to
// five minutes. What ended it so often is not asked: a new pod waits for nothing.
constexpr seconds kHeldBack{20};

class Healer {
 public:
    Healer(const api::PostgresTopology& topology, const Seen& seen, const PatroniMember& leader)
        : topology_(topology), status_(topology.status), seen_(seen), leader_(leader) {}

    Healing next() {
        for (const PostgresInstance& instance : status_.instances) {
            const PatroniMember* member = find_member(seen_, instance.name);
            if (!instance.broken_since || member == nullptr || is_healthy(*member) ||
                member == &leader_ || is_cloning(*member) ||
                is_left_alone(topology_, seen_, instance.name)) {
                continue;
            }
            if (heal(instance, *member)) break;
        }
        return std::move(healing_);
    }

 private:
    /// Whether there is a step.
    bool heal(const PostgresInstance& instance, const PatroniMember& member) {
        const auto broken_for = std::chrono::floor<seconds>(seen_.now - since_last_clone(instance));
        const seconds limit{topology_.spec.healing.reinit_after_seconds};
        if (broken_for >= limit) return reinitialize(member, broken_for);
        const bool is_held = is_held_back(instance.name);
        const seconds patience = is_held ? std::min(kHeldBack, limit / 2) : limit / 2;
        if (broken_for < patience || was_restarted_since(instance)) return false;
        healing_.step =
            Step{.kind = StepKind::RestartPod,
                 .instance = instance.name,
                 .target = std::nullopt,
                 .reason = is_held ? fmt::format("its container ended so often that the kubelet "
                                                 "holds it back, for {} s so far: a new pod",
                                                 broken_for.count())
                                   : fmt::format("it has been \"{}\" for {} s: first a new start",
                                                 member.state, broken_for.count())};
        return true;
    }

    bool reinitialize(const PatroniMember& member, seconds broken_for) {
        const std::int32_t limit = topology_.spec.healing.max_per_hour;
        if (limit == 0) return false;
        if (clones_within_the_hour() >= limit) {
            return wait(
                fmt::format("the next hour: {} clones within the last are the limit "
                            "(healing.maxPerHour)",
                            limit));
        }
        const std::string obstacle = obstacle_to_clone(member);
        if (!obstacle.empty()) {
            return wait(fmt::format("{} before {} is cloned anew", obstacle, member.name));
        }
        healing_.step =
            Step{.kind = StepKind::Reinitialize,
                 .instance = member.name,
                 .target = std::nullopt,
                 .reason = fmt::format("it has been \"{}\" for {} s and a new start did not help: "
                                       "clone it anew, the primary {} is healthy",
                                       member.state, broken_for.count(), leader_.name)};
        return true;
    }

    /// Empty when the member's data can go.
    [[nodiscard]] std::string obstacle_to_clone(const PatroniMember& member) const {
        if (has_no_data(member.name)) return "";
        const bool is_reader = is_read_replica(member.name);
        bool is_held = is_reader || topology_.spec.members == 2;
        for (const PatroniMember& other : seen_.cluster->members) {
            if (&other == &member || &other == &leader_ || is_read_replica(other.name)) continue;
            if (has_no_data(other.name)) return other.name + ", which is being cloned,";
            if (holds_as_much(other, member)) is_held = true;
        }
        return is_held ? "" : "another standby that holds at least as much";
    }

    /// Whether all of the member's WAL is at the other one, too, as far as they tell it.
    [[nodiscard]] static bool holds_as_much(const PatroniMember& other,
                                            const PatroniMember& member) {
        if (is_healthy(other) || !member.lag_bytes) return true;
        return other.lag_bytes && *other.lag_bytes <= *member.lag_bytes;
    }

    [[nodiscard]] bool has_no_data(const std::string& name) const {
        const PatroniMember* member = find_member(seen_, name);
        return std::ranges::contains(status_.cloning, name) ||
               (member != nullptr && is_cloning(*member));
    }

    [[nodiscard]] bool is_held_back(const std::string& name) const {
        const SeenPod* pod = find_pod(seen_, name);
        return pod != nullptr && pod->is_held_back && !pod->is_terminating;
    }

    [[nodiscard]] bool is_read_replica(const std::string& name) const {
        const SeenPod* pod = find_pod(seen_, name);
        return pod != nullptr && pod->is_read_replica;
    }

    /// Since when it has been broken; a clone that was begun in the meantime counts from there.
    [[nodiscard]] TimePoint since_last_clone(const PostgresInstance& instance) const {
        TimePoint since = *instance.broken_since;
        for (const PostgresAction& action : status_.actions) {
            if (action.instance == instance.name && is_clone(action)) {
                since = std::max(since, action.at);
            }
        }
        return since;
    }

    [[nodiscard]] std::int32_t clones_within_the_hour() const {
        return static_cast<std::int32_t>(
            std::ranges::count_if(status_.actions, [this](const PostgresAction& action) {
                return is_clone(action) && seen_.now - action.at < kHealingWindow;
            }));
    }

    [[nodiscard]] static bool is_clone(const PostgresAction& action) {
        return action.kind == to_string(StepKind::Reinitialize);
    }

    [[nodiscard]] bool was_restarted_since(const PostgresInstance& instance) const {
        return std::ranges::any_of(status_.actions, [&](const PostgresAction& action) {
            return action.instance == instance.name &&
                   action.kind == to_string(StepKind::RestartPod) &&
                   action.at >= *instance.broken_since;
        });
    }

    bool wait(std::string what) {
        healing_.waits.push_back(std::move(what));
        return false;
    }

    const api::PostgresTopology& topology_;
    const api::PostgresTopologyStatus& status_;
    const Seen& seen_;
    const PatroniMember& leader_;
    Healing healing_;
};

}  // namespace

Healing plan_healing(const api::PostgresTopology& topology, const Seen& seen,
                     const PatroniMember& leader) {
    return Healer(topology, seen, leader).next();
}

}  // namespace chatflow::postgres
