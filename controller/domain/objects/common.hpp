#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

#include <map>
#include <string>
#include <utility>

#include <nlohmann/json_fwd.hpp>

// What the objects of every topology have in common.
namespace chatflow::objects {

using Labels = std::map<std::string, std::string>;

/// `labels` with the recommended ones of Kubernetes.
[[nodiscard]] Labels with_common(Labels labels, const std::string& instance,
                                 const std::string& name);

/// Metadata of an object that goes with its owner.
template <class Owner>
[[nodiscard]] api::ObjectMeta owned_meta(const api::ObjectMeta& owner, std::string name,
                                         Labels labels) {
    return {.name = std::move(name),
            .name_space = owner.name_space,
            .labels = std::move(labels),
            .owner_references = {{.api_version = api::api_version_of<Owner>(),
                                  .kind = std::string(api::KindTraits<Owner>::kKind),
                                  .name = owner.name,
                                  .uid = owner.uid,
                                  .controller = true}}};
}

/// Of a pod that runs as `user`, as the restricted Pod Security Standard asks.
[[nodiscard]] nlohmann::json pod_security(int user);
/// Of a container: no privileges, read-only root.
[[nodiscard]] nlohmann::json container_security();

[[nodiscard]] nlohmann::json env_value(const std::string& name, const std::string& value);
[[nodiscard]] nlohmann::json env_field(const std::string& name, const std::string& path);
[[nodiscard]] nlohmann::json env_secret(const std::string& name, const std::string& secret,
                                        const std::string& key);

}  // namespace chatflow::objects
