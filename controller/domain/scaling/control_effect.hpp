#pragma once

#include "controller/domain/scaling/setting.hpp"

namespace chatflow::scaling {

/// The strongest control wins. What the metrics ask for stays readable behind it.
/// Only where a control is in force.
void obey(api::Decision& decision, const Setting& now);

}  // namespace chatflow::scaling
