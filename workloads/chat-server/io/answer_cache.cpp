#include "workloads/chat-server/io/answer_cache.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

// A cache that takes longer than this is slower than what it saves.
constexpr auto kCacheTime = 100ms;
constexpr std::size_t kTagsTogetherMax = 500;

// {is it good, the answer, the versions of the tags}
const redis::Script& look_up_script() {
    static const redis::Script script(R"lua(
        local versions = ''
        for i = 2, #KEYS do
            versions = versions .. (redis.call('GET', KEYS[i]) or '0') .. ' '
        end
        local held = redis.call('GET', KEYS[1])
        if held and string.sub(held, 1, #versions + 1) == versions .. '\n' then
            return {1, string.sub(held, #versions + 2), versions}
        end
        return {0, '', versions})lua");
    return script;
}

// A version outlives by far the answers that carry an older one: when it is gone, they are too.
const redis::Script& forget_script() {
    static const redis::Script script(R"lua(
        for i = 1, #KEYS do
            redis.call('INCR', KEYS[i])
            redis.call('EXPIRE', KEYS[i], ARGV[1])
        end
        return #KEYS)lua");
    return script;
}

}  // namespace

AnswerCache::AnswerCache(asio::any_io_executor executor, redis::Client& redis,
                         SingleFlight<Answer>& flights, Options options, CacheMetrics& metrics)
    : redis_(redis),
      flights_(flights),
      options_(std::move(options)),
      metrics_(metrics),
      missed_(std::move(executor)) {}

awaitable<AnswerCache::Answer> AnswerCache::find(CachedQuestion question, Load load) {
    if (options_.life == 0s) co_return co_await load(false);
    auto kept = co_await look_up(question);
    if (kept && kept->is_good) co_return std::move(kept->answer);
    if (!kept) co_return co_await load(false);
    // Who comes later may ask because of a change that this load has not seen, so that versions are
    // part of the name.
    auto load_and_keep = [this, name = question.name, versions = kept->versions,
                          load = std::move(load)]() -> awaitable<Answer> {
        Answer answer = co_await load(true);
        co_await keep(name, versions, answer);
        co_return answer;
    };
    co_return co_await flights_.run(question.name + ' ' + kept->versions, std::move(load_and_keep));
}

awaitable<std::optional<AnswerCache::Kept>> AnswerCache::look_up(const CachedQuestion& question) {
    // What was missed may concern this answer.
    if (!redis_.is_connected() || !missed_.empty()) {
        metrics_.errors.Increment();
        co_return std::nullopt;
    }
    std::vector<std::string> keys{options_.prefix + "cache:" + question.name};
    for (const std::string& tag : question.tags) keys.push_back(options_.prefix + "tag:" + tag);
    try {
        const auto reply =
            co_await redis_.eval(look_up_script(), keys, {}, Deadline::after(kCacheTime));
        Kept kept{.is_good = reply[0].integer() == 1,
                  .answer = std::string(reply[1].text()),
                  .versions = std::string(reply[2].text())};
        if (kept.answer->empty()) kept.answer.reset();
        (kept.is_good ? metrics_.hits : metrics_.misses).Increment();
        co_return kept;
    } catch (const redis::Error&) {
        metrics_.errors.Increment();
    }
    co_return std::nullopt;
}

awaitable<void> AnswerCache::keep(std::string name, std::string versions, Answer answer) {
    if (answer && answer->size() > kAnswerBytesMax) co_return;
    const std::string key = options_.prefix + "cache:" + name;
    const std::string value = versions + '\n' + answer.value_or("");
    const std::string life =
        std::to_string((answer ? options_.life : std::min(options_.life, kNothingLife)).count());
    redis::Command set{"SET", key, value, "EX", life};
    try {
        co_await redis_.call(std::move(set), Deadline::after(kCacheTime));
    } catch (const redis::Error&) {
        metrics_.errors.Increment();
    }
}

awaitable<void> AnswerCache::forget(std::vector<std::string> tags) {
    if (options_.life == 0s) co_return;
    metrics_.invalidations.Increment();
    if (co_await try_forget(tags)) co_return;
    for (std::string& tag : tags) missed_.add(std::move(tag), {});
}

awaitable<bool> AnswerCache::try_forget(std::vector<std::string> tags) {
    if (!redis_.is_connected()) co_return false;
    for (std::string& tag : tags) tag.insert(0, options_.prefix + "tag:");
    const std::array arguments{std::to_string((options_.life * 10 + 600s).count())};
    try {
        co_await redis_.eval(forget_script(), tags, arguments, Deadline::after(kCacheTime));
        co_return true;
    } catch (const redis::Error&) {
        metrics_.errors.Increment();
        co_return false;
    }
}

awaitable<void> AnswerCache::run() {
    using Changes = std::vector<MissedChanges<std::monostate>::Change>;
    auto forget_all = [this](Changes changes) {
        std::vector<std::string> tags;
        for (auto& change : changes) tags.push_back(std::move(change.key));
        return try_forget(std::move(tags));
    };
    return missed_.run(std::move(forget_all), kTagsTogetherMax);
}

}  // namespace chatflow::chat
