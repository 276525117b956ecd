#include "libs/events/publisher.hpp"

#include "libs/events/stream_entry.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace chatflow::events {

Publisher::Publisher(redis::Client& redis, const Catalog& catalog, Observer* observer,
                     Layout layout, Bounds bounds)
    : redis_(redis),
      catalog_(catalog),
      observer_(observer),
      layout_(std::move(layout)),
      bounds_(bounds) {}

awaitable<std::string> Publisher::publish(Event event, Deadline deadline) {
    if (const auto errors = catalog_.check(event); !errors.empty()) {
        throw InvalidEvent(event.type + ": " + to_string(errors));
    }
    const auto stream = layout_.stream(topic_of(event.type));
    const auto length = std::to_string(bounds_.stream_length_max);
    const auto fields = to_fields(event);
    std::vector<std::string_view> words{"XADD", stream, "MAXLEN", "~", length, "*"};
    words.insert(words.end(), fields.begin(), fields.end());
    redis::Command append{std::span<const std::string_view>(words)};
    try {
        const auto reply = co_await redis_.call(std::move(append), deadline);
        if (observer_ != nullptr) observer_->on_published(event.type, true);
        co_return std::string(reply.text());
    } catch (const redis::Error&) {
        if (observer_ != nullptr) observer_->on_published(event.type, false);
        throw;
    }
}

}  // namespace chatflow::events
