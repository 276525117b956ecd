#include "workloads/socket/presence/presence.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/exists.hpp"
#include "workloads/socket/presence/scripts.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 1s;
constexpr auto kPodForgottenAfter = 10min;
constexpr auto kBetweenClaims = 10min;  // refreshes the time to live, and heals what was lost
constexpr auto kUntilFirstBeat = 20ms;  // between attempts
constexpr std::size_t kAtOnce = 200;
constexpr std::size_t kNoLimit = 1'000'000;

Deadline soon() { return Deadline::after(kCallTime); }

std::string online_key(const std::string& user) { return "online:" + user; }
// In a cluster on the node of the other: its hash tag is the other's whole name.
std::string announced_key(const std::string& user) { return "{online:" + user + "}:announced"; }

std::string told(const char* event, const std::string& user) {
    const nlohmann::json value = {{"event", event}, {"userId", user}};
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string count(std::chrono::milliseconds time) { return std::to_string(time.count()); }

}  // namespace

Presence::Presence(asio::any_io_executor executor, redis::Client& redis, PresenceOptions options,
                   Log log)
    : redis_(redis),
      options_(std::move(options)),
      log_(std::move(log)),
      queued_(std::move(executor)),
      next_claim_(Deadline::after(kBetweenClaims)) {}

awaitable<void> Presence::run() {
    for (;;) {
        const auto next = Deadline::after(has_beaten_ ? options_.heartbeat : kUntilFirstBeat);
        try {
            co_await beat();
            co_await remove_queued();
            co_await tell_offline();
            for (const std::string& pod : dead_pods_) co_await bury(pod);
        } catch (const redis::Error&) {  // tried again at the next beat; Client tells of the outage
        }
        while (!next.has_passed()) {
            try {
                co_await with_deadline(queued_.wait(), next, "a disconnect");
            } catch (const DeadlineExceeded&) {
                break;
            }
            try {
                co_await remove_queued();
            } catch (const redis::Error&) {  // at the next beat
            }
        }
    }
}

awaitable<void> Presence::beat() {
    const std::array keys{options_.prefix + ":pods"};
    const std::array arguments{options_.pod, count(options_.lease), count(kPodForgottenAfter)};
    const auto found = co_await redis_.eval(beat_script(), keys, arguments, soon());
    has_beaten_ = true;
    dead_pods_.clear();
    for (std::size_t i = 1; i < found.size(); ++i) {
        if (found[i].text() != options_.pod) dead_pods_.emplace_back(found[i].text());
    }
    // Others have taken us for dead, Redis has lost its data, or the keys are to be refreshed.
    const bool had_held = found[0].integer() == 1;
    if ((!had_held || next_claim_.has_passed()) && !local_.empty()) co_await claim_all();
}

awaitable<void> Presence::claim_all() {
    const auto connections = local_;
    for (const auto& [socket, user] : connections) {
        if (!local_.contains(socket)) continue;
        co_await claim(user, member_of(socket), "", kNoLimit, soon());
    }
    next_claim_ = Deadline::after(kBetweenClaims);
}

awaitable<bool> Presence::connect(std::string user, std::string socket, std::string replaces,
                                  Deadline deadline) {
    // Others could not notice this pod's death.
    if (!has_beaten_) throw redis::Unavailable("this pod has not shown itself yet");
    try {
        const bool has_place = co_await claim(user, member_of(socket), std::move(replaces),
                                              options_.connections_max, deadline);
        if (has_place) local_[socket] = user;
        co_return has_place;
    } catch (...) {
        disconnect(user, socket);  // Redis may have done it all the same
        throw;
    }
}

awaitable<bool> Presence::claim(std::string user, std::string member, std::string replaces,
                                std::size_t limit, Deadline deadline) {
    const std::string index = connections_of(options_.pod);
    const std::string entry = member + " " + user;
    redis::Command note{"SADD", index, entry};
    co_await redis_.call(std::move(note),
                         deadline);  // first: a crash leaves too much, not too little
    const std::array keys{online_key(user), announced_key(user)};
    std::vector<std::string> arguments;
    arguments.push_back(std::move(member));
    arguments.push_back(std::move(replaces));
    arguments.push_back(std::to_string(limit));
    arguments.push_back(std::to_string(options_.time_to_live.count()));
    arguments.push_back(told("user-online", user));
    arguments.insert(arguments.end(), dead_pods_.begin(), dead_pods_.end());
    const auto reply = co_await redis_.eval(connect_script(), keys, arguments, deadline);
    if (reply.integer() == 1) co_return true;
    redis::Command forget{"SREM", index, entry};
    co_await redis_.call(std::move(forget), deadline);
    co_return false;
}

void Presence::disconnect(const std::string& user, const std::string& socket) {
    local_.erase(socket);
    queue_.emplace_back(user, member_of(socket));
    queued_.notify_all();
}

awaitable<void> Presence::flush(Deadline deadline) {
    while (!queue_.empty() && !deadline.has_passed()) {
        try {
            co_await remove_queued();
        } catch (const redis::Error&) {
            co_return;  // the pod's lease runs out instead
        }
    }
}

awaitable<void> Presence::remove_queued() {
    while (!queue_.empty()) {
        auto [user, member] = queue_.front();
        queue_.pop_front();
        std::exception_ptr failure;
        try {
            co_await remove(user, member);
            const std::string index = connections_of(options_.pod);
            const std::string entry = member + " " + user;
            redis::Command forget{"SREM", index, entry};
            co_await redis_.call(std::move(forget), soon());
        } catch (const redis::Error&) {
            failure = std::current_exception();
        }
        if (failure) {
            queue_.emplace_front(std::move(user), std::move(member));
            std::rethrow_exception(failure);
        }
    }
}

awaitable<void> Presence::remove(std::string user, std::string member) {
    const auto key = online_key(user);
    redis::Command leave{"SREM", key, member};
    co_await redis_.call(std::move(leave), soon());
    redis::Command ask{"SCARD", key};
    const auto left = co_await redis_.call(std::move(ask), soon());
    if (left.integer() > 0) co_return;
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto due = count(now + options_.debounce);
    const auto waiting = options_.prefix + ":offline";
    redis::Command later{"ZADD", waiting, due, user};
    co_await redis_.call(std::move(later), soon());
}

awaitable<void> Presence::tell_offline() {
    const std::array waiting{options_.prefix + ":offline"};
    const std::array most{std::to_string(kAtOnce)};
    const auto due = co_await redis_.eval(take_due_script(), waiting, most, soon());
    for (std::size_t i = 0; i < due.size(); ++i) {
        const std::string user(due[i].text());
        const std::array keys{online_key(user), announced_key(user)};
        std::vector<std::string> arguments;
        arguments.push_back(told("user-offline", user));
        arguments.insert(arguments.end(), dead_pods_.begin(), dead_pods_.end());
        co_await redis_.eval(offline_script(), keys, arguments, soon());
    }
}

// Several pods may do so at once: each step may be done twice.
awaitable<void> Presence::bury(std::string pod) {
    const auto index = connections_of(pod);
    const auto most = std::to_string(kAtOnce);
    for (;;) {
        redis::Command some{"SRANDMEMBER", index, most};
        const auto entries = co_await redis_.call(std::move(some), soon());
        if (entries.size() == 0) co_return;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::string entry(entries[i].text());
            const auto space = entry.find(' ');
            co_await remove(entry.substr(space + 1), entry.substr(0, space));
            redis::Command forget{"SREM", index, entry};
            co_await redis_.call(std::move(forget), soon());
        }
        log_.info("Removed connections of a pod that has died",
                  {{"pod", pod}, {"connections", entries.size()}});
    }
}

awaitable<std::vector<bool>> Presence::are_online(std::vector<std::string> users,
                                                  Deadline deadline) {
    std::vector<std::string> keys;
    for (const std::string& user : users) keys.push_back(announced_key(user));
    co_return co_await redis::exist(redis_, std::move(keys), deadline);
}

std::string Presence::member_of(const std::string& socket) const {
    return options_.pod + "/" + socket;
}

std::string Presence::connections_of(const std::string& pod) const {
    return options_.prefix + ":pod:" + pod;
}

}  // namespace chatflow::socket
