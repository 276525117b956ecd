#pragma once

#include "controller/api/kind.hpp"

#include <string>

namespace chatflow::kube {

/// Names what a request is about: a collection, an object in it, or a part of that object.
struct Resource {
    std::string group;  // empty: core
    std::string version;
    std::string plural;
    std::string name_space;   // empty: cluster-scoped, or all namespaces
    std::string name;         // empty: the collection
    std::string subresource;  // "status", "scale", …

    bool operator==(const Resource&) const = default;
};

/// The resource of a typed kind; the namespace is dropped where the kind has none.
template <class K>
[[nodiscard]] Resource resource_of(std::string name_space, std::string name = {},
                                   std::string subresource = {}) {
    using Traits = api::KindTraits<K>;
    if (!Traits::kNamespaced) name_space.clear();
    return {.group = std::string(Traits::kGroup),
            .version = std::string(Traits::kVersion),
            .plural = std::string(Traits::kPlural),
            .name_space = std::move(name_space),
            .name = std::move(name),
            .subresource = std::move(subresource)};
}

/// One of the core group, of a kind that nobody keeps typed: core_resource("secrets", "chat",
/// "db").
[[nodiscard]] Resource core_resource(std::string plural, std::string name_space,
                                     std::string name = {});

/// "/apis/apps/v1/namespaces/default/deployments/web/scale", percent-encoded.
[[nodiscard]] std::string path_of(const Resource& resource);

}  // namespace chatflow::kube
