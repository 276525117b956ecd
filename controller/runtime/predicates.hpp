#pragma once

#include "controller/runtime/change.hpp"

#include <functional>
#include <string>
#include <utility>

namespace chatflow::runtime {

/// Which changes of an object are worth a reconciliation.
template <class K>
using Predicate = std::function<bool(const Change<K>&)>;

template <class K>
[[nodiscard]] bool any_change(const Change<K>&) {
    return true;
}

/// New, gone, of another spec, or marked for deletion: not what only the status says.
template <class K>
[[nodiscard]] bool generation_changed(const Change<K>& change) {
    if (!change.before || !change.after) return true;
    const api::ObjectMeta& before = change.before->metadata;
    const api::ObjectMeta& after = change.after->metadata;
    return before.generation != after.generation || before.uid != after.uid ||
           before.deletion_timestamp != after.deletion_timestamp;
}

template <class K>
[[nodiscard]] bool labels_changed(const Change<K>& change) {
    return !change.before || !change.after || labels_of(*change.before) != labels_of(*change.after);
}

/// For kinds whose annotations carry requests of the user.
template <class K>
[[nodiscard]] bool annotations_changed(const Change<K>& change) {
    return !change.before || !change.after ||
           change.before->metadata.annotations != change.after->metadata.annotations;
}

template <class K>
[[nodiscard]] Predicate<K> any_of(Predicate<K> a, Predicate<K> b) {
    return [a = std::move(a), b = std::move(b)](const Change<K>& change) {
        return a(change) || b(change);
    };
}

template <class K>
[[nodiscard]] Predicate<K> all_of(Predicate<K> a, Predicate<K> b) {
    return [a = std::move(a), b = std::move(b)](const Change<K>& change) {
        return a(change) && b(change);
    };
}

}  // namespace chatflow::runtime
