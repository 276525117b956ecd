#include "controller/runtime/object_index.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace chatflow::runtime {
namespace {

std::string pair_of(std::string_view key, std::string_view value) {
    std::string pair;
    pair.reserve(key.size() + 1 + value.size());
    pair.append(key).append("=").append(value);
    return pair;
}

/// The "key=value" pairs that every matching object must have.
std::vector<std::string> required_pairs(const api::LabelSelector& selector) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : selector.match_labels) pairs.push_back(pair_of(key, value));
    for (const auto& expression : selector.match_expressions) {
        if (expression.op == "In" && expression.values.size() == 1) {
            pairs.push_back(pair_of(expression.key, expression.values.front()));
        }
    }
    return pairs;
}

}  // namespace

void ObjectAddresses::insert(const void* object) {
    const auto place = std::ranges::lower_bound(sorted_, object, std::less<const void*>{});
    if (place != sorted_.end() && *place == object) return;
    sorted_.insert(place, object);
}

void ObjectAddresses::erase(const void* object) {
    const auto place = std::ranges::lower_bound(sorted_, object, std::less<const void*>{});
    if (place != sorted_.end() && *place == object) sorted_.erase(place);
}

void ValueIndex::insert(std::string_view value, const void* object) {
    auto place = objects_.find(value);
    if (place == objects_.end()) place = objects_.try_emplace(std::string(value)).first;
    place->second.insert(object);
}

void ValueIndex::erase(std::string_view value, const void* object) {
    const auto place = objects_.find(value);
    if (place == objects_.end()) return;
    place->second.erase(object);
    if (place->second.empty()) objects_.erase(place);
}

const ObjectAddresses* ValueIndex::find(std::string_view value) const {
    const auto place = objects_.find(value);
    return place == objects_.end() ? nullptr : &place->second;
}

void LabelIndex::insert(const std::string& name_space, const api::Labels& labels,
                        const void* object) {
    NameSpace& space = name_spaces_[name_space];
    const auto [group, is_new] = space.groups.try_emplace(labels);
    if (is_new) {
        ++groups_;
        for (const auto& [key, value] : labels) {
            space.by_label[pair_of(key, value)].insert(&*group);
        }
    }
    group->second.insert(object);
}

void LabelIndex::erase(const std::string& name_space, const api::Labels& labels,
                       const void* object) {
    const auto space = name_spaces_.find(name_space);
    if (space == name_spaces_.end()) return;
    const auto group = space->second.groups.find(labels);
    if (group == space->second.groups.end()) return;
    group->second.erase(object);
    if (!group->second.empty()) return;
    for (const auto& [key, value] : labels) {
        const auto listed = space->second.by_label.find(pair_of(key, value));
        listed->second.erase(&*group);
        if (listed->second.empty()) space->second.by_label.erase(listed);
    }
    space->second.groups.erase(group);
    --groups_;
    if (space->second.groups.empty()) name_spaces_.erase(space);
}

void LabelIndex::select(std::string_view name_space, const api::LabelSelector& selector,
                        const std::function<void(const void*)>& found) const {
    const auto space = name_spaces_.find(name_space);
    if (space == name_spaces_.end()) return;
    const auto visit = [&selector, &found](const Group& group) {
        if (!api::matches(selector, group.first)) return;
        for (const void* object : group.second) found(object);
    };
    const ObjectAddresses* rarest = nullptr;
    for (const std::string& pair : required_pairs(selector)) {
        const auto listed = space->second.by_label.find(pair);
        if (listed == space->second.by_label.end()) return;
        if (rarest == nullptr || listed->second.size() < rarest->size()) rarest = &listed->second;
    }
    if (rarest != nullptr) {
        for (const void* group : *rarest) visit(*static_cast<const Group*>(group));
        return;
    }
    for (const Group& group : space->second.groups) visit(group);
}

}  // namespace chatflow::runtime
