#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace chatflow::redis {
class Client;
}

namespace chatflow::socket {

struct PresenceOptions {
    std::string pod;                  // unique per start of the program; no '/' and no spaces
    std::size_t connections_max = 5;  // of one user, over all pods
    std::chrono::milliseconds heartbeat{1000};
    std::chrono::milliseconds lease{5000};     // a pod that was silent so long has died
    std::chrono::milliseconds debounce{5000};  // between the last disconnect and "offline"
    std::chrono::seconds time_to_live{3600};   // of a user's keys; refreshed
    std::string prefix = "rt";
};

/// Who is connected, over all pods, in Redis: the set online:<user> holds POD/SOCKET per
/// connection. Pods show that they live by one heartbeat each; what a dead one held is ignored at
/// once and removed by the others. "user-online" and "user-offline" are told on the channel
/// user-events, in the script that makes them true. One executor.
class Presence {
 public:
    Presence(asio::any_io_executor executor, redis::Client& redis, PresenceOptions options,
             Log log);

    /// Heartbeats, removals and what is due, until cancelled. Redis may come and go meanwhile.
    [[nodiscard]] awaitable<void> run();

    /// Takes one of the user's places; false when there is none. `replaces` is a connection that
    /// this one continues ("" or POD/SOCKET): its place is free at once. Throws redis::Error.
    [[nodiscard]] awaitable<bool> connect(std::string user, std::string socket,
                                          std::string replaces, Deadline deadline);

    /// Gives the place back as soon as Redis takes it.
    void disconnect(const std::string& user, const std::string& socket);

    /// Gives back every place that is still queued. For the end of the program.
    [[nodiscard]] awaitable<void> flush(Deadline deadline);

    [[nodiscard]] awaitable<std::vector<bool>> are_online(std::vector<std::string> users,
                                                          Deadline deadline);

    /// Whether this pod has shown that it lives, without which connect() throws.
    [[nodiscard]] bool has_beaten() const { return has_beaten_; }

    /// POD/SOCKET: how this pod's connection is known to others.
    [[nodiscard]] std::string member_of(const std::string& socket) const;

 private:
    awaitable<void> beat();
    awaitable<void> bury(std::string pod);
    awaitable<void> claim_all();
    awaitable<void> tell_offline();
    awaitable<void> remove_queued();
    awaitable<void> remove(std::string user, std::string member);
    awaitable<bool> claim(std::string user, std::string member, std::string replaces,
                          std::size_t limit, Deadline deadline);
    [[nodiscard]] std::string connections_of(const std::string& pod) const;

    redis::Client& redis_;
    PresenceOptions options_;
    Log log_;
    std::vector<std::string> dead_pods_;
    std::map<std::string, std::string> local_;               // user by socket
    std::deque<std::pair<std::string, std::string>> queue_;  // user, member: to be removed
    Notification queued_;
    Deadline next_claim_;
    bool has_beaten_ = false;
};

}  // namespace chatflow::socket
