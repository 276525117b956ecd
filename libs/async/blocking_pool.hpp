#pragma once

#include "libs/async/awaitable.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow {

/// Thrown by BlockingPool::run when its queue is full.
struct PoolOverloaded : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Threads for libraries that block (libpqxx, cpprestsdk, file and name look-ups), so that the
/// event loop never does. A call that has started cannot be cancelled: give it a deadline of its
/// own. The destructor waits for running calls.
class BlockingPool {
 public:
    enum class Precedence {
        Same,    // as the thread that made the pool
        Behind,  // work that computes for long: the CPU is left to whoever wakes up
    };

    /// `waiting_max`: calls that may wait for a thread; one more is refused with PoolOverloaded.
    BlockingPool(std::size_t threads, std::size_t waiting_max,
                 Precedence precedence = Precedence::Same);
    ~BlockingPool();

    /// Runs `work` on a thread of the pool and resumes the caller on its own executor with the
    /// result, or with the exception that `work` threw. Name a lambda first, then await:
    ///     auto load = [this, room] { return history_.last(room); };
    ///     const auto messages = co_await blocking_.run(std::move(load));
    template <class Work>
    [[nodiscard]] awaitable<std::invoke_result_t<Work>> run(Work work);

    [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
    void admit();
    void take_precedence() const;  // of the calling thread

    std::size_t waiting_max_;
    Precedence precedence_;
    std::atomic<std::size_t> waiting_{0};
    asio::thread_pool pool_;
};

template <class Work>
awaitable<std::invoke_result_t<Work>> BlockingPool::run(Work work) {
    using Result = std::invoke_result_t<Work>;
    using Stored = std::conditional_t<std::is_void_v<Result>, bool, Result>;

    admit();
    std::optional<Stored> result;
    std::exception_ptr error;
    auto initiate = [this, &work, &result, &error](auto handler) {
        auto home = asio::get_associated_executor(handler);
        auto job = [this, &work, &result, &error, handler = std::move(handler),
                    guard = asio::make_work_guard(home)]() mutable {
            waiting_.fetch_sub(1, std::memory_order_relaxed);
            take_precedence();
            try {
                if constexpr (std::is_void_v<Result>) {
                    work();
                    result = true;
                } else {
                    result.emplace(work());
                }
            } catch (...) {
                error = std::current_exception();
            }
            asio::post(guard.get_executor(), std::move(handler));
        };
        asio::post(pool_, std::move(job));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate,
                                                                          asio::use_awaitable);
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<Result>) co_return std::move(*result);
}

}  // namespace chatflow
