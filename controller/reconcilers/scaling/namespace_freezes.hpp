#pragma once

#include "controller/api/core/namespace.hpp"
#include "controller/api/scaling_controls.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/reconcilers/scaling/recent.hpp"
#include "controller/runtime/store.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace chatflow {

/// Whether a namespace is frozen by its annotations. With rights for the whole cluster from a watch
/// cache; a controller that watches some namespaces only may not list them and asks for each, once
/// per `freshness`. Where it may not even do that, no namespace is frozen. One executor.
class NamespaceFreezes {
 public:
    /// `store` null: ask.
    NamespaceFreezes(const runtime::Store<api::Namespace>* store, kube::Client& kube,
                     std::chrono::seconds freshness = kFreshness)
        : store_(store), kube_(kube), known_(freshness) {}

    [[nodiscard]] awaitable<std::optional<api::NamespaceFreeze>> read(std::string name_space,
                                                                      Deadline deadline);

    static constexpr std::chrono::seconds kFreshness{5};

 private:
    [[nodiscard]] awaitable<std::optional<api::NamespaceFreeze>> ask(std::string name_space,
                                                                     Deadline deadline);

    const runtime::Store<api::Namespace>* store_;
    kube::Client& kube_;
    Recent<std::optional<api::NamespaceFreeze>> known_;
};

}  // namespace chatflow
