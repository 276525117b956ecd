#pragma once

#include "libs/base/time.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// Where an object is: the namespace is empty for cluster-scoped kinds.
struct ObjectKey {
    std::string name_space;
    std::string name;

    auto operator<=>(const ObjectKey&) const = default;
};

/// "default/chat-server", or "node-1" for a cluster-scoped object.
[[nodiscard]] std::string to_string(const ObjectKey& key);

struct OwnerReference {
    std::string api_version;
    std::string kind;
    std::string name;
    std::string uid;
    bool controller = false;

    bool operator==(const OwnerReference&) const = default;
};

/// The part of Kubernetes' ObjectMeta that we read; managedFields and the rest are not kept.
struct ObjectMeta {
    std::string name;
    std::string name_space;
    std::string uid;
    std::string resource_version;
    std::int64_t generation = 0;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;
    std::vector<OwnerReference> owner_references;
    std::vector<std::string> finalizers;
    std::optional<TimePoint> creation_timestamp;
    std::optional<TimePoint> deletion_timestamp;

    bool operator==(const ObjectMeta&) const = default;
};

[[nodiscard]] inline ObjectKey key_of(const ObjectMeta& meta) {
    return {meta.name_space, meta.name};
}

}  // namespace chatflow::api
