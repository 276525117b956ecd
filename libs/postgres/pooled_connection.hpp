#pragma once

#include "libs/postgres/options.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace pqxx {
class connection;
}

namespace chatflow::postgres {

/// One of the pool's connections, used by one thread. Another thread may cut it when a statement
/// does not end.
class PooledConnection {
 public:
    using Prepare = std::function<void(pqxx::connection&)>;

    PooledConnection(const Options& options, const Prepare& prepare);
    ~PooledConnection();
    PooledConnection(const PooledConnection&) = delete;
    PooledConnection& operator=(const PooledConnection&) = delete;

    /// A connection that is young and, as far as can be seen without asking the server, alive:
    /// made anew otherwise. Throws what libpqxx throws.
    [[nodiscard]] pqxx::connection& ready();

    /// After each use. A connection that has failed is dropped.
    void release(bool failed);

    [[nodiscard]] bool is_open() const;

    /// Shuts the socket, from any thread: what waits for the server fails with a lost connection.
    void cut();

 private:
    using Clock = std::chrono::steady_clock;
    void connect();
    void drop();
    [[nodiscard]] bool was_lost_while_idle();

    const Options& options_;
    const Prepare& prepare_;
    std::unique_ptr<pqxx::connection> connection_;
    Clock::time_point renew_at_;
    Clock::time_point idle_since_;
    mutable std::mutex mutex_;  // for socket_copy_
    int socket_copy_ = -1;  // a duplicate: libpq may close its own, and its number be used again
};

}  // namespace chatflow::postgres
