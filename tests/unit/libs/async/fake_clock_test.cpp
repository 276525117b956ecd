#include "tests/support/fake_clock.hpp"

#include "libs/async/task_group.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class FakeClockTest : public testing::Test {
 protected:
    ~FakeClockTest() override {
        tasks_.cancel();
        clock_.settle();
    }

    awaitable<void> wake_every(std::chrono::seconds period, std::string name) {
        while (true) {
            co_await clock_.sleep_for(period);
            woken_.push_back(name);
        }
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    std::vector<std::string> woken_;
    TaskGroup tasks_{io_.get_executor(), [](const std::exception_ptr&) { ADD_FAILURE(); }};
};

TEST_F(FakeClockTest, WakesSleepersInTheOrderOfTheirTimes) {
    tasks_.spawn(wake_every(3s, "three"));
    tasks_.spawn(wake_every(2s, "two"));
    clock_.advance(1s);
    EXPECT_TRUE(woken_.empty());
    clock_.advance(5s);  // until the sixth second
    EXPECT_THAT(woken_, ElementsAre("two", "three", "two", "three", "two"));
}

TEST_F(FakeClockTest, TellsTheTimeThatWasReached) {
    const auto wall = clock_.now();
    const auto steady = clock_.steady_now();
    clock_.advance(90s);
    EXPECT_EQ(clock_.now() - wall, 90s);
    EXPECT_EQ(clock_.steady_now() - steady, 90s);
    clock_.step(-1h);
    EXPECT_EQ(clock_.now() - wall, 90s - 1h);
    EXPECT_EQ(clock_.steady_now() - steady, 90s);
}

TEST_F(FakeClockTest, ACancelledSleeperIsGone) {
    tasks_.spawn(wake_every(1s, "one"));
    clock_.settle();
    EXPECT_EQ(clock_.sleepers(), 1U);
    tasks_.cancel();
    clock_.advance(1h);
    EXPECT_EQ(clock_.sleepers(), 0U);
    EXPECT_TRUE(woken_.empty());
}

}  // namespace
}  // namespace chatflow
