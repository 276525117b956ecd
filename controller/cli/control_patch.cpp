#include "controller/cli/control_patch.hpp"

#include "controller/cli/time_unit.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kSpanMax = std::chrono::hours{24 * 366};

}  // namespace

std::optional<std::chrono::seconds> parse_span(std::string_view text) {
    std::chrono::seconds sum{0};
    while (!text.empty()) {
        std::int32_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const auto digits = static_cast<std::size_t>(end - text.data());
        if (error != std::errc{} || digits == text.size() || number < 0) return std::nullopt;
        const std::int64_t unit = seconds_per(text[digits]);
        if (unit == 0) return std::nullopt;
        sum += std::chrono::seconds{number * unit};
        if (sum > kSpanMax) return std::nullopt;
        text.remove_prefix(digits + 1);
    }
    return sum.count() > 0 ? std::optional{sum} : std::nullopt;
}

TimePoint end_of(const std::string& until, const std::string& span, TimePoint now) {
    if (!until.empty()) {
        const auto at = parse_rfc3339(until);
        if (!at) {
            throw std::invalid_argument(
                fmt::format("--until must be a time such as 2026-11-21T08:00:00Z, not {}", until));
        }
        if (*at <= now) throw std::invalid_argument("--until must lie ahead, not at " + until);
        return *at;
    }
    const auto length = parse_span(span);
    if (!length) {
        throw std::invalid_argument(
            fmt::format("--for must be a time such as 30m, 2h or 1d, at most 366d, not {}", span));
    }
    return std::chrono::ceil<std::chrono::seconds>(now + *length);
}

json override_patch(std::int32_t replicas, const std::string& reason, TimePoint until) {
    return {{"spec",
             {{"override",
               {{"replicas", replicas}, {"reason", reason}, {"until", format_rfc3339(until)}}}}}};
}

json pause_patch(bool up, bool down, const std::string& reason, TimePoint until) {
    return {{"spec",
             {{"pause",
               {{"scaleUp", up},
                {"scaleDown", down},
                {"reason", reason},
                {"until", format_rfc3339(until)}}}}}};
}

json resume_patch() { return {{"spec", {{"override", nullptr}, {"pause", nullptr}}}}; }

json rebalance_patch(TimePoint now) {
    return {{"spec", {{"rebalance", {{"requestedAt", format_rfc3339(now)}}}}}};
}

}  // namespace chatflow::cli
