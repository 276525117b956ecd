#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// So many requests of one client within any window of that length (a sliding window).
struct RateLimit {
    std::uint32_t requests = 0;
    std::chrono::seconds window{0};

    bool operator==(const RateLimit&) const = default;
};

/// At most; each request of a window is remembered by its time.
inline constexpr std::uint32_t kRateLimitRequestsMax = 100'000;
inline constexpr std::chrono::hours kRateLimitWindowMax{24};

/// "100/15m", "5/1h", "60/60s"; "off" is no limit. The error says what is expected.
[[nodiscard]] std::expected<std::optional<RateLimit>, std::string> parse_rate_limit(
    std::string_view text);

/// What the window said of one request.
struct RateVerdict {
    bool is_allowed = true;
    std::uint32_t remaining = 0;    // requests that would be allowed now
    std::chrono::seconds reset{0};  // until one more is allowed than now, rounded up

    bool operator==(const RateVerdict&) const = default;
};

/// The values of RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10):
/// "api";q=100;w=900 and "api";r=42;t=17.
[[nodiscard]] std::string rate_limit_policy_header(std::string_view name, const RateLimit& limit);
[[nodiscard]] std::string rate_limit_header(std::string_view name, const RateVerdict& verdict);

}  // namespace chatflow::chat
