#pragma once

#include "controller/api/core/interned.hpp"
#include "controller/api/core/pod.hpp"
#include "controller/api/names.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_policy.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chatflow {

/// The series of /metrics that every ScalingPolicy has, kept as numbers and written as text when
/// they are asked for: a registry would keep each of 20 series of 10,000 policies as an object with
/// a map of labels.
class PolicySeries {
 public:
    void decided(const api::ObjectKey& key, api::ScalingMode mode,
                 const api::ScalingPolicyStatus& status);
    void scaled(const api::ObjectKey& key, bool up);
    void forget(const api::ObjectKey& key) { policies_.erase(key); }

    /// All of them in Prometheus' text format, so that never more than a piece is in memory: each
    /// call gives the next one, "" after the last. Policies may come and go in between.
    [[nodiscard]] std::function<std::string()> pieces() const;

    static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;  // and at most one policy

 private:
    using Value = std::optional<std::int32_t>;  // nothing: no such series now
    struct Policy {
        std::int32_t current = 0;
        std::int32_t desired = 0;
        Value uncapped, shadow, least, most, turns, utilization_percent, age_seconds;
        Value predicted, coverage_permille, trusts_forecast;
        std::vector<std::pair<api::Interned<std::string>, api::ConditionStatus>> conditions;
        std::vector<api::ControlType> controls;
        api::LimitedBy limited_by = api::LimitedBy::None;
        std::vector<std::pair<api::DecisionReason, std::uint64_t>> decisions;
        std::uint64_t ups = 0;
        std::uint64_t downs = 0;
    };

    class Lines;
    struct Metric {
        const char* name;
        const char* type;
        const char* help;
        void (*add)(Lines& lines, const Policy& policy);
    };
    [[nodiscard]] static std::span<const Metric> metrics();

    std::map<api::ObjectKey, Policy> policies_;
};

}  // namespace chatflow
