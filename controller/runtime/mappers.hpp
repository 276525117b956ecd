#pragma once

#include "controller/runtime/store.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::runtime {

/// Which objects have to be looked at when this one changes.
template <class K>
using Mapper = std::function<std::vector<api::ObjectKey>(const Change<K>&)>;

/// The object itself.
template <class K>
[[nodiscard]] std::vector<api::ObjectKey> to_itself(const Change<K>& change) {
    return {change.key()};
}

/// The object of kind `O` that controls it, before and after: an object may change hands.
template <api::Kind O, class K>
[[nodiscard]] std::vector<api::ObjectKey> to_owner(const Change<K>& change) {
    std::vector<api::ObjectKey> keys;
    for (const auto& object : {change.before, change.after}) {
        const api::OwnerReference* owner = object ? controlling_owner(*object) : nullptr;
        if (owner == nullptr || owner->kind != api::KindTraits<O>::kKind) continue;
        const auto group = owner->api_version.substr(0, owner->api_version.find('/'));
        if (owner->api_version.contains('/') ? group != api::KindTraits<O>::kGroup
                                             : !api::KindTraits<O>::kGroup.empty()) {
            continue;
        }
        api::ObjectKey key{api::KindTraits<O>::kNamespaced ? object->metadata.name_space : "",
                           owner->name};
        if (keys.empty() || keys.front() != key) keys.push_back(std::move(key));
    }
    return keys;
}

/// Those of `referrers` whose index gives this object's key ("namespace/name"): for instance the
/// policies that name a Deployment. `referrers` outlives the mapper.
template <class K, class R>
[[nodiscard]] Mapper<K> to_referrers(const Store<R>& referrers, std::string index) {
    return [&referrers, index = std::move(index)](const Change<K>& change) {
        std::vector<api::ObjectKey> keys;
        for (const auto& referrer : referrers.by_index(index, to_string(change.key()))) {
            keys.push_back(key_of(referrer->metadata));
        }
        return keys;
    };
}

}  // namespace chatflow::runtime
