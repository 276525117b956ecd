#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace chatflow::runtime {

/// An object before and after: `before` is null when it is new, `after` when it is gone.
template <class K>
struct Change {
    std::shared_ptr<const K> before;
    std::shared_ptr<const K> after;

    [[nodiscard]] const K& latest() const { return after ? *after : *before; }
    [[nodiscard]] api::ObjectKey key() const { return key_of(latest().metadata); }
};

/// The labels of an object; kinds that intern them have them beside metadata.
template <class K>
[[nodiscard]] const std::map<std::string, std::string>& labels_of(const K& object) {
    if constexpr (requires { *object.labels; }) {
        return *object.labels;
    } else {
        return object.metadata.labels;
    }
}

/// The owner that controls the object; null without one.
template <class K>
[[nodiscard]] const api::OwnerReference* controlling_owner(const K& object) {
    if constexpr (requires { object.owner->uid; }) {
        return object.owner->uid.empty() ? nullptr : &*object.owner;
    } else {
        for (const api::OwnerReference& owner : object.metadata.owner_references) {
            if (owner.controller) return &owner;
        }
        return nullptr;
    }
}

}  // namespace chatflow::runtime
