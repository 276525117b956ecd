#include "libs/async/blocking_pool.hpp"

#include "libs/async/task_group.hpp"
#include "tests/support/run.hpp"

#include <future>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <sched.h>

namespace chatflow {
namespace {

TEST(BlockingPool, RunsElsewhereAndResumesAtHome) {
    asio::io_context io;
    BlockingPool pool(1, 10);
    const auto home = std::this_thread::get_id();
    std::thread::id worked;
    std::thread::id resumed;
    const auto task = [&]() -> awaitable<int> {
        auto work = [&worked] {
            worked = std::this_thread::get_id();
            return 42;
        };
        const int result = co_await pool.run(std::move(work));
        resumed = std::this_thread::get_id();
        co_return result;
    };
    EXPECT_EQ(test::run(io, task()), 42);
    EXPECT_NE(worked, home);
    EXPECT_EQ(resumed, home);
}

TEST(BlockingPool, WorkBehindOthersIsThoughtOfAsIdleByTheKernel) {
    asio::io_context io;
    BlockingPool behind(1, 10, BlockingPool::Precedence::Behind);
    BlockingPool same(1, 10);
    auto policy = [] { return sched_getscheduler(0); };
    EXPECT_EQ(test::run(io, behind.run(policy)), SCHED_IDLE);
    EXPECT_EQ(test::run(io, same.run(policy)), sched_getscheduler(0));
}

TEST(BlockingPool, HandsOnWhatTheWorkThrew) {
    asio::io_context io;
    BlockingPool pool(1, 10);
    auto work = []() -> int { throw std::runtime_error("no such file"); };
    EXPECT_THROW(test::run(io, pool.run(work)), std::runtime_error);
}

TEST(BlockingPool, RefusesMoreThanMayWait) {
    asio::io_context io;
    BlockingPool pool(1, 2);
    std::promise<void> go_on;
    const std::shared_future<void> gate = go_on.get_future().share();
    std::promise<void> has_begun;
    int done = 0;
    int refused = 0;
    TaskGroup tasks(io.get_executor(), [&](const std::exception_ptr& error) {
        EXPECT_THROW(std::rethrow_exception(error), PoolOverloaded);
        ++refused;
    });
    const auto first = [&]() -> awaitable<void> {
        auto work = [&has_begun, gate] {
            has_begun.set_value();
            gate.wait();
        };
        co_await pool.run(std::move(work));
        ++done;
    };
    const auto next = [&]() -> awaitable<void> {
        auto work = [] {};
        co_await pool.run(std::move(work));
        ++done;
    };
    tasks.spawn(first());
    io.poll();
    has_begun.get_future().wait();
    for (int i = 0; i < 5; ++i) tasks.spawn(next());
    io.restart();
    io.poll();
    EXPECT_EQ(pool.waiting(), 2U);
    EXPECT_EQ(refused, 3);
    go_on.set_value();
    test::run(io, tasks.wait());
    EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace chatflow
