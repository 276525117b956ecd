#pragma once

#include "controller/api/object_meta.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace chatflow::api {

/// An object that the operator applies and never reads as a type: a StatefulSet, a Service, a
/// Role. `object` is a whole server-side apply document.
struct Manifest {
    std::string group;  // empty: core
    std::string version;
    std::string plural;
    nlohmann::json object;

    bool operator==(const Manifest&) const = default;
    [[nodiscard]] std::string name() const;
    /// "services/chat-db-rw": one of a topology.
    [[nodiscard]] std::string path() const;
};

/// The kinds that topologies are made of. `content` holds what is beside apiVersion, kind and
/// metadata: spec, data, rules, ….
[[nodiscard]] Manifest service(const ObjectMeta& meta, nlohmann::json spec);
[[nodiscard]] Manifest stateful_set(const ObjectMeta& meta, nlohmann::json spec);
[[nodiscard]] Manifest deployment(const ObjectMeta& meta, nlohmann::json spec);
[[nodiscard]] Manifest persistent_volume_claim(const ObjectMeta& meta, nlohmann::json spec);
[[nodiscard]] Manifest config_map(const ObjectMeta& meta, nlohmann::json data);
[[nodiscard]] Manifest secret(const ObjectMeta& meta, nlohmann::json string_data);
[[nodiscard]] Manifest service_account(const ObjectMeta& meta);
[[nodiscard]] Manifest role(const ObjectMeta& meta, nlohmann::json rules);
/// Binds the ServiceAccount of the same name to the Role of the same name.
[[nodiscard]] Manifest role_binding(const ObjectMeta& meta);
[[nodiscard]] Manifest pod_disruption_budget(const ObjectMeta& meta, nlohmann::json spec);
[[nodiscard]] Manifest network_policy(const ObjectMeta& meta, nlohmann::json spec);

}  // namespace chatflow::api
