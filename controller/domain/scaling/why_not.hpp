#pragma once

#include "controller/api/scaling_policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::scaling {

/// A rule that keeps replicas from going one way, and until when: nothing where only somebody, or
/// the metrics, can end it.
struct Hindrance {
    api::LimitedBy by = api::LimitedBy::None;
    std::string message;
    std::optional<TimePoint> until;
    bool operator==(const Hindrance&) const = default;
};

/// Why there are not more (or fewer) pods after the last decision, and when there may be at the
/// earliest.
struct WhyNot {
    api::ScaleDirection direction = api::ScaleDirection::Up;
    bool is_asked_for = false;  // by the metrics, now
    std::string demand;         // what they say
    std::vector<Hindrance> hindrances;
    /// The first evaluation that may change the replicas, if the metrics ask for it from now on;
    /// nothing within kOutlookSpan.
    std::optional<TimePoint> earliest;
    bool operator==(const WhyNot&) const = default;
};

/// Asks decide() itself, evaluation by evaluation, what it would do if the metrics went that way.
/// Nothing without a decision for the present spec.
[[nodiscard]] std::optional<WhyNot> why_not(const api::ScalingPolicy& policy,
                                            api::ScaleDirection direction);

}  // namespace chatflow::scaling
