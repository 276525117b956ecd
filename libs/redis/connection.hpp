#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/redis/command.hpp"
#include "libs/redis/options.hpp"
#include "libs/redis/reply.hpp"

#include <memory>

namespace chatflow::redis {

class ReplyReader;
class Stream;

/// One connection for one coroutine: for subscriptions, blocking commands (BZPOPMIN, XREAD BLOCK)
/// and transactions, which would hold up others on the shared Client. Not reconnected: when a
/// call throws Unavailable, Timeout or ProtocolError, open a new one. One executor only.
class Connection {
 public:
    /// Connects and greets (AUTH, SELECT, CLIENT SETNAME) within Options::connect_timeout; by
    /// Sentinel to the master, which must say itself that it is one. For a cluster ask
    /// Client::options_for. Throws Unavailable, or ServerError when the greeting is refused.
    [[nodiscard]] static awaitable<std::unique_ptr<Connection>> open(Options options);
    Connection(Options options, std::unique_ptr<Stream> stream);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Sends and waits for the reply. Throws ServerError for an error reply.
    [[nodiscard]] awaitable<Reply> call(Command command, Deadline deadline);

    /// The halves of call(), for SUBSCRIBE and its messages. read() gives errors as replies.
    [[nodiscard]] awaitable<void> send(Command command, Deadline deadline);
    [[nodiscard]] awaitable<Reply> read(Deadline deadline);

    /// Ends what is pending.
    void close();

    [[nodiscard]] Address address() const { return {options_.host, options_.port}; }
    [[nodiscard]] Stream& stream() { return *stream_; }
    [[nodiscard]] ReplyReader& reader() { return *reader_; }

 private:
    static awaitable<std::unique_ptr<Connection>> open_directly(Options options);
    awaitable<void> greet();
    awaitable<void> require_master();
    awaitable<Reply> read_reply();

    Options options_;
    std::unique_ptr<Stream> stream_;
    std::unique_ptr<ReplyReader> reader_;
};

}  // namespace chatflow::redis
