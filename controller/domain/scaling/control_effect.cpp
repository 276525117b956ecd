#include "controller/domain/scaling/control_effect.hpp"

#include "controller/domain/scaling/metric_message.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::DecisionReason;
using api::LimitedBy;

const api::ActiveControl& control_of(const Setting& now, api::ControlType type) {
    return *std::ranges::find(now.controls.active, type, &api::ActiveControl::type);
}

void pause(api::Decision& decision, const Setting& now, api::ControlType type) {
    fmt::format_to(std::back_inserter(decision.message), "; {}: {} {}",
                   control_text(control_of(now, type)), pods_text(now.current()),
                   now.current() == 1 ? "stays" : "stay");
    decision.reason = DecisionReason::Paused;
    if (decision.replicas != now.current()) decision.limited_by = LimitedBy::Pause;
    decision.replicas = now.current();
}

}  // namespace

void obey(api::Decision& decision, const Setting& now) {
    using enum api::ControlType;
    const Controls& controls = now.controls;
    const std::int32_t current = now.current();
    if (controls.is_frozen) {
        decision.message = control_text(control_of(now, Freeze)) + "; " + decision.message;
        decision.reason = DecisionReason::Frozen;
        if (decision.replicas != current) decision.limited_by = LimitedBy::Freeze;
        decision.replicas = current;
    } else if (controls.override_replicas) {
        decision.message = control_text(control_of(now, Override)) + "; " + decision.message;
        decision.reason = DecisionReason::Overridden;
        decision.replicas = *controls.override_replicas;
        decision.limited_by =
            decision.replicas == decision.uncapped ? LimitedBy::None : LimitedBy::Override;
        decision.error.reset();
    } else if (decision.replicas > current && !controls.may_grow) {
        pause(decision, now, PauseScaleUp);
    } else if (decision.replicas < current && !controls.may_shrink) {
        pause(decision, now, PauseScaleDown);
    } else if (decision.reason == DecisionReason::WithinBand &&
               (!controls.may_grow || !controls.may_shrink)) {
        pause(decision, now, controls.may_shrink ? PauseScaleUp : PauseScaleDown);
    }
}

}  // namespace chatflow::scaling
