#include "libs/async/semaphore.hpp"

#include "libs/async/task_group.hpp"
#include "tests/support/fake_clock.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;

class SemaphoreTest : public testing::Test {
 protected:
    awaitable<void> work() {
        const auto permit = co_await places_.acquire();
        ++inside_;
        most_inside_ = std::max(most_inside_, inside_);
        co_await clock_.sleep_for(1s);
        --inside_;
        ++done_;
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    Semaphore places_{io_.get_executor(), 2};
    int inside_ = 0;
    int most_inside_ = 0;
    int done_ = 0;
    TaskGroup tasks_{io_.get_executor(), [](const std::exception_ptr&) { ADD_FAILURE(); }};
};

TEST_F(SemaphoreTest, LetsInAsManyAsItHasPlaces) {
    for (int i = 0; i < 7; ++i) tasks_.spawn(work());
    clock_.advance(3s);
    EXPECT_EQ(done_, 6);
    clock_.advance(1s);
    EXPECT_EQ(done_, 7);
    EXPECT_EQ(most_inside_, 2);
}

TEST_F(SemaphoreTest, WhoIsCancelledGivesItsPlaceBack) {
    for (int i = 0; i < 5; ++i) tasks_.spawn(work());
    clock_.settle();
    tasks_.cancel();
    clock_.settle();
    EXPECT_EQ(tasks_.running(), 0U);
    inside_ = 0;
    tasks_.spawn(work());
    tasks_.spawn(work());
    clock_.advance(1s);
    EXPECT_EQ(done_, 2);
}

}  // namespace
}  // namespace chatflow
