#include "workloads/chat-server/io/room_cache.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTimeToLiveSeconds = "300";
// A cache that takes longer than this is slower than what it saves.
constexpr auto kCacheTime = 100ms;
// Changes kept for a Redis that is away; others end with the time to live.
constexpr std::size_t kMissedMax = 10'000;
constexpr auto kRetryAfter = 1s;

const redis::Script& put_script() {
    static const redis::Script script(R"lua(
        local held = redis.call('GET', KEYS[1])
        if held then
            local version = string.match(held, '^{"version":(%d+)')
            if version and tonumber(version) >= tonumber(ARGV[1]) then return 0 end
        end
        redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
        return 1)lua");
    return script;
}

std::string key_of(const std::string& id) { return "room:" + id; }

}  // namespace

RoomCache::RoomCache(asio::any_io_executor executor, redis::Client& redis, Metrics& metrics)
    : redis_(redis), metrics_(metrics), missed_some_(std::move(executor)) {}

awaitable<std::optional<std::string>> RoomCache::find(std::string id) {
    if (!redis_.is_connected()) {
        metrics_.cache_errors.Increment();
        co_return std::nullopt;
    }
    try {
        const auto reply =
            co_await redis_.call(redis::Command{"GET", key_of(id)}, Deadline::after(kCacheTime));
        if (const auto json = reply.optional_text()) {
            metrics_.cache_hits.Increment();
            co_return std::string(*json);
        }
        metrics_.cache_misses.Increment();
    } catch (const redis::Error&) {
        metrics_.cache_errors.Increment();
    }
    co_return std::nullopt;
}

awaitable<void> RoomCache::put_loaded(std::string id, std::int64_t version, std::string json) {
    co_await put(std::move(id), {version, std::move(json)});
}

awaitable<void> RoomCache::put_changed(std::string id, std::int64_t version, std::string json) {
    metrics_.cache_invalidations.Increment();
    Entry entry{version, std::move(json)};
    if (co_await put(id, entry)) co_return;
    if (missed_.size() >= kMissedMax && !missed_.contains(id)) co_return;
    missed_.insert_or_assign(std::move(id), std::move(entry));
    missed_some_.notify_all();
}

awaitable<bool> RoomCache::put(std::string id, Entry entry) {
    if (!redis_.is_connected()) co_return false;
    const std::array keys{key_of(id)};
    const std::array arguments{std::to_string(entry.version), std::move(entry.json),
                               std::string(kTimeToLiveSeconds)};
    try {
        co_await redis_.eval(put_script(), keys, arguments, Deadline::after(kCacheTime));
        co_return true;
    } catch (const redis::Error&) {
        metrics_.cache_errors.Increment();
        co_return false;
    }
}

awaitable<void> RoomCache::run() {
    for (;;) {
        while (missed_.empty()) co_await missed_some_.wait();
        co_await put_missed();
        if (!missed_.empty()) co_await sleep_until(Deadline::after(kRetryAfter));
    }
}

awaitable<void> RoomCache::put_missed() {
    while (!missed_.empty()) {
        const auto [id, entry] = *missed_.begin();
        if (!co_await put(id, entry)) co_return;
        // Unless a newer change was missed meanwhile.
        const auto place = missed_.find(id);
        if (place != missed_.end() && place->second.version == entry.version) missed_.erase(place);
    }
}

}  // namespace chatflow::chat
