#pragma once

#include "controller/runtime/store.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::runtime {

/// Changes a Store and tells its handlers. An object that comes again unchanged is not told.
template <api::Kind K>
class StoreWriter {
 public:
    using Ptr = Store<K>::Ptr;

    /// The store has synced once each of `namespaces` was replaced; "" stands for all of them.
    explicit StoreWriter(Store<K>& store, std::set<std::string> namespaces = {""})
        : store_(store), missing_(std::move(namespaces)) {}

    /// Makes `all` the whole content of that namespace. The handlers hear of the differences only
    /// after all of them are in the store: a list is one event.
    void replace(std::vector<Ptr> all, const std::string& name_space = {}) {
        const std::vector<Ptr> before = store_.list();
        std::unordered_set<api::ObjectKey, ObjectKeyHash> present;
        std::vector<Change<K>> changes;
        for (Ptr& object : all) {
            if (!before.empty()) present.insert(key_of(object->metadata));
            if (auto change = put(std::move(object)); change.after) {
                changes.push_back(std::move(change));
            }
        }
        for (const Ptr& object : before) {
            const api::ObjectKey key = key_of(object->metadata);
            const bool is_meant = name_space.empty() || key.name_space == name_space;
            if (is_meant && !present.contains(key)) changes.push_back(take(key));
        }
        missing_.erase(name_space);
        store_.has_synced_ = missing_.empty();
        for (const Change<K>& change : changes) tell(change);
    }

    void upsert(K object) {
        const auto change = put(std::make_shared<const K>(std::move(object)));
        if (change.after) tell(change);
    }

    void remove(const api::ObjectKey& key) {
        if (const auto change = take(key); change.before) tell(change);
    }

 private:
    /// Nothing in the result when the store has this version already.
    Change<K> put(Ptr object) {
        const api::ObjectMeta& meta = object->metadata;
        Change<K> change{store_.find(key_of(meta)), nullptr};
        if (change.before && !meta.resource_version.empty() &&
            change.before->metadata.resource_version == meta.resource_version) {
            return {};
        }
        if (change.before) (void)take(key_of(meta));
        change.after = std::move(object);
        const Ptr& kept = *store_.objects_.insert(change.after).first;
        each_index(kept, [](auto& index, const auto&... where) { index.insert(where...); });
        return change;
    }

    Change<K> take(const api::ObjectKey& key) {
        const auto found = store_.objects_.find(key);
        if (found == store_.objects_.end()) return {};
        Change<K> change{*found, nullptr};
        each_index(*found, [](auto& index, const auto&... where) { index.erase(where...); });
        store_.objects_.erase(found);
        return change;
    }

    template <class Visit>
    void each_index(const Ptr& kept, const Visit& visit) {
        const K& object = *kept;
        const void* address = &kept;
        visit(store_.labels_, object.metadata.name_space, labels_of(object), address);
        if (const auto* owner = controlling_owner(object))
            visit(store_.owners_, owner->uid, address);
        for (auto& [name, index] : store_.indices_) {
            for (const std::string& value : index.values_of(object)) {
                visit(index.values, value, address);
            }
        }
    }

    void tell(const Change<K>& change) {
        for (const auto& handler : store_.handlers_) handler(change);
    }

    Store<K>& store_;
    std::set<std::string> missing_;
};

}  // namespace chatflow::runtime
