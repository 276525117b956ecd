#pragma once

#include "controller/domain/redis/status.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace chatflow::redis_topology {

/// Conditions and their summary: the same for a replicated topology and for a cluster.
class Verdicts {
 public:
    Verdicts(const api::RedisTopology& topology, TimePoint now, api::RedisTopologyStatus& status)
        : topology_(topology), now_(now), status_(status) {}

    void set(std::string_view type, const Verdict& verdict);
    /// Of what only pods can be; there are none while the topology hibernates.
    void set_of_pods(std::string_view type, const Verdict& verdict);
    /// Only while `verdict` is there; the condition goes with the part of the spec that it is of.
    void set_or_remove(std::string_view type, const std::optional<Verdict>& verdict);
    /// Ready, Reconciling and Stalled, from the first that does not hold. `pods`: that there are.
    void summarise(std::initializer_list<const Verdict*> verdicts, std::size_t pods);

 private:
    const api::RedisTopology& topology_;
    TimePoint now_;
    api::RedisTopologyStatus& status_;
};

/// No queue of BullMQ in a topology that evicts keys.
[[nodiscard]] Verdict queue_safe(const Observed& seen);

/// What a plan still does or waits for; empty when nothing.
template <class AnyPlan>
[[nodiscard]] std::string pending_of(const AnyPlan& plan) {
    if (!plan.waits_for.empty() || plan.steps.empty()) return plan.waits_for;
    return plan.steps.front().reason;
}

/// `pending`: as pending_of() says.
[[nodiscard]] Verdict config_applied(const Outcome& outcome, const std::string& pending);

}  // namespace chatflow::redis_topology
