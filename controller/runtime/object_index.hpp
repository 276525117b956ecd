#pragma once

#include "controller/api/core/label_selector.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chatflow::runtime {

/// Finds text keys without making a std::string of them.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
template <class V>
using TextMap = std::unordered_map<std::string, V, TextHash, std::equal_to<>>;

/// Few addresses as a rule, so a sorted list: as a hash set, 100,000 of them that hold one each
/// would take tens of megabytes.
class ObjectAddresses {
 public:
    void insert(const void* object);
    void erase(const void* object);

    [[nodiscard]] bool empty() const { return sorted_.empty(); }
    [[nodiscard]] std::size_t size() const { return sorted_.size(); }
    [[nodiscard]] auto begin() const { return sorted_.begin(); }
    [[nodiscard]] auto end() const { return sorted_.end(); }

 private:
    std::vector<const void*> sorted_;
};

/// From a value (an owner's uid, the name of a referenced Secret) to the objects that have it.
class ValueIndex {
 public:
    void insert(std::string_view value, const void* object);
    void erase(std::string_view value, const void* object);

    /// Null when no object has the value.
    [[nodiscard]] const ObjectAddresses* find(std::string_view value) const;

 private:
    TextMap<ObjectAddresses> objects_;
};

/// From labels to the objects that have them. Objects of one namespace with equal labels, as the
/// pods of a template are, form one group; a selector is matched against groups, and only against
/// those that have its rarest label.
class LabelIndex {
 public:
    void insert(const std::string& name_space, const api::Labels& labels, const void* object);
    void erase(const std::string& name_space, const api::Labels& labels, const void* object);

    /// Calls `found` with every object of the namespace that the selector matches.
    void select(std::string_view name_space, const api::LabelSelector& selector,
                const std::function<void(const void*)>& found) const;

    [[nodiscard]] std::size_t groups() const { return groups_; }

 private:
    using Groups = std::map<api::Labels, ObjectAddresses>;
    using Group = Groups::value_type;
    struct NameSpace {
        Groups groups;
        TextMap<ObjectAddresses> by_label;  // "app=chat" to the addresses of groups
    };

    TextMap<NameSpace> name_spaces_;
    std::size_t groups_ = 0;
};

}  // namespace chatflow::runtime
