#pragma once

#include "libs/async/awaitable.hpp"

#include <boost/asio/steady_timer.hpp>

namespace chatflow {

/// Lets coroutines of one executor wait until another says that something has changed. Remembers
/// nothing: the waiter checks its condition, waits, and checks again. One executor only.
class Notification {
 public:
    explicit Notification(asio::any_io_executor executor);

    [[nodiscard]] awaitable<void> wait();
    /// Returns when this coroutine is cancelled, instead of throwing.
    [[nodiscard]] awaitable<void> wait_or_cancellation();
    void notify_all();
    /// Of those who wait, the one who began first; nobody where nobody waits.
    void notify_one();

 private:
    asio::steady_timer timer_;
};

}  // namespace chatflow
