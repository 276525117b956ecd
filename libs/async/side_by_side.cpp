#include "libs/async/side_by_side.hpp"

#include "libs/async/semaphore.hpp"
#include "libs/async/task_group.hpp"

#include <exception>
#include <utility>

namespace chatflow {
namespace {

awaitable<void> run_in_turn(Semaphore& places, awaitable<void> task) {
    const auto place = co_await places.acquire();
    co_await std::move(task);
}

// Cancelled, the group's tasks end before the caller's next co_await throws.
awaitable<void> join_all(TaskGroup& group) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await group.join();
    co_await asio::this_coro::throw_if_cancelled(true);
}

}  // namespace

awaitable<void> side_by_side(std::vector<awaitable<void>> tasks, std::size_t at_once) {
    const auto executor = co_await asio::this_coro::executor;
    std::exception_ptr failure;
    Semaphore places(executor, at_once);
    TaskGroup group(executor, [&failure](const std::exception_ptr& error) {
        if (!failure) failure = error;
    });
    for (awaitable<void>& task : tasks) group.spawn(run_in_turn(places, std::move(task)));
    co_await join_all(group);
    if (failure) std::rethrow_exception(failure);
}

awaitable<void> all_settled(std::vector<awaitable<void>> tasks) {
    TaskGroup group(co_await asio::this_coro::executor, [](const std::exception_ptr&) {});
    for (awaitable<void>& task : tasks) group.spawn(std::move(task));
    co_await join_all(group);
}

}  // namespace chatflow
