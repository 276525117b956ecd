#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>

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
    using namespace asio::experimental::awaitable_operators;
    auto outcome = co_await (std::move(operation) || sleep_until(deadline));
    if (outcome.index() == 1) throw DeadlineExceeded(std::string(what) + " took too long");
    if constexpr (!std::is_void_v<T>) co_return std::move(std::get<0>(outcome));
}

}  // namespace chatflow
