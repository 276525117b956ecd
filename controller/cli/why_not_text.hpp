#pragma once

#include "controller/api/scaling_policy.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::cli {

/// Which rules keep the replicas from going up and down, and when they may at the earliest, for a
/// terminal of 80 columns. `now` is for "in 3m".
[[nodiscard]] std::string why_not_text(const api::ScalingPolicy& policy, TimePoint now);

/// {up, down: {askedFor, demand, because: [{rule, message, until}], earliest}}; null without a
/// decision for the present spec.
[[nodiscard]] nlohmann::json why_not_json(const api::ScalingPolicy& policy);

}  // namespace chatflow::cli
