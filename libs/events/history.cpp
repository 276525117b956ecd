#include "libs/events/history.hpp"

#include "libs/events/scripts.hpp"
#include "libs/events/stream_entry.hpp"
#include "libs/redis/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace chatflow::events {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPage = "200";
constexpr auto kPageTime = 5s;
// One script run moves at most so many: Redis serves nobody else meanwhile.
constexpr std::size_t kRedrivenAtOnce = 500;

bool is_wanted(const std::vector<std::string>& patterns, const std::string& type) {
    const auto fits = [&](const std::string& pattern) { return matches(pattern, type); };
    return std::ranges::any_of(patterns, fits);
}

}  // namespace

History::History(redis::Client& redis, const Catalog& catalog, Layout layout)
    : redis_(redis), catalog_(catalog), layout_(std::move(layout)) {}

awaitable<std::size_t> History::replay(std::vector<std::string> patterns, std::string from,
                                       Handler handler) {
    std::size_t handled = 0;
    for (const std::string& topic : catalog_.topics(patterns)) {
        std::string next = from;
        for (;;) {
            redis::Command command{"XRANGE", layout_.stream(topic), next, "+", "COUNT", kPage};
            const auto page = co_await redis_.call(std::move(command), Deadline::after(kPageTime));
            for (std::size_t i = 0; i < page.size(); ++i) {
                next = "(" + std::string(page[i][0].text());
                const auto event = parse_entry(page[i]);
                if (!event || !is_wanted(patterns, event->type)) continue;
                co_await handler(*event);
                ++handled;
            }
            if (page.size() == 0) break;
        }
    }
    co_return handled;
}

awaitable<void> History::rewind(std::string group, std::vector<std::string> patterns,
                                std::string from, Deadline deadline) {
    for (const std::string& topic : catalog_.topics(patterns)) {
        redis::Command command{"XGROUP", "SETID", layout_.stream(topic), group, from};
        co_await redis_.call(std::move(command), deadline);
    }
}

awaitable<std::vector<Failed>> History::dead_letters(std::string group, std::size_t count,
                                                     Deadline deadline) {
    redis::Command command{"XRANGE", layout_.dead(group), "-", "+", "COUNT", std::to_string(count)};
    const auto reply = co_await redis_.call(std::move(command), deadline);
    std::vector<Failed> letters;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        const auto fields = reply[i][1];  // member, …, failed, …
        if (auto failed = parse_failed(fields[3].text())) letters.push_back(std::move(*failed));
    }
    co_return letters;
}

awaitable<std::size_t> History::redrive(std::string group, std::size_t count, Deadline deadline) {
    const std::array keys{layout_.retries(group), layout_.retry_data(group), layout_.dead(group)};
    std::size_t moved = 0;
    while (moved < count) {
        const std::array arguments{std::to_string(std::min(count - moved, kRedrivenAtOnce))};
        const auto reply = co_await redis_.eval(redrive_script(), keys, arguments, deadline);
        if (reply.integer() == 0) break;
        moved += static_cast<std::size_t>(reply.integer());
    }
    co_return moved;
}

}  // namespace chatflow::events
