#pragma once

#include "controller/reconcilers/scaling/policy_series.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Registry;
}

namespace chatflow {

/// What /metrics tells of every ScalingPolicy. Series of a policy appear with its first decision
/// and go with forget(); labels: namespace, name. docs/metrics.md lists them all, a test compares.
class ScalingMetrics {
 public:
    explicit ScalingMetrics(prometheus::Registry& registry);
    ~ScalingMetrics();

    void decided(const api::ObjectKey& key, api::ScalingMode mode,
                 const api::ScalingPolicyStatus& status);
    void scaled(const api::ObjectKey& key, std::int32_t from, std::int32_t to);
    void evaluated_late(std::chrono::duration<double> by);
    void queried(std::chrono::duration<double> time, std::string_view failed);
    void forget(const api::ObjectKey& key);

    /// The series of the policies as a page in pieces (PolicySeries); the registry has the rest.
    [[nodiscard]] std::function<std::string()> pieces() const { return policies_.pieces(); }

 private:
    struct Families;
    std::unique_ptr<Families> families_;
    PolicySeries policies_;
};

}  // namespace chatflow
