#include "workloads/chat-server/io/room_cache.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTimeToLiveSeconds = "300";
// A cache that takes longer than this is slower than what it saves.
constexpr auto kCacheTime = 100ms;

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

constexpr std::string_view kPrefix = "room:";

std::string key_of(const std::string& id) { return std::string(kPrefix) + id; }

}  // namespace

RoomCache::RoomCache(asio::any_io_executor executor, redis::Client& redis, CacheMetrics& metrics,
                     CacheMetrics& near_metrics, const Log& log)
    : redis_(redis),
      metrics_(metrics),
      near_metrics_(near_metrics),
      changes_(
          redis, std::string(kPrefix), [this](std::string_view key) { on_change(key); }, log),
      missed_(std::move(executor)) {}

std::optional<std::string> RoomCache::find_near(const std::string& id) {
    if (!changes_.is_listening()) return std::nullopt;
    const std::string* copy = near_.find(id, Deadline::Clock::now());
    if (copy == nullptr) {
        near_metrics_.misses.Increment();
        return std::nullopt;
    }
    near_metrics_.hits.Increment();
    return *copy;
}

awaitable<std::optional<std::string>> RoomCache::find(std::string id) {
    if (!redis_.is_connected()) {
        metrics_.errors.Increment();
        co_return std::nullopt;
    }
    const auto changes = near_.changes();
    try {
        const auto reply =
            co_await redis_.call(redis::Command{"GET", key_of(id)}, Deadline::after(kCacheTime));
        if (const auto json = reply.optional_text()) {
            metrics_.hits.Increment();
            std::string text(*json);
            if (changes_.is_listening()) {
                near_.keep(std::move(id), text, changes, Deadline::Clock::now());
            }
            co_return text;
        }
        metrics_.misses.Increment();
    } catch (const redis::Error&) {
        metrics_.errors.Increment();
    }
    co_return std::nullopt;
}

awaitable<void> RoomCache::put_loaded(std::string id, std::int64_t version, std::string json) {
    co_await put(std::move(id), {version, std::move(json)});
}

awaitable<void> RoomCache::put_changed(std::string id, std::int64_t version, std::string json) {
    metrics_.invalidations.Increment();
    Entry entry{version, std::move(json)};
    const bool is_put = co_await put(id, entry);
    // Whoever changed it reads it here at once; on other threads as soon as Redis has told them.
    near_.forget(id);
    if (is_put) co_return;
    missed_.add(std::move(id), std::move(entry));
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
        metrics_.errors.Increment();
        co_return false;
    }
}

awaitable<void> RoomCache::listen() { return changes_.run(); }

void RoomCache::on_change(std::string_view key) {
    if (!key.starts_with(kPrefix)) return near_.forget_all();
    near_metrics_.invalidations.Increment();
    near_.forget(key.substr(kPrefix.size()));
}

awaitable<void> RoomCache::run() {
    using Changes = std::vector<MissedChanges<Entry>::Change>;
    auto put_first = [this](Changes changes) {
        return put(std::move(changes.front().key), std::move(changes.front().value));
    };
    return missed_.run(std::move(put_first), 1);
}

}  // namespace chatflow::chat
