#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/stream.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <unordered_set>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/steady_timer.hpp>

namespace chatflow::redis {

/// One life of Client's connection: many callers' commands go out together, replies come back in
/// order. Kept alive by its own pending operations; one executor only.
class Session : public std::enable_shared_from_this<Session> {
 public:
    using Handler = asio::any_completion_handler<void(std::exception_ptr, Reply)>;

    Session(asio::any_io_executor executor, Options options,
            std::unique_ptr<Connection> connection);

    /// Queues a command; it is written with all others of this turn of the event loop. `handler`
    /// is called once: with the reply, or with what went wrong, at the deadline at the latest.
    void start(const Command& command, Deadline deadline, Handler handler);

    /// Queues SCRIPT LOAD of the script that the command needs, unless it went out before: a server
    /// that first has to answer NOSCRIPT would run a later call before an earlier one.
    void load_script_of(const Command& command, Deadline deadline);

    /// Reads replies until the connection is lost (Unavailable) or cancelled, then fails all calls.
    [[nodiscard]] awaitable<void> run();

    void close(const std::string& reason);

    [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

 private:
    struct Call {
        Handler handler;  // empty: the caller has been told that it took too long
        Deadline deadline;
    };

    void admit(const Command& command) const;
    void flush();
    void written(const boost::system::error_code& error);
    void deliver(Reply reply);
    void watch(Deadline deadline);
    void expire();
    void fail_all();

    asio::any_io_executor executor_;
    Options options_;
    std::unique_ptr<Connection> connection_;
    std::deque<Call> in_flight_;              // in the order of their commands, written or not
    std::unordered_set<std::string> loaded_;  // digests of scripts
    std::string unsent_;
    std::string writing_;
    bool flush_is_due_ = false;
    asio::steady_timer expiry_;  // at the earliest deadline, or earlier
    Deadline::Clock::time_point last_heard_;
    std::string closed_by_;  // empty while open
    std::array<char, 64U << 10U> read_buffer_{};
};

}  // namespace chatflow::redis
