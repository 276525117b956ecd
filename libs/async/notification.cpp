#include "libs/async/notification.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow {

Notification::Notification(asio::any_io_executor executor)
    : timer_(std::move(executor), asio::steady_timer::time_point::max()) {}

awaitable<void> Notification::wait() {
    // notify_all() ends the wait with operation_aborted, as does cancellation of this coroutine;
    // only the latter is an error.
    co_await wait_or_cancellation();
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

awaitable<void> Notification::wait_or_cancellation() {
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Notification::notify_all() { timer_.cancel(); }

void Notification::notify_one() { timer_.cancel_one(); }

}  // namespace chatflow
