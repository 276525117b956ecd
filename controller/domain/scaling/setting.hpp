#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/controls.hpp"

#include <cstdint>

namespace chatflow::scaling {

/// What all steps of a decision look at; all of it outlives the decision.
struct Setting {
    const api::ScalingPolicySpec& spec;
    const api::Observation& seen;
    const Controls& controls;

    [[nodiscard]] std::int32_t current() const { return seen.replicas.spec; }
};

}  // namespace chatflow::scaling
