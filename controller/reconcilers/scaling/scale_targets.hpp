#pragma once

#include "controller/api/core/scale_target.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/discovery.hpp"
#include "controller/reconcilers/scaling/observed.hpp"
#include "controller/runtime/store.hpp"

#include <expected>
#include <string>

#include <nlohmann/json.hpp>  // whole: the concept of a Store asks for it

namespace chatflow {

/// The scale of what policies name. Deployments and StatefulSets come from watches, because 10,000
/// policies that ask the API server each 15 s are 670 requests a second; any other kind is read by
/// its scale subresource. What a watch shows may be a moment old: a write on top of it is
/// conditional on the resource version, and refused when something has changed since.
class ScaleTargets {
 public:
    struct Watched {
        /// Null: not watched, each is read from the API server.
        const runtime::Store<api::ScaledDeployment>* deployments = nullptr;
        const runtime::Store<api::ScaledStatefulSet>* stateful_sets = nullptr;
    };
    ScaleTargets(Watched watched, kube::Client& kube, kube::Discovery& discovery)
        : watched_(watched), kube_(kube), discovery_(discovery) {}

    struct Read {
        ObservedScale scale;
        api::CaseReplicas replicas;
    };
    /// Throws what kube::Client throws.
    [[nodiscard]] awaitable<std::expected<Read, Obstacle>> read(api::TargetRef target,
                                                                std::string name_space,
                                                                Deadline deadline);

 private:
    [[nodiscard]] awaitable<std::expected<Read, Obstacle>> ask(api::TargetRef target,
                                                               std::string name_space,
                                                               Deadline deadline);

    Watched watched_;
    kube::Client& kube_;
    kube::Discovery& discovery_;
};

}  // namespace chatflow
