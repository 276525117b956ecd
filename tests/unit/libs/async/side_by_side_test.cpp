#include "libs/async/side_by_side.hpp"

#include "tests/support/fake_clock.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;

class SideBySideTest : public testing::Test {
 protected:
    awaitable<void> work(bool fails = false) {
        most_ = std::max(most_, ++running_);
        try {
            co_await clock_.sleep_for(1s);
        } catch (...) {
            --running_;
            throw;
        }
        --running_;
        if (fails) throw std::runtime_error("the task's own fault");
        ++done_;
    }
    std::vector<awaitable<void>> tasks(int count, int failing = 0) {
        std::vector<awaitable<void>> list;
        for (int i = 0; i < count; ++i) list.push_back(work(i < failing));
        return list;
    }
    void start(awaitable<void> all) {
        asio::co_spawn(
            io_, std::move(all),
            asio::bind_cancellation_slot(signal_.slot(), [this](const std::exception_ptr& error) {
                is_over_ = true;
                error_ = error;
            }));
        clock_.settle();
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    asio::cancellation_signal signal_;
    int running_ = 0;
    int most_ = 0;
    int done_ = 0;
    bool is_over_ = false;
    std::exception_ptr error_;
};

TEST_F(SideBySideTest, RunsNoMoreThanItMayAtOnce) {
    start(side_by_side(tasks(5), 2));
    for (int second = 0; second < 3; ++second) clock_.advance(1s);
    EXPECT_TRUE(is_over_);
    EXPECT_EQ(done_, 5);
    EXPECT_EQ(most_, 2);
}

TEST_F(SideBySideTest, ThrowsWhatOneHasThrownWhenAllAreOver) {
    start(side_by_side(tasks(3, 1), 3));
    clock_.advance(1s);
    ASSERT_TRUE(is_over_);
    EXPECT_EQ(done_, 2);
    EXPECT_THROW(std::rethrow_exception(error_), std::runtime_error);
}

TEST_F(SideBySideTest, OfAllSettledNoneThrows) {
    start(all_settled(tasks(3, 2)));
    EXPECT_EQ(most_, 3);
    clock_.advance(1s);
    EXPECT_TRUE(is_over_);
    EXPECT_EQ(done_, 1);
    EXPECT_FALSE(error_);
}

TEST_F(SideBySideTest, CancelledNoTaskOutlivesIt) {
    start(all_settled(tasks(3)));
    signal_.emit(asio::cancellation_type::terminal);
    clock_.settle();
    EXPECT_TRUE(is_over_);
    EXPECT_EQ(running_, 0);
    EXPECT_EQ(done_, 0);
}

}  // namespace
}  // namespace chatflow
