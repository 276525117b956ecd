#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/post.hpp>

namespace pqxx {
class connection;
}

namespace chatflow::postgres {

/// A piece of work on its way through the pool. It is answered once: by the thread that did it or
/// by the one that gave up on it, whoever comes first.
class Call {
 public:
    Call(Deadline deadline_, asio::any_io_executor home)
        : deadline(deadline_), home_(std::move(home)) {}
    virtual ~Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// Does the work and keeps its result; throws what the work throws.
    virtual void carry_out(pqxx::connection& connection) = 0;

    /// Resumes the caller with the result, or with `error`. False when it was resumed before.
    bool answer(std::exception_ptr error = nullptr) {
        if (answered_.exchange(true)) return false;
        error_ = std::move(error);
        if (handler) asio::post(home_, std::move(handler));
        return true;
    }
    [[nodiscard]] bool is_answered() const { return answered_.load(); }

    const Deadline deadline;
    const Deadline::Clock::time_point since = Deadline::Clock::now();
    asio::any_completion_handler<void()> handler;

 protected:
    void rethrow_error() const {
        if (error_) std::rethrow_exception(error_);
    }

 private:
    asio::any_io_executor home_;
    std::atomic<bool> answered_{false};
    std::exception_ptr error_;
};

/// A call that runs `Work`.
template <class Work>
class Task final : public Call {
 public:
    using Result = std::invoke_result_t<Work, pqxx::connection&>;

    Task(Work work, Deadline until, asio::any_io_executor home)
        : Call(until, std::move(home)), work_(std::move(work)) {}

    void carry_out(pqxx::connection& connection) override {
        if constexpr (std::is_void_v<Result>) {
            work_(connection);
        } else {
            result_.emplace(work_(connection));
        }
    }

    Result take_result() {
        rethrow_error();
        if constexpr (!std::is_void_v<Result>) return std::move(*result_);
    }

 private:
    using Stored = std::conditional_t<std::is_void_v<Result>, bool, Result>;
    Work work_;
    std::optional<Stored> result_;
};

}  // namespace chatflow::postgres
