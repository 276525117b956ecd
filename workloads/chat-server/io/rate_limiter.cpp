#include "workloads/chat-server/io/rate_limiter.hpp"

#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"

#include <array>
#include <chrono>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kCountTime = 100ms;

// A list of the times of the requests allowed within the window, newest first. Returns allowed,
// remaining, and milliseconds until the oldest leaves the window.
const redis::Script& count_script() {
    static const redis::Script script(R"lua(
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
        local oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
        while oldest and oldest <= now - window do
            redis.call('RPOP', KEYS[1])
            oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
        end
        local used = redis.call('LLEN', KEYS[1])
        local reset = oldest and (oldest + window - now) or window
        if used >= most then return {0, 0, reset} end
        redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], window)
        return {1, most - used - 1, reset})lua");
    return script;
}

RateVerdict verdict_of(const redis::Reply& reply) {
    const std::chrono::milliseconds reset(reply[2].integer());
    return {.is_allowed = reply[0].integer() == 1,
            .remaining = static_cast<std::uint32_t>(reply[1].integer()),
            .reset = std::chrono::ceil<std::chrono::seconds>(reset)};
}

}  // namespace

awaitable<std::optional<RateVerdict>> RateLimiter::count(std::string_view name, RateLimit limit,
                                                         std::string client) {
    if (!redis_.is_connected()) co_return std::nullopt;
    const std::array keys{"limit:" + std::string(name) + ":" + client};
    const std::chrono::milliseconds window(limit.window);
    const std::array arguments{std::to_string(limit.requests), std::to_string(window.count())};
    try {
        const auto reply =
            co_await redis_.eval(count_script(), keys, arguments, Deadline::after(kCountTime));
        co_return verdict_of(reply);
    } catch (const redis::Error&) {
        co_return std::nullopt;
    }
}

}  // namespace chatflow::chat
