#pragma once

#include "controller/api/scaling_decision.hpp"
#include "libs/base/time.hpp"

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::prom {

/// One element of an instant vector. The views live as long as the visitor runs.
struct VectorSample {
    std::span<const std::string>
        labels;        // values of the asked-for labels, in their order; "" if absent
    double value = 0;  // may be NaN or infinite, as Prometheus allows
    TimePoint at;
};

using SampleVisitor = std::function<void(const VectorSample&)>;

/// Reads the body of an answer of /api/v1/query and visits each sample of its vector (a scalar
/// counts as one sample without labels). Reads in one pass without building a tree: an answer for
/// 50,000 pods would cost hundreds of megabytes as one. Fails with reason QueryFailed and
/// Prometheus' own words where the answer is an error, UnreadableAnswer where it is something else.
[[nodiscard]] std::expected<void, api::MetricError> read_instant_vector(
    std::string_view body, std::span<const std::string_view> labels, const SampleVisitor& visit);

}  // namespace chatflow::prom
