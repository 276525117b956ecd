#pragma once

#include "controller/api/core/event.hpp"
#include "controller/api/core/horizontal_pod_autoscaler.hpp"
#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/domain/scaling/events.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/reconcilers/scaling/drains.hpp"
#include "controller/reconcilers/scaling/exported_metrics.hpp"
#include "controller/reconcilers/scaling/load_forecasts.hpp"
#include "controller/reconcilers/scaling/metric_reader.hpp"
#include "controller/reconcilers/scaling/namespace_freezes.hpp"
#include "controller/reconcilers/scaling/observed.hpp"
#include "controller/reconcilers/scaling/scale_targets.hpp"
#include "controller/reconcilers/scaling/scaled_objects.hpp"
#include "controller/reconcilers/scaling/write_budget.hpp"
#include "controller/runtime/event_recorder.hpp"
#include "controller/runtime/reconciler.hpp"
#include "controller/runtime/store.hpp"
#include "libs/async/clock.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chatflow {

/// Carries out ScalingPolicies: reads what a decision needs, decides (controller/domain/scaling),
/// writes the scale, and tells about it. Runs on the leader only; one event loop.
class ScalingReconciler final : public runtime::Reconciler {
 public:
    struct Parts {
        const runtime::Store<api::ScalingPolicy>& policies;
        const runtime::Store<api::HorizontalPodAutoscaler>& autoscalers;
        const runtime::Store<api::Pod>& pods;
        kube::Client& kube;
        ScaleTargets& targets;
        ScaledObjects& scaled_objects;
        MetricReader& metrics;
        LoadForecasts& forecasts;
        NamespaceFreezes& freezes;
        Drains& drains;
        runtime::EventRecorder& events;
        ScalingMetrics& exported;
        Clock& clock;
    };
    explicit ScalingReconciler(Parts parts) : parts_(parts) {}

    [[nodiscard]] awaitable<runtime::Action> reconcile(api::ObjectKey key, Deadline deadline,
                                                       Log log) override;

    /// Whether the status of this object is known here, so that no cache has to keep it.
    [[nodiscard]] bool remembers(const api::ObjectMeta& policy) const {
        const auto found = memories_.find(key_of(policy));
        return found != memories_.end() && found->second.uid == policy.uid;
    }

 private:
    /// What the cached object may not show yet: the status that was written last, with the history
    /// of every evaluation since, and when the policy was last looked at.
    struct Memory {
        std::string uid;
        std::int64_t generation = 0;
        api::ScalingPolicyStatus status;  // as it was last written
        api::ScalingHistory history;      // as it is now
        std::optional<TimePoint> evaluated_at;
        std::chrono::steady_clock::time_point evaluated_steady{};  // then, on the steady clock
        std::optional<std::chrono::steady_clock::time_point> due;  // the next evaluation, or this
        // Changes that were asked for without an answer so far: each may have been made.
        std::vector<api::ScaleChange> attempts;
        // Changes that were made, and that no written status tells of yet.
        std::vector<api::ScaleChange> untold;
    };

    // gather.cpp: every read
    [[nodiscard]] awaitable<std::optional<ObservedPolicy>> gather(api::ObjectKey key,
                                                                  Deadline deadline);
    [[nodiscard]] awaitable<void> observe(ObservedPolicy& seen, Deadline deadline);
    Memory& memory_of(const api::ScalingPolicy& policy);
    static void settle_attempts(const ObservedPolicy& seen, Memory& memory);
    [[nodiscard]] static api::ScalingHistory history_for(const ObservedPolicy& seen,
                                                         const Memory& memory);

    // apply.cpp: every write, the status last
    [[nodiscard]] awaitable<void> apply(const ObservedPolicy& seen, const api::Decision& decision,
                                        Deadline deadline, const Log& log);
    [[nodiscard]] awaitable<void> stall(const ObservedPolicy& seen, Deadline deadline,
                                        const Log& log);
    [[nodiscard]] awaitable<void> write_scale(const ObservedPolicy& seen, std::int32_t replicas,
                                              Deadline deadline);
    [[nodiscard]] awaitable<void> write_status(const api::ScalingPolicy& policy,
                                               api::ScalingPolicyStatus status, Deadline deadline);
    void tell(const api::ScalingPolicy& policy, std::span<const scaling::EventNote> notes,
              const api::Decision& decision, std::int32_t from, const Log& log);
    void note_lateness(const ObservedPolicy& seen);

    [[nodiscard]] std::chrono::milliseconds until_next(const ObservedPolicy& seen);
    void forget(const api::ObjectKey& key);

    Parts parts_;
    std::map<api::ObjectKey, Memory> memories_;
    WriteBudget routine_writes_{scaling::kStatusWritesPerSecond};
};

}  // namespace chatflow
