#include "libs/async/with_deadline.hpp"

#include "libs/async/task_group.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;

const Deadline passed = Deadline::after(-1s);
const Deadline far_away = Deadline::after(1h);

class WithDeadline : public testing::Test {
 protected:
    awaitable<int> answer() { co_return 42; }
    awaitable<int> fail() {
        throw std::runtime_error("no");
        co_return 0;
    }
    awaitable<int> never() {
        struct Leave {
            ~Leave() { left = true; }
            bool& left;
        };
        const Leave leave{has_left_};
        co_await clock_.sleep_for(1h);
        co_return 0;
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    bool has_left_ = false;
};

TEST_F(WithDeadline, ReturnsTheResult) {
    EXPECT_EQ(test::run(io_, with_deadline(answer(), far_away, "an answer")), 42);
}

TEST_F(WithDeadline, ThrowsWhatTheOperationThrewWithoutWaitingForTheDeadline) {
    EXPECT_THROW(test::run(io_, with_deadline(fail(), far_away, "an answer")), std::runtime_error);
}

TEST_F(WithDeadline, CancelsTheOperationAndNamesIt) {
    try {
        test::run(io_, with_deadline(never(), passed, "the endless wait"));
        FAIL() << "it ended";
    } catch (const DeadlineExceeded& late) {
        EXPECT_STREQ(late.what(), "the endless wait took too long");
    }
    EXPECT_TRUE(has_left_);
}

TEST_F(WithDeadline, CancellingTheCallerCancelsTheOperation) {
    TaskGroup tasks(io_.get_executor(), [](const std::exception_ptr&) { ADD_FAILURE(); });
    const auto call = [&]() -> awaitable<void> {
        co_await with_deadline(never(), far_away, "the endless wait");
    };
    tasks.spawn(call());
    clock_.settle();
    EXPECT_FALSE(has_left_);
    tasks.cancel();
    clock_.settle();
    EXPECT_TRUE(has_left_);
    EXPECT_EQ(tasks.running(), 0U);
}

}  // namespace
}  // namespace chatflow
