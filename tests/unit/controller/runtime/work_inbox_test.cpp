#include "controller/runtime/work_inbox.hpp"

#include "libs/async/task_group.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

api::ObjectKey key(const std::string& name) { return {"chat", name}; }

/// Some who take keys of an inbox, and work on each for as long as they are told.
class WorkInboxTest : public testing::Test {
 protected:
    ~WorkInboxTest() override {
        tasks_.cancel();
        test::run(io_, tasks_.wait());
    }

    void start(int workers) {
        for (int i = 0; i < workers; ++i) tasks_.spawn(work());
        clock_.settle();
    }
    awaitable<void> work() {
        while (const auto next = co_await inbox_.next()) {
            taken_.push_back(next->name);
            co_await clock_.sleep_for(takes_);
            inbox_.done(*next);
        }
        ++ended_;
    }

    asio::io_context io_;
    test::FakeClock clock_{io_};
    prometheus::Registry registry_;
    RuntimeMetrics metrics_{registry_};
    WorkInbox inbox_{io_.get_executor(), clock_, metrics_, "things", {}};
    std::chrono::seconds takes_{1};
    std::vector<std::string> taken_;
    int ended_ = 0;
    TaskGroup tasks_{io_.get_executor(),
                     [](const std::exception_ptr& error) { std::rethrow_exception(error); }};
};

TEST_F(WorkInboxTest, OfManyWhoWaitOneWatchesTheClock) {
    inbox_.add_after(key("a"), 5s);
    start(16);
    EXPECT_EQ(clock_.sleepers(), 1U);
    clock_.advance(5s);
    EXPECT_THAT(taken_, ElementsAre("a"));
    inbox_.add_after(key("b"), 5s);
    clock_.settle();
    EXPECT_EQ(clock_.sleepers(), 2U) << "who works on a, and who waits for b";
    clock_.advance(5s);
    EXPECT_THAT(taken_, ElementsAre("a", "b"));
}

TEST_F(WorkInboxTest, KeysThatComeTogetherAreWorkedOnTogether) {
    start(4);
    for (const char* name : {"a", "b", "c"}) inbox_.add(key(name));
    for (const char* name : {"d", "e"}) inbox_.add_after(key(name), 500ms);
    clock_.settle();
    EXPECT_THAT(taken_, UnorderedElementsAre("a", "b", "c"));
    clock_.advance(500ms);
    EXPECT_EQ(taken_.size(), 4U);
    clock_.advance(500ms);
    EXPECT_EQ(taken_.size(), 5U);
}

TEST_F(WorkInboxTest, WhatFallsDueSoonerIsNotMissed) {
    start(3);
    inbox_.add_after(key("late"), 1h);
    clock_.settle();
    inbox_.add_after(key("soon"), 1s);
    clock_.settle();
    clock_.advance(1s);
    EXPECT_THAT(taken_, ElementsAre("soon"));
    clock_.advance(1h);
    EXPECT_THAT(taken_, ElementsAre("soon", "late"));
}

TEST_F(WorkInboxTest, AKeyThatIsAddedWhileItIsWorkedOnComesAgain) {
    start(3);
    inbox_.add(key("a"));
    clock_.settle();
    inbox_.add(key("a"));
    clock_.settle();
    EXPECT_THAT(taken_, ElementsAre("a"));
    clock_.advance(1s);
    EXPECT_THAT(taken_, ElementsAre("a", "a"));
}

TEST_F(WorkInboxTest, NobodyWaitsForAClosedOne) {
    inbox_.add_after(key("a"), 1h);
    start(5);
    inbox_.close();
    clock_.settle();
    EXPECT_EQ(ended_, 5);
    EXPECT_THAT(taken_, IsEmpty());
}

}  // namespace
}  // namespace chatflow::runtime
