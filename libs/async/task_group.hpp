#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"

#include <exception>
#include <functional>
#include <list>

#include <boost/asio/cancellation_signal.hpp>

namespace chatflow {

/// Owns running coroutines: nothing in this program is detached but through a group. Stop order:
/// cancel(), then wait(). Belongs to one executor (a strand or a single-threaded io_context);
/// must outlive its tasks, so its owner awaits wait() before destroying it.
class TaskGroup {
 public:
    /// `on_error` hears each task that ended by an exception other than cancellation.
    using ErrorHandler = std::function<void(std::exception_ptr)>;
    TaskGroup(asio::any_io_executor executor, ErrorHandler on_error);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    void spawn(awaitable<void> task);

    /// Asks every running task to end. Tasks spawned later start as usual.
    void cancel();

    /// Until no task runs.
    [[nodiscard]] awaitable<void> wait();

    /// For a group that goes with its caller: waits also when the caller is cancelled, and cancels
    /// the tasks then, since a task that outlived the group would end in freed memory. The caller
    /// sets this_coro::throw_if_cancelled(false) before, and true after it; its next co_await
    /// throws.
    [[nodiscard]] awaitable<void> join();

    [[nodiscard]] std::size_t running() const { return tasks_.size(); }

 private:
    asio::any_io_executor executor_;
    ErrorHandler on_error_;
    std::list<asio::cancellation_signal> tasks_;
    Notification done_;
};

/// Whether a caught exception says "cancelled" (asio::error::operation_aborted).
[[nodiscard]] bool is_cancellation(const std::exception_ptr& error);

}  // namespace chatflow
