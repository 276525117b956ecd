#include "tests/unit/controller/domain/scaling/generator.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace chatflow::scaling::test {
namespace {

constexpr std::array kStarts{"0 8 * * *", "0 11 * * 6", "30 12 * * 1-5"};
constexpr std::array kEnds{"*/15 * * * *", "0 20 * * *", "15 2 29 3 *"};
constexpr std::array kZones{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"};

}  // namespace

std::string Generator::pods(int count, int load_most) {
    static constexpr std::array kLetters{"u", "b", "i", "n", "f", "d", "s"};
    std::string line;
    for (int i = 0; i < count; ++i) {
        if (one_in(8)) {
            line += one_in(2) ? "- " : "p ";
            continue;
        }
        line += std::to_string(number(0, load_most));
        line += one_in(5) ? kLetters[static_cast<std::size_t>(number(0, 6))] : "";
        line += ' ';
    }
    return line;
}

api::ScalingRules Generator::rules() {
    static constexpr std::array kSelect{api::SelectPolicy::Max, api::SelectPolicy::Min,
                                        api::SelectPolicy::Disabled};
    api::ScalingRules rules;
    if (one_in(2)) {
        rules.stabilization_window_seconds = number(0, 600);
    }
    if (one_in(2)) {
        rules.select_policy = kSelect[static_cast<std::size_t>(number(0, 2))];
    }
    for (int i = number(0, 3); i > 0; --i) {
        rules.policies.push_back(one_in(2) ? pods_per(number(1, 10), number(1, 300))
                                           : percent_per(number(1, 200), number(1, 300)));
    }
    return rules;
}

api::ScalingPolicySpec Generator::policy() {
    auto policy = a_policy().between(number(0, 3), number(4, 40));
    if (one_in(2)) {
        const int below = number(1, 50);
        const int above = number(below + 2, 100);
        policy.cpu_band(above, below, number(below + 1, above - 1));
    } else if (one_in(4)) {
        policy.container_utilization(number(10, 150), "app");
    } else {
        policy.utilization(number(10, 150)).tolerance(number(0, 500), number(0, 500));
    }
    if (one_in(2)) {
        policy.scale_up(rules());
    }
    if (one_in(2)) {
        policy.scale_down(rules());
    }
    if (one_in(4)) {
        policy.to_the_letter();
    }
    return policy;
}

api::ScalingHistory Generator::history() {
    api::ScalingHistory history;
    for (int i = number(0, 6); i > 0; --i) {
        history.recommendations.push_back(
            {kNow - std::chrono::seconds{number(0, 700)}, number(0, 40)});
    }
    for (int i = number(0, 3); i > 0; --i) {
        history.scale_up_events.push_back(
            {kNow - std::chrono::seconds{number(0, 400)}, number(1, 9)});
    }
    for (int i = number(0, 3); i > 0; --i) {
        history.scale_down_events.push_back(
            {kNow - std::chrono::seconds{number(0, 400)}, number(1, 9)});
    }
    return history;
}

api::Observation Generator::observation(int replicas_most) {
    const int current = number(0, replicas_most);
    auto result = seen(current, pods(std::max(0, current + number(-3, 3)), 200));
    result.replicas.status = std::max(0, current + number(-2, 2));
    result.history = history();
    return result;
}

TimePoint Generator::around(int seconds) {
    return kNow + std::chrono::microseconds{number(-seconds, seconds) * std::int64_t{1'000'000} +
                                            (one_in(2) ? number(0, 999'999) : 0)};
}

void Generator::add_controls(api::ScalingPolicySpec& spec) {
    const auto one_of = [this](const auto& all) {
        return all[static_cast<std::size_t>(number(0, static_cast<int>(all.size()) - 1))];
    };
    for (int i = one_in(3) ? number(1, 3) : 0; i > 0; --i) {
        api::ScalingSchedule schedule{.name = "s" + std::to_string(i),
                                      .start = one_of(kStarts),
                                      .end = one_of(kEnds),
                                      .time_zone = one_of(kZones)};
        const bool lowers = one_in(2);
        if (lowers || one_in(2)) schedule.min_replicas = number(0, 4);
        if (!lowers) schedule.max_replicas = number(4, 60);
        spec.schedules.push_back(std::move(schedule));
    }
    if (one_in(5)) spec.override_with = {number(0, spec.max_replicas), "launch", around(600)};
    if (one_in(5)) {
        const bool up = one_in(2);
        spec.pause = {up, !up || one_in(2), "migration", around(600)};
    }
    if (one_in(3)) spec.flap_budget = {number(1, 4), number(60, 7200)};
    if (one_in(6)) spec.rebalance = api::RebalanceRequest{around(4000)};
    spec.scale_to_zero.grace_period_seconds = number(0, 600);
}

void Generator::add_value_metric(api::ScalingPolicySpec& spec, api::Observation& observed) {
    const std::string name = "m" + std::to_string(spec.metrics.size());
    const bool by_value = one_in(2);
    const std::int64_t target = number(1, 3000);
    std::optional<api::Quantity> threshold;
    if (one_in(2)) threshold = api::Quantity::from_milli(number(0, 5000));
    PolicyBuilder one;
    switch (number(0, 2)) {
        case 0:
            one = by_value ? one.object_value(target) : one.object_average(target);
            break;
        case 1:
            one = by_value ? one.external_value(target) : one.external_average(target);
            break;
        default:
            one = one.prometheus_average(target);
            break;
    }
    api::MetricSpec metric = one.spec().metrics[0];
    if (metric.object) {
        metric.object->metric.name = name;
        metric.object->activation_threshold = threshold;
    } else if (metric.external) {
        metric.external->metric.name = name;
        metric.external->activation_threshold = threshold;
    } else {
        auto& ours = *metric.prometheus;
        ours.name = name;
        ours.activation_threshold = threshold;
        if (by_value) {
            ours.target = {.type = api::MetricTargetType::Value,
                           .value = ours.target.average_value};
        }
    }
    spec.metrics.push_back(std::move(metric));
    observed.metrics.push_back(
        one_in(6) ? error()
                  : values({number(0, 40'000), number(0, 9)}, std::chrono::seconds{number(0, 90)}));
}

void Generator::add_drain(api::ScalingPolicySpec& spec, api::Observation& observed) {
    spec.target_ref = {"apps/v1", one_in(3) ? "StatefulSet" : "Deployment", "pod"};
    if (one_in(6)) spec.mode = api::ScalingMode::Observe;
    spec.drain = api::DrainSpec{.query = "sessions",
                                .empty_at = number(0, 3),
                                .timeout_seconds = number(1, 900),
                                .batch_pods = number(1, 4),
                                .batch_pause_seconds = number(0, 60)};
    if (one_in(2)) spec.drain->endpoint = api::DrainEndpoint{number(1, 65535), "/drain"};
    for (const api::CasePod& pod : observed.pods) {
        api::DrainingPod one{.pod = pod.name};
        if (!one_in(3)) one.connections = number(0, 9);
        if (one_in(3)) one.since = kNow - std::chrono::seconds{number(0, 900)};
        if (one.connections || one.since) observed.draining.push_back(std::move(one));
    }
    if (one_in(2)) observed.history.drained_at = kNow - std::chrono::seconds{number(0, 120)};
}

void Generator::add_forecast(api::ScalingPolicySpec& spec, api::Observation& observed) {
    spec.prediction = api::PredictionSpec{
        .mode = one_in(3) ? api::PredictionMode::Observe : api::PredictionMode::Enforce,
        .lead_seconds = number(0, 600)};
    api::Forecast forecast;
    forecast.state = one_in(4)   ? api::PredictionState::Shadow
                     : one_in(6) ? api::PredictionState::Learning
                                 : api::PredictionState::Trusted;
    forecast.reason = "CoverageHeld";
    forecast.slot = kNow + std::chrono::seconds{number(-900, 900)};
    forecast.slot_seconds = 300;
    forecast.model = api::PredictionModel::HoltWinters;
    forecast.period_seconds = 86'400;
    forecast.expected = api::Quantity::from_milli(number(0, 40'000));
    forecast.bound = api::Quantity::from_milli(number(0, 60'000));
    forecast.coverage_permille = number(800, 1000);
    forecast.measured_slots = number(0, 288);
    forecast.history_slots = number(0, 4000);
    forecast.history_hash = "0123456789abcdef";
    observed.forecast = forecast;
}

void Generator::add_circumstances(api::Observation& observed) {
    if (one_in(6)) observed.freeze = api::NamespaceFreeze{"incident", {}};
    if (observed.freeze && one_in(2)) observed.freeze->until = around(600);
    if (one_in(4)) observed.metrics_missing_since = around(900);
    api::ScalingHistory& history = observed.history;
    if (one_in(2))
        history.direction = one_in(2) ? api::ScaleDirection::Up : api::ScaleDirection::Down;
    for (int i = number(0, 4); i > 0; --i) {
        history.direction_changes.push_back({around(5000), api::ScaleDirection::Up});
    }
    if (one_in(3)) history.idle_since = around(900);
    if (one_in(5)) history.zeroed_at = around(900);
    if (one_in(5)) history.rebalanced_at = around(4000);
}

}  // namespace chatflow::scaling::test
