#include "workloads/socket/platform/control_channel.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/hear.hpp"

#include <chrono>
#include <span>
#include <utility>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kAfterFailure = 200ms;
constexpr auto kPatience = 2s;
constexpr auto kAnswerTime = 2s;

redis::Command command(std::string_view verb, const std::vector<std::string>& names) {
    std::vector<std::string_view> words{verb};
    words.insert(words.end(), names.begin(), names.end());
    return redis::Command(std::span<const std::string_view>(words));
}

}  // namespace

ControlChannel::ControlChannel(redis::Client& redis, std::vector<std::string> channels,
                               std::vector<std::string> patterns, OnMessage on_message,
                               OnListening on_listening, Log log)
    : redis_(redis),
      channels_(std::move(channels)),
      patterns_(std::move(patterns)),
      on_message_(std::move(on_message)),
      on_listening_(std::move(on_listening)),
      log_(std::move(log)) {}

awaitable<void> ControlChannel::run() {
    std::string told;
    for (;;) {
        try {
            co_await listen();
        } catch (const redis::Error& error) {
            if (told != error.what()) {
                log_.warning("The control channel is away", {{"error", error.what()}});
            }
            told = error.what();
        }
        co_await sleep_until(Deadline::after(kAfterFailure));
    }
}

awaitable<void> ControlChannel::listen() {
    co_await redis_.wait_until_connected(Deadline::after(24h));
    const auto where = redis_.options_for(channels_.front());
    if (!where) throw redis::Unavailable("the cluster's map is not known");
    auto connection = co_await redis::Connection::open(*where);
    co_await subscribe(*connection);
    co_await on_listening_();
    const auto made = redis_.connections_made();
    redis::OnEvent on_event = [this](const redis::Reply& event) { tell(event); };
    std::function<bool()> goes_on = [this, made] { return redis_.connections_made() == made; };
    co_await redis::hear(*connection, kPatience, std::move(on_event), std::move(goes_on));
    // The client has found another master: what is told there is not heard here.
    throw redis::Unavailable("the server has changed");
}

void ControlChannel::tell(const redis::Reply& event) const {
    if (event.size() == 3 && event[0].text() == "message") {
        on_message_(event[1].text(), event[2].text());
    } else if (event.size() == 4) {  // pmessage, pattern, channel, message
        on_message_(event[2].text(), event[3].text());
    }
}

awaitable<void> ControlChannel::subscribe(redis::Connection& connection) {
    co_await connection.send(command("SUBSCRIBE", channels_), Deadline::after(kAnswerTime));
    if (!patterns_.empty()) {
        co_await connection.send(command("PSUBSCRIBE", patterns_), Deadline::after(kAnswerTime));
    }
    for (std::size_t i = 0; i < channels_.size() + patterns_.size(); ++i) {
        co_await connection.read(Deadline::after(kAnswerTime));
    }
}

}  // namespace chatflow::socket
