#include "workloads/chat-server/io/key_changes.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/hear.hpp"

#include <chrono>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kAfterFailure = 200ms;
constexpr auto kAfterRefusal = 30s;  // a server that does not know the command, or forbids it
constexpr auto kPatience = 1s;
constexpr auto kAnswerTime = 1s;

}  // namespace

KeyChanges::KeyChanges(redis::Client& redis, std::string prefix, OnChange on_change, Log log)
    : redis_(redis),
      prefix_(std::move(prefix)),
      on_change_(std::move(on_change)),
      log_(std::move(log)) {}

bool KeyChanges::is_listening() const {
    return heard_of_ != 0 && heard_of_ == redis_.connections_made() && redis_.is_connected();
}

awaitable<void> KeyChanges::run() {
    bool was_refused = false;
    for (;;) {
        auto pause = std::chrono::milliseconds(kAfterFailure);
        try {
            co_await listen();
        } catch (const redis::ServerError& error) {
            pause = kAfterRefusal;
            if (!was_refused) {
                log_.warning("Redis does not tell of changes: each read of a room asks it",
                             {{"error", error.what()}});
            }
            was_refused = true;
        } catch (const redis::Error&) {  // the client says that Redis is away
        } catch (const DeadlineExceeded&) {
        }
        heard_of_ = 0;
        on_change_({});
        co_await sleep_until(Deadline::after(pause));
    }
}

awaitable<void> KeyChanges::listen() {
    co_await redis_.wait_until_connected(Deadline::after(24h));
    const auto made = redis_.connections_made();
    const auto where = redis_.options_for(prefix_);
    if (!where) throw redis::Unavailable("the server is not known");
    auto connection = co_await redis::Connection::open(*where);
    const auto until = Deadline::after(kAnswerTime);
    redis::Command hello{"HELLO", "3"};  // pushes need RESP3
    co_await connection->call(std::move(hello), until);
    redis::Command track{"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix_};
    co_await connection->call(std::move(track), until);
    // What changed before is not told.
    on_change_({});
    heard_of_ = made;
    redis::OnEvent on_event = [this](const redis::Reply& event) { tell(event); };
    std::function<bool()> goes_on = [this] { return is_listening(); };
    co_await redis::hear(*connection, kPatience, std::move(on_event), std::move(goes_on));
}

// ["invalidate", keys], where nil stands for all of them. Pongs come between.
void KeyChanges::tell(const redis::Reply& event) const {
    if (event.size() != 2 || event[0].text() != "invalidate") return;
    const auto keys = event[1];
    if (keys.is_nil()) on_change_({});
    for (std::size_t i = 0; i < keys.size(); ++i) on_change_(keys[i].text());
}

}  // namespace chatflow::chat
