#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace chatflow::redis {
class Client;
}

namespace chatflow::socket {

/// Who is banned, in memory: the Redis set banned:users, followed by messages on the control
/// channel
/// {"type":"ban"|"unban","userId":…} and read again whenever the channel was away. While Redis is
/// away it keeps what it knows. One executor.
class BanList {
 public:
    using OnBan = std::function<void(const std::string& user)>;

    /// `on_ban` hears each user who was not banned before.
    BanList(redis::Client& redis, OnBan on_ban);

    [[nodiscard]] bool is_banned(const std::string& user) const { return banned_.contains(user); }
    /// Whether the set has been read once: before that nobody may be let in.
    [[nodiscard]] bool is_known() const { return is_known_; }

    /// Reads the whole set. Throws redis::Error.
    [[nodiscard]] awaitable<void> load();

    /// A message that told of a change.
    void apply(const std::string& user, bool is_banned);

    /// Bans or unbans for every pod: the set and the message, in one script.
    [[nodiscard]] awaitable<void> change(std::string user, bool is_banned, Deadline deadline);

 private:
    redis::Client& redis_;
    OnBan on_ban_;
    std::unordered_set<std::string> banned_;
    bool is_known_ = false;
};

/// Where all pods listen.
inline constexpr std::string_view kControlChannel = "rt:control";

}  // namespace chatflow::socket
