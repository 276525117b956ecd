#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/clients/drain/client.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "libs/base/log.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chatflow {

/// Reads and writes what spec.drain needs: connections of pods by one query, and on each victim the
/// deletion cost, the time and the request to let nobody new in, once each. One executor only.
class Drains {
 public:
    using Pods = std::span<const std::shared_ptr<const api::Pod>>;

    Drains(kube::Client& kube, prom::Client& prometheus, drain::TransportFactory make_transport)
        : kube_(kube), prometheus_(prometheus), pods_(std::move(make_transport)) {}

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

    void forget(const api::ObjectKey& policy) { told_.erase(policy); }

 private:
    /// What this process has told a pod, as the cache may not show it yet.
    struct Told {
        TimePoint since{};
        bool has_agreed = false;  // to the POST
        std::string refusal;      // the last one, told once
    };
    using ToldPods = std::map<std::string, Told>;  // by name

    [[nodiscard]] awaitable<void> mark(api::ObjectKey pod, std::optional<TimePoint> since,
                                       Deadline deadline);
    [[nodiscard]] awaitable<void> ask(const api::ScalingPolicy& policy, const api::Pod& pod,
                                      drain::Wish wish, Deadline deadline, const Log& log);

    kube::Client& kube_;
    prom::Client& prometheus_;
    drain::Client pods_;
    std::map<api::ObjectKey, ToldPods> told_;
};

}  // namespace chatflow
