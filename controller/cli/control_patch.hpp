#pragma once

#include "libs/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::cli {

/// "90s", "30m", "1h30m", "2d"; nothing for another form, for 0, and for more than a year.
[[nodiscard]] std::optional<std::chrono::seconds> parse_span(std::string_view text);

/// When a control ends: `until` as RFC 3339 where it is given, else `span` from now. Throws
/// std::invalid_argument with a sentence for the user.
[[nodiscard]] TimePoint end_of(const std::string& until, const std::string& span, TimePoint now);

// Merge patches of a ScalingPolicy.
[[nodiscard]] nlohmann::json override_patch(std::int32_t replicas, const std::string& reason,
                                            TimePoint until);
[[nodiscard]] nlohmann::json pause_patch(bool up, bool down, const std::string& reason,
                                         TimePoint until);
/// Takes away override and pause.
[[nodiscard]] nlohmann::json resume_patch();
[[nodiscard]] nlohmann::json rebalance_patch(TimePoint now);

}  // namespace chatflow::cli
