#pragma once

#include "libs/async/awaitable.hpp"

#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace chatflow::test {

/// Runs `task` and whatever else is on `io` until the task is done; returns its result or throws
/// what it threw. Real time passes: for tasks that do I/O. A task that can never end hangs, so the
/// test's own time limit is the bound.
template <class T>
T run(asio::io_context& io, awaitable<T> task) {
    using Stored = std::conditional_t<std::is_void_v<T>, bool, T>;
    std::optional<Stored> result;
    std::exception_ptr failure;
    bool is_done = false;
    const auto note_failure = [&](const std::exception_ptr& error) {
        failure = error;
        is_done = true;
    };
    if constexpr (std::is_void_v<T>) {
        asio::co_spawn(io, std::move(task),
                       [&](const std::exception_ptr& error) { note_failure(error); });
    } else {
        asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error, T value) {
            if (!error) result.emplace(std::move(value));
            note_failure(error);
        });
    }
    io.restart();
    while (!is_done) {
        if (io.run_one() == 0) throw std::logic_error("the task waits for nothing that can come");
    }
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace chatflow::test
