#include "libs/async/task_group.hpp"

#include <cassert>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>

namespace chatflow {

TaskGroup::TaskGroup(asio::any_io_executor executor, ErrorHandler on_error)
    : executor_(executor), on_error_(std::move(on_error)), done_(executor) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(awaitable<void> task) {
    const auto place = tasks_.emplace(tasks_.end());
    auto finished = [this, place](const std::exception_ptr& error) {
        tasks_.erase(place);
        if (error && !is_cancellation(error)) on_error_(error);
        if (tasks_.empty()) done_.notify_all();
    };
    asio::co_spawn(executor_, std::move(task),
                   asio::bind_cancellation_slot(place->slot(), std::move(finished)));
}

void TaskGroup::cancel() {
    // A task may end, and leave the list, while the signal is sent.
    for (auto next = tasks_.begin(); next != tasks_.end();) {
        auto& signal = *next++;
        signal.emit(asio::cancellation_type::terminal);
    }
}

awaitable<void> TaskGroup::wait() {
    while (!tasks_.empty()) co_await done_.wait();
}

awaitable<void> TaskGroup::join() {
    while (!tasks_.empty()) {
        co_await done_.wait_or_cancellation();
        const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (cancelled != asio::cancellation_type::none) cancel();
    }
}

bool is_cancellation(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& failure) {
        return failure.code() == asio::error::operation_aborted;
    } catch (const asio::multiple_exceptions& several) {  // of `||`, when both sides threw
        return is_cancellation(several.first_exception());
    } catch (...) {
        return false;
    }
}

}  // namespace chatflow
