#include "libs/async/semaphore.hpp"

namespace chatflow {

Semaphore::Semaphore(asio::any_io_executor executor, std::size_t places)
    : free_(places), freed_(std::move(executor)) {}

awaitable<Semaphore::Permit> Semaphore::acquire() {
    while (free_ == 0) co_await freed_.wait();
    --free_;
    co_return Permit{*this};
}

void Semaphore::release() {
    ++free_;
    freed_.notify_all();
}

}  // namespace chatflow
