#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/redis/command.hpp"
#include "libs/redis/options.hpp"
#include "libs/redis/reply.hpp"
#include "libs/redis/script.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::redis {

class Cluster;
class Connection;
class Session;

/// Shared by all coroutines of one thread: their commands go out together on one connection, which
/// is made anew, with back-off, whenever it is lost. While there is none, calls fail at once with
/// Unavailable, so that callers can do without. Not for commands that block or change the
/// connection's state (SUBSCRIBE, BLPOP, MULTI, SELECT): use Connection. One executor only.
///
/// By Options::discovery the server is one address, the master that Sentinels name (followed when
/// it changes), or a cluster: each call goes to the node of its key then, and keys used together
/// must share a {hash tag}.
class Client {
 public:
    Client(asio::any_io_executor executor, Options options, Log log);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Keeps the connection until cancelled; the owner spawns it once and outlives it.
    [[nodiscard]] awaitable<void> run();

    /// Throws Unavailable, Timeout, Overloaded, or ServerError when the reply is an error.
    /// A lost call is never sent again: only the caller knows whether it may be.
    [[nodiscard]] awaitable<Reply> call(Command command, Deadline deadline);

    /// Sends `first` and `command` right after one another; gives the reply to `command`. Not in a
    /// cluster.
    [[nodiscard]] awaitable<Reply> call_after(Command first, Command command, Deadline deadline);

    /// EVALSHA, with SCRIPT LOAD before the first of a connection; EVAL when the server has lost
    /// the script since (SCRIPT FLUSH), in which case alone a later call may run before an earlier
    /// one. `script` outlives the call.
    [[nodiscard]] awaitable<Reply> eval(const Script& script, std::span<const std::string> keys,
                                        std::span<const std::string> arguments, Deadline deadline);

    /// Waits for the first connection, or the next. Throws DeadlineExceeded.
    [[nodiscard]] awaitable<void> wait_until_connected(Deadline deadline);

    /// In a cluster: to every master.
    [[nodiscard]] bool is_connected() const;
    /// Why there is no connection; "" while there is one.
    [[nodiscard]] const std::string& last_error() const;
    [[nodiscard]] std::uint64_t connections_made() const;
    [[nodiscard]] std::size_t in_flight() const;

    /// How to open a Connection of one's own to where `key` lives: subscriptions to a shard's
    /// channel, blocking reads. Nothing while a cluster's map is not known.
    [[nodiscard]] std::optional<Options> options_for(std::string_view key) const;

 private:
    awaitable<void> serve_one_connection();
    awaitable<void> ping_while(std::shared_ptr<Session> session);
    awaitable<void> follow_master(std::shared_ptr<Session> session, Address master);
    awaitable<Reply> send(const Command& command, Deadline deadline);
    awaitable<void> wait_for_connection();

    asio::any_io_executor executor_;
    Options options_;
    Log log_;
    std::unique_ptr<Cluster> cluster_;  // of Discovery::Cluster; what follows is of the others
    std::shared_ptr<Session> session_;  // none while not connected
    Notification connected_;
    std::string last_error_ = "not connected yet";
    std::uint64_t connections_made_ = 0;
};

}  // namespace chatflow::redis
