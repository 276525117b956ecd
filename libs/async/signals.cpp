#include "libs/async/signals.hpp"

#include <csignal>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow {

awaitable<int> wait_for_shutdown_signal() {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGINT);
    co_return co_await signals.async_wait(asio::use_awaitable);
}

}  // namespace chatflow
