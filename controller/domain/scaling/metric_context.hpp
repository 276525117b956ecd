#pragma once

#include "controller/domain/scaling/metric_message.hpp"
#include "controller/domain/scaling/replica_math.hpp"
#include "controller/domain/scaling/setting.hpp"
#include "controller/domain/scaling/thresholds.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace chatflow::scaling {

/// What all kinds of metrics need.
struct MetricContext {
    const api::ScalingPolicySpec& spec;
    const api::Observation& seen;
    const Controls& controls;
    const api::MetricReading& reading;

    [[nodiscard]] bool is_ours() const {
        return spec.compatibility == api::Compatibility::Chatflow;
    }
    [[nodiscard]] std::int32_t current() const { return seen.replicas.spec; }
};

[[nodiscard]] api::MetricOutcome no_data(std::string name, std::string_view reason,
                                         std::string message);

/// What is above its target never asks for fewer pods, what is below never for more: HPA multiplies
/// by the pods it sees, and those may be fewer (not yet there) or more (a surge) than
/// spec.replicas.
void keep_direction(Proposal& proposal, const MetricContext& context);

/// The verdict and the sentence that follow from the proposal.
void conclude(api::MetricOutcome& outcome, const Proposal& proposal, const MetricContext& context,
              const MetricStory& story);

/// In whole seconds, never below 0.
[[nodiscard]] std::int32_t age_of(TimePoint at, TimePoint now);

}  // namespace chatflow::scaling
