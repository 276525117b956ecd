#include "libs/async/task_group.hpp"

#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

#include <stdexcept>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;

class TaskGroupTest : public testing::Test {
 protected:
    awaitable<void> sleep() {
        co_await clock_.sleep_for(1h);
        ++done_;
    }
    awaitable<void> sleep_on_two_sides() {
        using namespace asio::experimental::awaitable_operators;
        co_await (sleep() || sleep());
    }
    awaitable<void> fail() {
        co_await clock_.sleep_for(1s);
        throw std::runtime_error("the task's own fault");
    }
    awaitable<void> clean_up_when_cancelled() {
        bool was_cancelled = false;
        try {
            co_await clock_.sleep_for(1h);
        } catch (...) {
            was_cancelled = is_cancellation(std::current_exception());
        }
        co_await asio::this_coro::reset_cancellation_state();
        co_await clock_.sleep_for(5s);
        if (was_cancelled) ++done_;
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    int done_ = 0;
    int errors_ = 0;
    TaskGroup tasks_{io_.get_executor(), [this](const std::exception_ptr& error) {
                         EXPECT_THROW(std::rethrow_exception(error), std::runtime_error);
                         ++errors_;
                     }};
};

TEST_F(TaskGroupTest, CancelEndsAllTasksAndIsNoError) {
    for (int i = 0; i < 3; ++i) tasks_.spawn(sleep());
    clock_.settle();
    EXPECT_EQ(tasks_.running(), 3U);
    tasks_.cancel();
    test::run(io_, tasks_.wait());
    EXPECT_EQ(tasks_.running(), 0U);
    EXPECT_EQ(done_, 0);
    EXPECT_EQ(errors_, 0);
}

TEST_F(TaskGroupTest, TwoSidesThatAreBothCancelledAreNoError) {
    tasks_.spawn(sleep_on_two_sides());
    clock_.settle();
    tasks_.cancel();
    test::run(io_, tasks_.wait());
    EXPECT_EQ(errors_, 0);
}

TEST_F(TaskGroupTest, JoinedByACallerThatIsCancelledEndsBeforeTheCallerDoes) {
    std::size_t left = 99;
    const auto owner = [this, &left]() -> awaitable<void> {
        TaskGroup own(io_.get_executor(), [](const std::exception_ptr&) {});
        own.spawn(clean_up_when_cancelled());
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await own.join();
        left = own.running();
        co_await asio::this_coro::throw_if_cancelled(true);
        co_await clock_.sleep_for(1h);  // throws: the caller was cancelled
        left = 99;
    };
    tasks_.spawn(owner());
    clock_.settle();
    tasks_.cancel();
    clock_.settle();
    EXPECT_EQ(left, 99U);  // the task is cleaning up
    clock_.advance(5s);
    EXPECT_EQ(left, 0U);
    EXPECT_EQ(done_, 1);
    test::run(io_, tasks_.wait());
}

TEST_F(TaskGroupTest, TellsOfATaskThatFailedAndKeepsTheOthers) {
    tasks_.spawn(fail());
    tasks_.spawn(sleep());
    clock_.advance(1s);
    EXPECT_EQ(errors_, 1);
    EXPECT_EQ(tasks_.running(), 1U);
    clock_.advance(1h);
    EXPECT_EQ(done_, 1);
}

TEST_F(TaskGroupTest, WaitsForATaskThatCleansUp) {
    tasks_.spawn(clean_up_when_cancelled());
    clock_.settle();
    tasks_.cancel();
    clock_.advance(4s);
    EXPECT_EQ(tasks_.running(), 1U);
    clock_.advance(1s);
    EXPECT_EQ(tasks_.running(), 0U);
    EXPECT_EQ(done_, 1);
}

TEST_F(TaskGroupTest, TakesNewTasksAfterACancel) {
    tasks_.cancel();
    tasks_.spawn(sleep());
    clock_.advance(1h);
    EXPECT_EQ(done_, 1);
}

TEST_F(TaskGroupTest, WaitingForNothingEndsAtOnce) { test::run(io_, tasks_.wait()); }

}  // namespace
}  // namespace chatflow
