#include "controller/domain/redis/agent_settings.hpp"

#include "controller/domain/redis/names.hpp"
#include "libs/base/number.hpp"

#include <cstdint>
#include <optional>
#include <sstream>
#include <type_traits>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

constexpr const char* kSentinel = "sentinel";
constexpr const char* kQuorum = "quorum";
constexpr const char* kDownAfter = "down-after-milliseconds";
constexpr const char* kFailoverTimeout = "failover-timeout-milliseconds";
constexpr const char* kMaxLag = "max-lag-seconds";

/// A number above 0.
std::optional<std::int32_t> count_of(const std::string& text) {
    const auto count = parse_number<std::int32_t>(text);
    return count && *count > 0 ? count : std::nullopt;
}

/// What is wrong with the value; empty when nothing.
std::string take(AgentSettings& settings, const std::string& name, const std::string& value) {
    if (name == kSentinel) {
        auto place = parse_place(value);
        if (!place) return place.error();
        settings.sentinels.push_back(*std::move(place));
        return {};
    }
    const auto count = count_of(value);
    const auto set = [&](std::string_view wanted, auto& to) {
        if (name != wanted) return true;
        if (count) to = std::remove_reference_t<decltype(to)>(*count);
        return count.has_value();
    };
    const bool is_good = set(kQuorum, settings.quorum) && set(kDownAfter, settings.down_after) &&
                         set(kFailoverTimeout, settings.failover_timeout) &&
                         set(kMaxLag, settings.max_lag);
    return is_good ? std::string() : fmt::format("must be a number above 0, not {}", value);
}

}  // namespace

AgentSettings agent_settings(const api::RedisTopology& topology) {
    const api::RedisSentinelSpec& spec = topology.spec.sentinel;
    AgentSettings settings{
        .sentinels = {},
        .quorum = spec.quorum,
        .down_after = std::chrono::seconds{spec.down_after_seconds},
        .failover_timeout = std::chrono::seconds{spec.failover_timeout_seconds},
        .max_lag = std::chrono::seconds{topology.spec.write_safety.max_lag_seconds}};
    for (int i = 0; i < spec.instances; ++i) {
        settings.sentinels.push_back(
            {fmt::format("{}-sentinel-{}", topology.metadata.name, i), kSentinelPort});
    }
    return settings;
}

std::string to_text(const AgentSettings& settings) {
    std::string text;
    for (const Place& sentinel : settings.sentinels) {
        text += fmt::format("{} {}\n", kSentinel, to_string(sentinel));
    }
    text += fmt::format("{} {}\n{} {}\n{} {}\n{} {}\n", kQuorum, settings.quorum, kDownAfter,
                        settings.down_after.count(), kFailoverTimeout,
                        settings.failover_timeout.count(), kMaxLag, settings.max_lag.count());
    return text;
}

std::expected<AgentSettings, std::string> agent_settings_from(std::string_view text) {
    AgentSettings settings;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const auto blank = line.find(' ');
        const std::string name = line.substr(0, blank);
        const std::string value = blank == line.npos ? "" : line.substr(blank + 1);
        if (const std::string amiss = take(settings, name, value); !amiss.empty()) {
            return std::unexpected(fmt::format("{}: {}", name, amiss));
        }
    }
    if (settings.sentinels.empty()) return std::unexpected("sentinel: there is none");
    return settings;
}

}  // namespace chatflow::redis_topology
