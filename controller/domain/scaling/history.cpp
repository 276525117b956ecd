#include "controller/domain/scaling/history.hpp"

#include "controller/domain/scaling/behavior.hpp"
#include "controller/domain/scaling/stabilization.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

namespace chatflow::scaling {
namespace {

using api::Recommendation;
using api::ScaleEvent;

/// What the metrics asked for. While they are silent, what exists: when they come back, a change
/// needs a full window of data again. HPA records nothing then.
std::optional<std::int32_t> recommended(const api::ScalingPolicySpec& spec,
                                        const api::Observation& seen,
                                        const api::Decision& decision) {
    if (decision.reason == api::DecisionReason::ScalingDisabled ||
        decision.reason == api::DecisionReason::OutsideBounds) {
        return std::nullopt;
    }
    if (!decision.error) return decision.uncapped;
    return spec.compatibility == api::Compatibility::Chatflow ? std::optional{seen.replicas.spec}
                                                              : std::nullopt;
}

const Recommendation& newest(const std::vector<Recommendation>& all) {
    return *std::ranges::max_element(all, {}, &Recommendation::at);
}

/// Of the recommendations since `start`, those that no later one makes needless: greater (or, for
/// the upward window, less) than all that follow. `all` is sorted by time; so is the result.
std::vector<Recommendation> staircase(const std::vector<Recommendation>& all, TimePoint start,
                                      bool keeps_greater) {
    std::vector<Recommendation> stairs;
    for (auto it = all.rbegin(); it != all.rend() && it->at >= start; ++it) {
        if (stairs.empty() || (keeps_greater ? it->replicas > stairs.back().replicas
                                             : it->replicas < stairs.back().replicas)) {
            stairs.push_back(*it);
        }
    }
    std::ranges::reverse(stairs);
    return stairs;
}

/// Joins the two steps that differ least, until there are at most `most`: the value of the older
/// one with the time of the newer one holds back for longer, never for less long.
void join_steps(std::vector<Recommendation>& stairs, std::size_t most) {
    while (stairs.size() > most) {
        std::size_t best = 0;
        double least = std::numeric_limits<double>::max();
        for (std::size_t i = 0; i + 2 < stairs.size(); ++i) {  // the newest stays as it is
            const double height = std::abs(static_cast<double>(stairs[i].replicas) -
                                           static_cast<double>(stairs[i + 1].replicas));
            const auto width = static_cast<double>((stairs[i + 1].at - stairs[i].at).count());
            if (height * width < least) {
                least = height * width;
                best = i;
            }
        }
        stairs[best + 1].replicas = stairs[best].replicas;
        stairs.erase(stairs.begin() + static_cast<std::ptrdiff_t>(best));
    }
}

std::vector<Recommendation> needed(std::vector<Recommendation> all,
                                   const api::ScalingPolicySpec& spec, TimePoint now) {
    std::ranges::stable_sort(all, {}, &Recommendation::at);
    const auto down_window =
        has_legacy_behavior(spec) ? kLegacyWindow : scale_down_rules(spec).window;
    auto down = staircase(all, now - down_window, true);
    auto up = staircase(all, now - scale_up_rules(spec).window, false);
    join_steps(down, kRecommendationsMax / 2);
    join_steps(up, kRecommendationsMax / 2);
    std::vector<Recommendation> both;
    std::ranges::merge(down, up, std::back_inserter(both), {}, &Recommendation::at,
                       &Recommendation::at);
    both.erase(std::ranges::unique(both).begin(), both.end());
    return both;
}

/// Events younger than the longest period; when there are too many, the two nearest become one, at
/// the time of the later.
std::vector<ScaleEvent> recent(std::vector<ScaleEvent> events, TimePoint start) {
    std::erase_if(events, [&](const ScaleEvent& event) { return event.at <= start; });
    std::ranges::stable_sort(events, {}, &ScaleEvent::at);
    while (events.size() > kScaleEventsMax) {
        std::size_t best = 0;
        for (std::size_t i = 0; i + 1 < events.size(); ++i) {
            if (events[i + 1].at - events[i].at < events[best + 1].at - events[best].at) {
                best = i;
            }
        }
        events[best + 1].change += events[best].change;
        events.erase(events.begin() + static_cast<std::ptrdiff_t>(best));
    }
    return events;
}

/// Within the period; the newest where they are too many, as the budget is spent anyway.
std::vector<api::DirectionChange> recent_turns(std::vector<api::DirectionChange> turns,
                                               TimePoint start) {
    std::erase_if(turns, [&](const api::DirectionChange& turn) { return turn.at <= start; });
    if (turns.size() > kDirectionChangesMax) {
        turns.erase(turns.begin(), turns.end() - kDirectionChangesMax);
    }
    return turns;
}

void note_direction(api::ScalingHistory& next, std::int32_t change, TimePoint now) {
    const auto to = change > 0 ? api::ScaleDirection::Up : api::ScaleDirection::Down;
    if (next.direction && *next.direction != to) next.direction_changes.push_back({now, to});
    next.direction = to;
}

void note_change(api::ScalingHistory& next, const api::ScalingPolicySpec& spec, std::int32_t change,
                 TimePoint now) {
    note_direction(next, change, now);
    if (has_legacy_behavior(spec)) return;
    auto& events = change > 0 ? next.scale_up_events : next.scale_down_events;
    events.push_back({now, std::abs(change)});
}

/// Since when there has been no work. Missing data may be work: it begins anew.
std::optional<TimePoint> idle_since(const api::ScalingHistory& before, const api::Observation& seen,
                                    const api::Decision& decision) {
    bool is_idle = false;
    for (const api::MetricOutcome& metric : decision.metrics) {
        if (!metric.proposal || metric.active.value_or(false)) return std::nullopt;
        is_idle = is_idle || metric.active.has_value();
    }
    return is_idle ? std::optional{before.idle_since.value_or(seen.now)} : std::nullopt;
}

/// A rebalance is done when nothing but a bound keeps the replicas from where they belong.
bool is_rebalanced(const api::Decision& decision) {
    const bool asked = std::ranges::contains(decision.controls, api::ControlType::Rebalance,
                                             &api::ActiveControl::type);
    return asked && !decision.error &&
           (decision.replicas == decision.uncapped ||
            decision.limited_by == api::LimitedBy::MinReplicas ||
            decision.limited_by == api::LimitedBy::MaxReplicas);
}

}  // namespace

api::ScalingHistory starting_history(api::ScalingHistory history, std::int32_t replicas,
                                     TimePoint now) {
    if (history.recommendations.empty()) {
        history.recommendations.push_back({now, replicas});
    }
    return history;
}

std::chrono::seconds status_write_interval(std::size_t policies) {
    return std::max(
        kStatusWriteInterval,
        std::chrono::seconds{static_cast<std::int64_t>(policies / kStatusWritesPerSecond)});
}

std::chrono::seconds longest_silence(const api::ScalingPolicySpec& spec) {
    return kStatusWriteInterval + kTakeover +
           2 * std::chrono::seconds{spec.evaluation_period_seconds};
}

api::ScalingHistory resumed_history(api::ScalingHistory history, const api::ScalingPolicySpec& spec,
                                    std::optional<TimePoint> written, std::int32_t replicas,
                                    TimePoint now) {
    const bool is_recent = written && now - *written <= longest_silence(spec);
    const bool has_last = is_recent && !history.recommendations.empty();
    history.recommendations.push_back(
        {now, has_last ? newest(history.recommendations).replicas : replicas});
    return history;
}

api::ScalingHistory with_untold_change(api::ScalingHistory history,
                                       const api::ScalingPolicySpec& spec, std::int32_t told,
                                       std::int32_t replicas, TimePoint now) {
    if (replicas == told) return history;
    if (spec.drain && replicas < told) history.drained_at = now;
    auto& events = replicas > told ? history.scale_up_events : history.scale_down_events;
    events.push_back({now, std::abs(replicas - told)});
    return history;
}

std::chrono::microseconds clock_step(std::chrono::microseconds by_wall_clock,
                                     std::chrono::steady_clock::duration by_steady_clock) {
    constexpr std::chrono::seconds kStepLeast{1};
    const auto step =
        by_wall_clock - std::chrono::round<std::chrono::microseconds>(by_steady_clock);
    return std::chrono::abs(step) < kStepLeast ? std::chrono::microseconds{} : step;
}

api::ScalingHistory after_clock_step(api::ScalingHistory history, std::chrono::microseconds step) {
    for (Recommendation& one : history.recommendations) one.at += step;
    for (ScaleEvent& one : history.scale_up_events) one.at += step;
    for (ScaleEvent& one : history.scale_down_events) one.at += step;
    for (api::DirectionChange& one : history.direction_changes) one.at += step;
    for (auto* moment : {&history.idle_since, &history.zeroed_at, &history.drained_at}) {
        if (*moment) **moment += step;
    }
    return history;  // rebalanced_at is the moment that a request names
}

api::ScalingHistory advance(const api::ScalingHistory& history, const api::ScalingPolicySpec& spec,
                            const api::Observation& seen, const api::Decision& decision,
                            Applied applied) {
    api::ScalingHistory next = history;
    const std::int32_t change = decision.replicas - seen.replicas.spec;
    const bool is_changed = applied == Applied::Yes && change != 0;
    if (const auto replicas = recommended(spec, seen, decision)) {
        next.recommendations.push_back({seen.now, *replicas});
    }
    if (is_changed) note_change(next, spec, change, seen.now);
    if (!seen.proposal) next.idle_since = idle_since(history, seen, decision);
    if (is_changed && decision.replicas == 0) next.zeroed_at = seen.now;
    if (is_changed ? decision.replicas > 0 : seen.replicas.spec > 0) next.zeroed_at.reset();
    if (is_changed && change < 0 && !decision.victims.empty()) next.drained_at = seen.now;
    if (is_rebalanced(decision) && (is_changed || change == 0)) {
        next.rebalanced_at = spec.rebalance->requested_at;
    }

    next.recommendations = needed(std::move(next.recommendations), spec, seen.now);
    const TimePoint start = seen.now - longest_period(spec);
    next.scale_up_events = recent(std::move(next.scale_up_events), start);
    next.scale_down_events = recent(std::move(next.scale_down_events), start);
    if (has_legacy_behavior(spec)) {
        next.scale_up_events.clear();
        next.scale_down_events.clear();
    }
    next.direction_changes =
        recent_turns(std::move(next.direction_changes), seen.now - flap_period(spec));
    return next;
}

}  // namespace chatflow::scaling
