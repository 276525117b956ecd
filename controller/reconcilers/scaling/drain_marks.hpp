#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/clients/kube/client.hpp"

namespace chatflow {

/// Writes on pods that they drain: the annotations of DrainMark, and the deletion cost that makes a
/// ReplicaSet choose them. A cost that the pod had before is kept and put back.
class DrainMarks {
 public:
    explicit DrainMarks(kube::Client& kube) : kube_(kube) {}

    /// Both throw what kube::Client throws; a pod that has gone is as drained as can be.
    [[nodiscard]] awaitable<void> set(api::ObjectKey pod, api::DrainMark mark, Deadline deadline);
    [[nodiscard]] awaitable<void> take_back(api::ObjectKey pod, Deadline deadline);

 private:
    [[nodiscard]] awaitable<void> patch(api::ObjectKey pod, nlohmann::json annotations,
                                        Deadline deadline);

    kube::Client& kube_;
};

}  // namespace chatflow
