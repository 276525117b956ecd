#pragma once

#include "controller/runtime/change.hpp"
#include "controller/runtime/object_index.hpp"
#include "controller/runtime/object_key_hash.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace chatflow::runtime {

/// The objects of one kind as the API server last told them, for reading; a WatchCache fills it.
/// What is handed out is a snapshot that stays as it is. Before has_synced() absence means
/// nothing. One executor; lists come in no particular order.
template <api::Kind K>
class Store {
 public:
    using Ptr = std::shared_ptr<const K>;
    using IndexFunction = std::function<std::vector<std::string>(const K&)>;
    using ChangeHandler = std::function<void(const Change<K>&)>;

    [[nodiscard]] bool has_synced() const { return has_synced_; }
    [[nodiscard]] std::size_t size() const { return objects_.size(); }

    /// Null when there is no such object.
    [[nodiscard]] Ptr find(const api::ObjectKey& key) const {
        const auto found = objects_.find(key);
        return found == objects_.end() ? nullptr : *found;
    }

    [[nodiscard]] std::vector<Ptr> list() const { return {objects_.begin(), objects_.end()}; }

    [[nodiscard]] std::vector<Ptr> in_namespace(std::string_view name_space) const {
        return select(name_space, {});
    }

    [[nodiscard]] std::vector<Ptr> select(std::string_view name_space,
                                          const api::LabelSelector& selector) const {
        std::vector<Ptr> selected;
        labels_.select(name_space, selector,
                       [&selected](const void* object) { selected.push_back(ptr_at(object)); });
        return selected;
    }

    /// Those whose controlling owner has this uid.
    [[nodiscard]] std::vector<Ptr> owned_by(std::string_view uid) const { return at(owners_, uid); }

    /// Those for which the index function gave `value`.
    [[nodiscard]] std::vector<Ptr> by_index(const std::string& index,
                                            std::string_view value) const {
        return at(indices_.at(index).values, value);
    }

    /// Before the first object arrives; a later call throws std::logic_error.
    void add_index(std::string name, IndexFunction values_of) {
        if (!objects_.empty()) throw std::logic_error("index " + name + " comes too late");
        indices_[std::move(name)] = {std::move(values_of), {}};
    }

    /// Called after the store has changed, for each object that has.
    void on_change(ChangeHandler handler) { handlers_.push_back(std::move(handler)); }

 private:
    template <api::Kind>
    friend class StoreWriter;

    struct KeyOf {
        using is_transparent = void;
        std::size_t operator()(const Ptr& object) const {
            return ObjectKeyHash::of(object->metadata.name_space, object->metadata.name);
        }
        std::size_t operator()(const api::ObjectKey& key) const { return ObjectKeyHash{}(key); }
    };
    struct SameKey {
        using is_transparent = void;
        bool operator()(const Ptr& a, const Ptr& b) const {
            return a->metadata.name == b->metadata.name &&
                   a->metadata.name_space == b->metadata.name_space;
        }
        bool operator()(const Ptr& a, const api::ObjectKey& b) const {
            return a->metadata.name == b.name && a->metadata.name_space == b.name_space;
        }
        bool operator()(const api::ObjectKey& a, const Ptr& b) const { return (*this)(b, a); }
    };
    struct Index {
        IndexFunction values_of;
        ValueIndex values;
    };

    // The indices hold where in objects_ a pointer is: its nodes stay where they are.
    [[nodiscard]] static const Ptr& ptr_at(const void* place) {
        return *static_cast<const Ptr*>(place);
    }

    [[nodiscard]] std::vector<Ptr> at(const ValueIndex& index, std::string_view value) const {
        std::vector<Ptr> found;
        if (const ObjectAddresses* objects = index.find(value)) {
            for (const void* object : *objects) found.push_back(ptr_at(object));
        }
        return found;
    }

    std::unordered_set<Ptr, KeyOf, SameKey> objects_;
    LabelIndex labels_;
    ValueIndex owners_;
    TextMap<Index> indices_;
    std::vector<ChangeHandler> handlers_;
    bool has_synced_ = false;
};

}  // namespace chatflow::runtime
