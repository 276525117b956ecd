#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <array>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow {

/// An operation was cancelled because its time was over. A retry may cure it.
struct DeadlineExceeded : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Ends normally when the deadline has passed.
[[nodiscard]] awaitable<void> sleep_until(Deadline deadline);

/// Awaits `operation`, cancels it at the deadline and then throws DeadlineExceeded. `what` names
/// the operation in the message and must outlive the call (a literal).
template <class T>
[[nodiscard]] awaitable<T> with_deadline(awaitable<T> operation, Deadline deadline,
                                         const char* what) {
    // Not `operation || sleep_until(…)`: that waits for the timer when the operation fails early.
    const auto executor = co_await asio::this_coro::executor;
    auto race = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(operation), asio::deferred),
        asio::co_spawn(executor, sleep_until(deadline), asio::deferred));
    constexpr auto kFirst = asio::experimental::wait_for_one();
    const auto judge = [what](const std::array<std::size_t, 2>& order,
                              const std::exception_ptr& error, const std::exception_ptr& timer) {
        if (!error) return;
        // A timer that failed was cancelled with the caller.
        if (order[0] == 1 && !timer) throw DeadlineExceeded(std::string(what) + " took too long");
        std::rethrow_exception(error);
    };
    if constexpr (std::is_void_v<T>) {
        const auto [order, error, timer] = co_await race.async_wait(kFirst, asio::use_awaitable);
        judge(order, error, timer);
    } else {
        auto [order, error, value, timer] = co_await race.async_wait(kFirst, asio::use_awaitable);
        judge(order, error, timer);
        co_return std::move(value);
    }
}

}  // namespace chatflow
