#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/decide.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::scaling::test {

using namespace std::chrono_literals;

/// When every test case happens.
inline constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h};

/// A spec with bounds far away; a test states only what differs.
class PolicyBuilder {
 public:
    PolicyBuilder() {
        spec_.min_replicas = 1;
        spec_.max_replicas = 100000;
        spec_.compatibility = api::Compatibility::Chatflow;
    }
    PolicyBuilder& to_the_letter() {
        spec_.compatibility = api::Compatibility::AutoscalingV2;
        return *this;
    }
    PolicyBuilder& between(std::int32_t least, std::int32_t most) {
        spec_.min_replicas = least;
        spec_.max_replicas = most;
        return *this;
    }
    PolicyBuilder& tolerance(std::int64_t up_milli, std::int64_t down_milli) {
        spec_.tolerance = {api::Quantity::from_milli(up_milli),
                           api::Quantity::from_milli(down_milli)};
        return *this;
    }
    PolicyBuilder& cpu_band(std::int32_t above, std::int32_t below, std::int32_t aim);
    PolicyBuilder& utilization(std::int32_t percent, std::string resource = "cpu");
    PolicyBuilder& container_utilization(std::int32_t percent, std::string container);
    PolicyBuilder& resource_average(std::int64_t milli, std::string resource = "cpu");
    PolicyBuilder& pods_average(std::int64_t milli);
    PolicyBuilder& object_value(std::int64_t milli);
    PolicyBuilder& object_average(std::int64_t milli);
    PolicyBuilder& external_value(std::int64_t milli);
    PolicyBuilder& external_average(std::int64_t milli);
    PolicyBuilder& prometheus_average(std::int64_t milli);
    PolicyBuilder& scale_up(api::ScalingRules rules);
    PolicyBuilder& scale_down(api::ScalingRules rules);
    PolicyBuilder& fallback(std::int32_t replicas, std::int32_t after_seconds);

    operator api::ScalingPolicySpec() const { return spec_; }  // NOLINT: reads as the spec itself
    [[nodiscard]] const api::ScalingPolicySpec& spec() const { return spec_; }

 private:
    PolicyBuilder& add(api::MetricSpec metric);

    api::ScalingPolicySpec spec_;
};

[[nodiscard]] inline PolicyBuilder a_policy() { return {}; }

/// Pods and their samples from a line such as "80 80u - p", usage in percent of a request of 1 CPU
/// (or 1000 units of a Pods metric):
///   80   ready, measured a moment ago        -    ready, without a sample
///   80u  not ready and never was             80b  not ready any more, was ready for long
///   80i  ready since 10 s, sample of 60 s    80n  no Ready condition
///   80s  a sample from 5 minutes ago         80f  Failed      80d  being deleted
///   p    Pending                             r    Running and Ready, no sample of its own
[[nodiscard]] api::Observation seen(std::int32_t replicas, std::string_view pods);

/// Without samples: the value of an Object, External or Prometheus metric.
[[nodiscard]] api::MetricReading values(std::vector<std::int64_t> milli,
                                        std::chrono::seconds age = 0s);
[[nodiscard]] api::MetricReading error(std::string reason = "QueryFailed");

/// A case without metrics: only stabilization, policies and bounds.
[[nodiscard]] api::Observation proposed(std::int32_t current, std::int32_t wanted);

[[nodiscard]] api::RatePolicy pods_per(std::int32_t value, std::int32_t period_seconds);
[[nodiscard]] api::RatePolicy percent_per(std::int32_t value, std::int32_t period_seconds);

}  // namespace chatflow::scaling::test
