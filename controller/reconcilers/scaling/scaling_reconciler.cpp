#include "controller/reconcilers/scaling/scaling_reconciler.hpp"

#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/pace.hpp"

#include <algorithm>
#include <chrono>

namespace chatflow {
namespace {

// What stands in the way may go without an event of ours: a target that appears, a policy deleted.
constexpr std::chrono::seconds kObstaclePeriod{15};

}  // namespace

awaitable<runtime::Action> ScalingReconciler::reconcile(api::ObjectKey key, Deadline deadline,
                                                        Log log) {
    const std::optional<ObservedPolicy> seen = co_await gather(key, deadline);
    if (!seen) {
        co_await parts_.drains.release(key, deadline, log);
        forget(key);
        co_return runtime::Action::await_change();
    }
    if (seen->obstacle) {
        co_await stall(*seen, deadline, log);
        co_return runtime::Action::requeue_after(kObstaclePeriod);
    }
    const api::ScalingPolicySpec& spec = seen->policy->spec;
    const api::Decision decision = scaling::decide(spec, seen->observation);
    co_await apply(*seen, decision, deadline, log);
    co_return runtime::Action::requeue_after(until_next(*seen));
}

/// Until the next evaluation is due, or less where a control ends before: what it says has to end
/// then.
std::chrono::milliseconds ScalingReconciler::until_next(const ObservedPolicy& seen) {
    const api::ScalingPolicySpec& spec = seen.policy->spec;
    Memory& memory = memory_of(*seen.policy);
    const auto steady_now = parts_.clock.steady_now();
    memory.due = scaling::next_due(steady_now, std::chrono::seconds{spec.evaluation_period_seconds},
                                   memory.uid);
    const TimePoint now = seen.observation.now +
                          std::chrono::floor<TimePoint::duration>(steady_now - seen.steady_now);
    const TimePoint due = now + std::chrono::ceil<TimePoint::duration>(*memory.due - steady_now);
    const auto change = scaling::next_control_change(spec, seen.observation, due);
    const auto wait = std::max<TimePoint::duration>(change.value_or(due) - now, {});
    return std::chrono::ceil<std::chrono::milliseconds>(wait);
}

void ScalingReconciler::forget(const api::ObjectKey& key) {
    memories_.erase(key);
    parts_.forecasts.forget(key);
    parts_.drains.forget(key);
    parts_.exported.forget(key);
}

}  // namespace chatflow
