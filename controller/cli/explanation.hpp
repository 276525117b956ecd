#pragma once

#include "controller/api/scaling_policy.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::cli {

/// The last decision of a policy in words, for a terminal of 80 columns: what was read, what each
/// metric asks for, what limited it, what happens next, what was simulated, the conditions, and
/// whether this program decides the same from the record. `now` is for ages.
[[nodiscard]] std::string explain(const api::ScalingPolicy& policy, TimePoint now);

/// The same as {policy, generation, conditions, case, decision, decidedForGeneration, recomputed,
/// next: {periodSeconds, changes}, simulation}; `case` is a line that `decide` reads.
[[nodiscard]] nlohmann::json explain_json(const api::ScalingPolicy& policy);

}  // namespace chatflow::cli
