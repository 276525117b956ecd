#include "libs/async/with_deadline.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow {

awaitable<void> sleep_until(Deadline deadline) {
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline.moment());
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace chatflow
