#include "workloads/socket/transport/engine_loop.hpp"

#include "workloads/socket/transport/engine.hpp"

#include <cerrno>
#include <system_error>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>

namespace chatflow::socket {

awaitable<void> run(Engine& engine) {
    // A copy, since the descriptor closes what it is given.
    const int copy = ::fcntl(engine.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) throw std::system_error(errno, std::system_category(), "fcntl");
    asio::posix::stream_descriptor ready(co_await asio::this_coro::executor, copy);
    for (;;) {
        co_await ready.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
        engine.round();
    }
}

}  // namespace chatflow::socket
