#pragma once

#include "controller/domain/scaling/setting.hpp"

#include <cstdint>
#include <optional>

namespace chatflow::scaling {

/// Carries `wanted` through stabilization, policies, bounds and flap budget. The last pod stays
/// until the target has been idle for the grace period.
/// `idle_since` is nothing where it is not idle. Appends to the message what cut it.
void limit(api::Decision& decision, const Setting& now, std::int32_t wanted,
           std::optional<TimePoint> idle_since);

}  // namespace chatflow::scaling
