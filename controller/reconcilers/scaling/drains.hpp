#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/clients/drain/client.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/reconcilers/scaling/drain_marks.hpp"
#include "controller/runtime/store.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chatflow {

/// Reads and writes what spec.drain needs: connections of pods by one query, and on each victim its
/// marks and the request to let nobody new in, once each. One executor only.
class Drains {
 public:
    using Pods = std::span<const std::shared_ptr<const api::Pod>>;

    /// `all_pods` is to be indexed by index_by_drain(). All outlive the drains.
    Drains(kube::Client& kube, const runtime::Store<api::Pod>& all_pods, prom::Client& prometheus,
           drain::TransportFactory make_transport)
        : marks_(kube),
          all_pods_(all_pods),
          prometheus_(prometheus),
          endpoints_(std::move(make_transport)) {}

    /// What is known of the pods' connections, for a policy with spec.drain. A query that fails
    /// measures none. `policy` and `pods` outlive the call.
    [[nodiscard]] awaitable<std::vector<api::DrainingPod>> read(const api::ScalingPolicy& policy,
                                                                Pods pods, Deadline deadline);

    /// Tells the decision's victims, and takes back what other pods were told. Comes before the
    /// replicas are written. Throws what kube::Client throws. All arguments outlive the call.
    [[nodiscard]] awaitable<void> carry_out(const api::ScalingPolicy& policy, Pods pods,
                                            const api::Observation& seen,
                                            const api::Decision& decision, Deadline deadline,
                                            const Log& log);

    /// Takes back what pods were told by a policy that drains nobody any more: without spec.drain,
    /// in mode Observe, stalled, or gone. Throws as above; `log` outlives the call.
    [[nodiscard]] awaitable<void> release(api::ObjectKey policy, Deadline deadline, const Log& log);

    void forget(const api::ObjectKey& policy) { told_.erase(policy); }

    static constexpr std::size_t kAtOnce = 16;  // pods
    // Of all requests of one evaluation: who has not been asked by then is asked at the next.
    static constexpr std::chrono::seconds kAskingTimeMax{5};

 private:
    /// What this process has told a pod, as the cache may not show it yet.
    struct Told {
        api::DrainMark mark;
        bool is_taken_back = false;
        bool has_agreed = false;  // to the POST
        std::string refusal;      // the last one, told once
    };
    using ToldPods = std::map<std::string, Told>;  // by name

    struct Step;
    [[nodiscard]] static std::optional<api::DrainMark> mark_of(const api::Pod& pod, ToldPods& told);
    [[nodiscard]] awaitable<void> tell(Step step, api::DrainMark mark, bool is_new);
    [[nodiscard]] awaitable<void> take_back(Step step, api::DrainMark mark);
    [[nodiscard]] std::vector<std::shared_ptr<const api::Pod>> known_to(
        const api::ObjectKey& policy, const ToldPods& told) const;

    DrainMarks marks_;
    const runtime::Store<api::Pod>& all_pods_;
    prom::Client& prometheus_;
    drain::Client endpoints_;
    std::map<api::ObjectKey, ToldPods> told_;
};

/// To be called before the store fills.
void index_by_drain(runtime::Store<api::Pod>& pods);

/// The policy that this pod drains for; nothing where it does not.
[[nodiscard]] std::optional<api::ObjectKey> drains_for(const api::Pod& pod);

}  // namespace chatflow
