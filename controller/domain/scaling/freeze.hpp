#pragma once

#include "controller/api/scaling_controls.hpp"

#include <map>
#include <optional>
#include <string>

namespace chatflow::scaling {

// On a namespace: nothing in it is scaled while the first is there, or until the second.
inline constexpr char kFreezeAnnotation[] = "chatflow.dev/freeze";             // the reason
inline constexpr char kFreezeUntilAnnotation[] = "chatflow.dev/freeze-until";  // RFC 3339

/// What the annotations of a namespace say. An end that is no time is no end: who froze wants no
/// change, and the reason then says that it cannot be read.
[[nodiscard]] std::optional<api::NamespaceFreeze> freeze_of(
    const std::map<std::string, std::string>& annotations);

}  // namespace chatflow::scaling
