#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow {

/// A moment on the wall clock, in microseconds: what Kubernetes' MicroTime can say.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

/// "2026-11-21T08:00:00Z": how Kubernetes' Time is written. Fractions of a second are cut off.
[[nodiscard]] std::string format_rfc3339(TimePoint at);

/// "2026-11-21T08:00:00.000123Z": how MicroTime is written.
[[nodiscard]] std::string format_rfc3339_micro(TimePoint at);

/// Reads RFC 3339 with any offset and up to nine digits of fraction (cut to microseconds);
/// nothing for text of another form or a date that does not exist.
[[nodiscard]] std::optional<TimePoint> parse_rfc3339(std::string_view text);

/// "45s", "5m30s", "2h5m", "3d4h": the two greatest units, as kubectl prints ages.
[[nodiscard]] std::string format_age(std::chrono::seconds age);

}  // namespace chatflow
