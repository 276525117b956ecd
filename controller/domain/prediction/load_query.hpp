#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_policy.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace chatflow::prediction {

// Prometheus gives no more at once; a shorter history is better than none.
inline constexpr std::size_t kHistorySlotsMax = 10'000;

/// What to ask Prometheus for: sample i, taken at `first` + i × step, is the load of the slot that
/// ends there.
struct LoadQuery {
    std::string expression;
    api::Boxed<api::PrometheusServer> server;  // none: the controller's own
    TimePoint first{};
    TimePoint last{};
    std::chrono::seconds step{300};

    bool operator==(const LoadQuery&) const = default;
};

/// The history of a policy's load up to the slot that is over at `now`. Nothing where the spec
/// gives no query and none can be made of its metrics.
[[nodiscard]] std::optional<LoadQuery> load_query(const api::ObjectKey& policy,
                                                  const api::ScalingPolicySpec& spec,
                                                  TimePoint now);

}  // namespace chatflow::prediction
