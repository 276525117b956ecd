#include "workloads/chat-server/domain/rate_limit.hpp"

#include <charconv>

namespace chatflow::chat {
namespace {

constexpr std::string_view kExpected =
    "must be off, or requests and a window, for instance 100/15m (s, m or h; at most 100000 and "
    "24h)";

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number == 0) return std::nullopt;
    return number;
}

std::optional<std::chrono::seconds> window_of(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const auto count = number_of(text.substr(0, text.size() - 1));
    if (!count || *count > 86'400) return std::nullopt;
    switch (text.back()) {
        case 's':
            return std::chrono::seconds(*count);
        case 'm':
            return std::chrono::minutes(*count);
        case 'h':
            return std::chrono::hours(*count);
        default:
            return std::nullopt;
    }
}

}  // namespace

std::expected<std::optional<RateLimit>, std::string> parse_rate_limit(std::string_view text) {
    if (text == "off") return std::nullopt;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::unexpected(std::string(kExpected));
    const auto requests = number_of(text.substr(0, slash));
    const auto window = window_of(text.substr(slash + 1));
    if (!requests || !window || *requests > kRateLimitRequestsMax ||
        *window > kRateLimitWindowMax) {
        return std::unexpected(std::string(kExpected));
    }
    return RateLimit{.requests = *requests, .window = *window};
}

std::string rate_limit_policy_header(std::string_view name, const RateLimit& limit) {
    return '"' + std::string(name) + "\";q=" + std::to_string(limit.requests) +
           ";w=" + std::to_string(limit.window.count());
}

std::string rate_limit_header(std::string_view name, const RateVerdict& verdict) {
    return '"' + std::string(name) + "\";r=" + std::to_string(verdict.remaining) +
           ";t=" + std::to_string(verdict.reset.count());
}

}  // namespace chatflow::chat
