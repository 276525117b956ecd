#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/prediction/load_series.hpp"
#include "controller/domain/simulation/run.hpp"
#include "controller/domain/simulation/settings.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::simulation {

/// Told now and then how much of the recording is done, from 0 to 1.
using Progress = std::function<void(double part)>;

/// Plays the load against the decision that the controller makes (scaling::decide), in a closed
/// loop: what it decides changes what it measures next. Pure: equal inputs give equal runs, byte
/// for byte. `policy` has exactly one metric; see with_one_metric(). What not_played() names
/// is left out.
[[nodiscard]] Run simulate(std::string name, const api::ScalingPolicySpec& policy,
                           const prediction::LoadSeries& load, const Settings& settings,
                           const Progress& progress = {});

/// The fields of the spec that no recording can follow: connections end outside of the model
/// (drain), and what people told the policy is of today, not of then (override, pause, rebalance).
[[nodiscard]] std::vector<std::string> not_played(const api::ScalingPolicySpec& spec);

/// The spec with the one metric that the recorded load drives: the named one, else the first that
/// can be. The error is a sentence for the user: no such metric, or one that does not follow load.
[[nodiscard]] std::expected<api::ScalingPolicySpec, std::string> with_one_metric(
    api::ScalingPolicySpec spec, std::string_view metric = {});

/// The policy as a HorizontalPodAutoscaler would have it: its bounds, this average utilization of
/// cpu, every default of autoscaling/v2.
[[nodiscard]] api::ScalingPolicySpec as_hpa(const api::ScalingPolicySpec& spec,
                                            std::int32_t utilization_percent);

/// Who knows the future: never too few pods.
enum class Oracle {
    Static,  // the smallest count that is enough for the whole recording
    Moving   // at every moment the smallest count that is enough: no scaler can cost less
};
[[nodiscard]] Run consult(Oracle oracle, const api::ScalingPolicySpec& spec,
                          const prediction::LoadSeries& load, const Settings& settings);

}  // namespace chatflow::simulation
