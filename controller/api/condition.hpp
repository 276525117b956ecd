#pragma once

#include "libs/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::api {

enum class ConditionStatus { True, False, Unknown };

/// metav1.Condition. `reason` is CamelCase for one-line output, `message` a sentence for describe.
struct Condition {
    std::string type;
    ConditionStatus status = ConditionStatus::Unknown;
    std::int64_t observed_generation = 0;
    TimePoint last_transition_time{};
    std::string reason;
    std::string message;

    bool operator==(const Condition&) const = default;
};

/// Puts `condition` into the list. last_transition_time moves only when the status changes, so
/// that writing what is already there changes nothing. Returns whether the status changed.
bool set_condition(std::vector<Condition>& conditions, Condition condition);

[[nodiscard]] const Condition* find_condition(const std::vector<Condition>& conditions,
                                              std::string_view type);

}  // namespace chatflow::api
