#include "controller/reconcilers/scaling/side_by_side.hpp"

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

}  // namespace

awaitable<void> side_by_side(std::vector<awaitable<void>> tasks, std::size_t at_once) {
    const auto executor = co_await asio::this_coro::executor;
    std::exception_ptr failure;
    Semaphore places(executor, at_once);
    TaskGroup group(executor, [&failure](const std::exception_ptr& error) {
        if (!failure) failure = error;
    });
    for (awaitable<void>& task : tasks) group.spawn(run_in_turn(places, std::move(task)));
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await group.join();
    co_await asio::this_coro::throw_if_cancelled(true);
    if (failure) std::rethrow_exception(failure);
}

}  // namespace chatflow
