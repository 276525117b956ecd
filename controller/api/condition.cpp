#include "controller/api/condition.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::api {

bool set_condition(std::vector<Condition>& conditions, Condition condition) {
    const auto known = std::ranges::find(conditions, condition.type, &Condition::type);
    if (known == conditions.end()) {
        conditions.push_back(std::move(condition));
        return true;
    }
    const bool is_change = known->status != condition.status;
    if (!is_change) condition.last_transition_time = known->last_transition_time;
    *known = std::move(condition);
    return is_change;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
    const auto found = std::ranges::find(conditions, type, &Condition::type);
    return found == conditions.end() ? nullptr : &*found;
}

}  // namespace chatflow::api
