#include "controller/domain/scaling/controls.hpp"

#include "libs/base/cron.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::ActiveControl;
using api::ControlType;
using api::ScalingSchedule;

/// A schedule as it can be asked. Made anew for each decision: that costs less than a microsecond.
struct Window {
    Cron start;
    Cron end;
    const std::chrono::time_zone* zone = nullptr;

    /// An unusable one is refused where it is read; here it is never in force.
    static std::optional<Window> of(const ScalingSchedule& schedule) {
        auto start = Cron::parse(schedule.start);
        auto end = Cron::parse(schedule.end);
        const auto* zone = find_time_zone(schedule.time_zone);
        if (!start || !end || zone == nullptr) return std::nullopt;
        return Window{*start, *end, zone};
    }
    [[nodiscard]] bool contains(TimePoint now) const {
        const auto started = start.last_until(now, *zone);
        const auto ended = end.last_until(now, *zone);
        return started && (!ended || *started >= *ended);
    }
};

std::optional<TimePoint> rebalance_end(const api::ScalingPolicySpec& spec,
                                       const api::Observation& seen) {
    if (!spec.rebalance) return std::nullopt;
    const TimePoint from = spec.rebalance->requested_at;
    const TimePoint until = from + std::chrono::seconds{api::kRebalanceSeconds};
    const bool is_done =
        seen.history.rebalanced_at && *seen.history.rebalanced_at >= spec.rebalance->requested_at;
    return from <= seen.now && seen.now < until && !is_done ? std::optional{until} : std::nullopt;
}

void add_schedules(Controls& controls, const api::ScalingPolicySpec& spec, TimePoint now) {
    for (const ScalingSchedule& schedule : spec.schedules) {
        const auto window = Window::of(schedule);
        if (!window || !window->contains(now)) continue;
        controls.bounds.min = schedule.min_replicas.value_or(controls.bounds.min);
        controls.bounds.max = schedule.max_replicas.value_or(controls.bounds.max);
        controls.active.push_back({.type = ControlType::Schedule,
                                   .name = schedule.name,
                                   .until = window->end.next_after(now, *window->zone)});
    }
    controls.bounds.max = std::max(controls.bounds.max, controls.bounds.min);
}

void add_pause(Controls& controls, const api::ScalingPause& pause) {
    if (pause.scale_up) {
        controls.may_grow = false;
        controls.active.push_back(
            {.type = ControlType::PauseScaleUp, .reason = pause.reason, .until = pause.until});
    }
    if (pause.scale_down) {
        controls.may_shrink = false;
        controls.active.push_back(
            {.type = ControlType::PauseScaleDown, .reason = pause.reason, .until = pause.until});
    }
}

}  // namespace

Controls controls_at(const api::ScalingPolicySpec& spec, const api::Observation& seen) {
    Controls controls;
    controls.bounds = {spec.min_replicas, spec.max_replicas};
    if (seen.freeze && (!seen.freeze->until || seen.now < *seen.freeze->until)) {
        controls.is_frozen = true;
        controls.active.push_back({.type = ControlType::Freeze,
                                   .reason = seen.freeze->reason,
                                   .until = seen.freeze->until});
    }
    if (spec.override_with && seen.now < spec.override_with->until) {
        controls.override_replicas = spec.override_with->replicas;
        controls.active.push_back({.type = ControlType::Override,
                                   .reason = spec.override_with->reason,
                                   .until = spec.override_with->until});
    }
    if (spec.pause && seen.now < spec.pause->until) add_pause(controls, *spec.pause);
    if (!spec.schedules.empty()) add_schedules(controls, spec, seen.now);
    if (const auto until = rebalance_end(spec, seen)) {
        controls.rebalances = true;
        controls.active.push_back({.type = ControlType::Rebalance, .until = until});
    }
    return controls;
}

std::optional<TimePoint> next_control_change(const api::ScalingPolicySpec& spec,
                                             const api::Observation& seen, TimePoint horizon) {
    std::optional<TimePoint> first;
    const auto consider = [&](std::optional<TimePoint> at) {
        if (at && seen.now < *at && *at < horizon && (!first || *at < *first)) first = at;
    };
    if (seen.freeze) consider(seen.freeze->until);
    if (spec.override_with) consider(spec.override_with->until);
    if (spec.pause) consider(spec.pause->until);
    if (spec.rebalance) consider(spec.rebalance->requested_at);
    for (const ScalingSchedule& schedule : spec.schedules) {
        if (const auto window = Window::of(schedule)) {
            consider(window->start.next_after(seen.now, *window->zone));
            consider(window->end.next_after(seen.now, *window->zone));
        }
    }
    if (seen.history.idle_since) {
        consider(*seen.history.idle_since +
                 std::chrono::seconds{spec.scale_to_zero.grace_period_seconds});
    }
    return first;
}

std::string control_text(const ActiveControl& control) {
    std::string text;
    switch (control.type) {
        case ControlType::Freeze:
            text = "the namespace is frozen";
            break;
        case ControlType::Override:
            text = "overridden by hand";
            break;
        case ControlType::PauseScaleUp:
            text = "scale-up is paused";
            break;
        case ControlType::PauseScaleDown:
            text = "scale-down is paused";
            break;
        case ControlType::Schedule:
            text = fmt::format("schedule {} is in force", control.name);
            break;
        case ControlType::Rebalance:
            text = "a rebalance is asked for";
            break;
    }
    if (control.until) text += " until " + format_rfc3339(*control.until);
    if (!control.reason.empty()) text += ": " + control.reason;
    return text;
}

std::string ended_text(const ActiveControl& control) {
    switch (control.type) {
        case ControlType::Freeze:
            return "the namespace is no longer frozen";
        case ControlType::Override:
            return "no longer overridden by hand";
        case ControlType::PauseScaleUp:
            return "scale-up is no longer paused";
        case ControlType::PauseScaleDown:
            return "scale-down is no longer paused";
        case ControlType::Schedule:
            return fmt::format("schedule {} is no longer in force", control.name);
        case ControlType::Rebalance:
            return "the rebalance is done, or its hour is over";
    }
    return {};
}

}  // namespace chatflow::scaling
