#pragma once

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "tests/support/run.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

namespace chatflow::test {

/// A client with an event loop of its own, connected.
class RedisSession {
 public:
    explicit RedisSession(redis::Options options)
        : client_(io_.get_executor(), std::move(options), Log("test", LogLevel::Error)),
          tasks_(io_.get_executor(), [](const std::exception_ptr&) {}) {
        tasks_.spawn(client_.run());
        try {
            run(io_, client_.wait_until_connected(soon()));
        } catch (...) {
            stop();
            throw;
        }
    }
    ~RedisSession() { stop(); }
    RedisSession(const RedisSession&) = delete;
    RedisSession& operator=(const RedisSession&) = delete;

    redis::Reply call(redis::Command command) {
        return run(io_, client_.call(std::move(command), soon()));
    }

    /// Until the server takes it: what a caller does whose server is being replaced.
    void insist(const redis::Command& command) {
        const auto deadline = Deadline::after(std::chrono::seconds(15));
        for (;;) {
            try {
                call(command);
                return;
            } catch (const redis::Error&) {
                if (deadline.has_passed()) throw;
            }
            run(io_, sleep_until(Deadline::after(std::chrono::milliseconds(50))));
        }
    }

    [[nodiscard]] redis::Client& client() { return client_; }
    [[nodiscard]] boost::asio::io_context& io() { return io_; }
    [[nodiscard]] static Deadline soon() { return Deadline::after(std::chrono::seconds(5)); }

 private:
    /// No task may outlive the client that it runs in.
    void stop() {
        tasks_.cancel();
        run(io_, tasks_.wait());
    }

    boost::asio::io_context io_;
    redis::Client client_;
    TaskGroup tasks_;
};

}  // namespace chatflow::test
