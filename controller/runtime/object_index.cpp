#include "controller/runtime/object_index.hpp"

#include <optional>
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
    auto& group = space.groups[labels];
    if (!group) {
        group = std::make_unique<Group>(labels);
        ++groups_;
        for (const auto& [key, value] : labels) {
            space.by_label[pair_of(key, value)].insert(group.get());
        }
    }
    group->objects.insert(object);
}

void LabelIndex::erase(const std::string& name_space, const api::Labels& labels,
                       const void* object) {
    const auto space = name_spaces_.find(name_space);
    if (space == name_spaces_.end()) return;
    const auto group = space->second.groups.find(labels);
    if (group == space->second.groups.end()) return;
    group->second->objects.erase(object);
    if (!group->second->objects.empty()) return;
    for (const auto& [key, value] : labels) {
        const auto listed = space->second.by_label.find(pair_of(key, value));
        listed->second.erase(group->second.get());
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
        if (!api::matches(selector, group.labels)) return;
        for (const void* object : group.objects) found(object);
    };
    const Groups* rarest = nullptr;
    for (const std::string& pair : required_pairs(selector)) {
        const auto listed = space->second.by_label.find(pair);
        if (listed == space->second.by_label.end()) return;
        if (rarest == nullptr || listed->second.size() < rarest->size()) rarest = &listed->second;
    }
    if (rarest != nullptr) {
        for (const Group* group : *rarest) visit(*group);
        return;
    }
    for (const auto& [labels, group] : space->second.groups) visit(*group);
}

}  // namespace chatflow::runtime
