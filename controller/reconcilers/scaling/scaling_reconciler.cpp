#include "controller/reconcilers/scaling/scaling_reconciler.hpp"

#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/decide.hpp"

#include <chrono>

namespace chatflow {
namespace {

// What stands in the way may go without an event of ours: a target that appears, a policy deleted.
constexpr std::chrono::seconds kObstaclePeriod{15};

/// A period, or less where a control ends before: what it says has to end then.
std::chrono::milliseconds until_next(const api::ScalingPolicySpec& spec,
                                     const api::Observation& seen) {
    const TimePoint next = seen.now + std::chrono::seconds{spec.evaluation_period_seconds};
    const auto change = scaling::next_control_change(spec, seen, next);
    return std::chrono::ceil<std::chrono::milliseconds>(change.value_or(next) - seen.now);
}

}  // namespace

awaitable<runtime::Action> ScalingReconciler::reconcile(api::ObjectKey key, Deadline deadline,
                                                        Log log) {
    const std::optional<ObservedPolicy> seen = co_await gather(key, deadline);
    if (!seen) {
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
    co_return runtime::Action::requeue_after(until_next(spec, seen->observation));
}

void ScalingReconciler::forget(const api::ObjectKey& key) {
    memories_.erase(key);
    parts_.forecasts.forget(key);
    parts_.drains.forget(key);
    parts_.exported.forget(key);
}

}  // namespace chatflow
