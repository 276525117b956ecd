#pragma once

#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <random>
#include <string>

namespace chatflow::scaling::test {

/// Makes cases of every kind. The same seed makes the same ones: a failure repeats.
class Generator {
 public:
    explicit Generator(unsigned seed) : random_(seed) {}

    int number(int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(random_);
    }
    bool one_in(int n) { return number(1, n) == 1; }

    /// A line of pods as a_case.hpp reads it.
    std::string pods(int count, int load_most);
    api::ScalingRules rules();
    /// One cpu metric (of pods, or of their one container), bounds, behavior.
    api::ScalingPolicySpec policy();
    api::ScalingHistory history();
    /// For a policy with one cpu metric.
    api::Observation observation(int replicas_most = 45);

    /// Anything that a person may add: schedules, override, pause, flap budget, rebalance.
    void add_controls(api::ScalingPolicySpec& spec);
    /// spec.drain, and pods of which some are measured and some were told.
    void add_drain(api::ScalingPolicySpec& spec, api::Observation& observed);
    /// A prediction that is followed or not, and what is expected.
    void add_forecast(api::ScalingPolicySpec& spec, api::Observation& observed);
    /// A further metric of the whole target, of any kind, and what was read of it, or why not.
    void add_value_metric(api::ScalingPolicySpec& spec, api::Observation& observed);
    /// What a status may have beside windows and rates, and a frozen namespace.
    void add_circumstances(api::Observation& observed);

    std::mt19937& random() { return random_; }

 private:
    TimePoint around(int seconds);

    std::mt19937 random_;
};

}  // namespace chatflow::scaling::test
