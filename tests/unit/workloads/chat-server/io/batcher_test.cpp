#include "workloads/chat-server/io/batcher.hpp"

#include "libs/async/notification.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

class BatcherTest : public testing::Test {
 protected:
    using Numbers = Batcher<int, int>;

    // Answers each number with its double, as soon as the gate is open.
    Numbers make(Numbers::Bounds bounds) {
        return {io_.get_executor(), bounds, [this](std::vector<int> inputs, Deadline deadline) {
                    return carry_out(std::move(inputs), deadline);
                }};
    }

    awaitable<std::vector<int>> carry_out(std::vector<int> inputs, Deadline deadline) {
        batches_.push_back(inputs);
        deadlines_.push_back(deadline);
        while (!is_open_) co_await gate_.wait();
        if (inputs.front() < 0) throw std::runtime_error("negative");
        for (int& input : inputs) input *= 2;
        co_return inputs;
    }

    void open_gate() {
        is_open_ = true;
        gate_.notify_all();
    }

    struct Asked {
        std::optional<int> output;
        std::string error;
    };

    // Asks in the next turn of the loop.
    std::shared_ptr<Asked> ask(Numbers& batcher, int input,
                               Deadline deadline = Deadline::after(1h)) {
        auto asked = std::make_shared<Asked>();
        asio::co_spawn(io_, batcher.ask(input, deadline),
                       [asked](const std::exception_ptr& error, int output) {
                           if (!error) {
                               asked->output = output;
                               return;
                           }
                           try {
                               std::rethrow_exception(error);
                           } catch (const std::exception& failure) {
                               asked->error = failure.what();
                           }
                       });
        return asked;
    }

    void run() {
        io_.restart();
        while (io_.poll() > 0) {
        }
    }

    asio::io_context io_;
    Notification gate_{io_.get_executor()};
    bool is_open_ = true;
    std::vector<std::vector<int>> batches_;
    std::vector<Deadline> deadlines_;
};

TEST_F(BatcherTest, WhatComesInOneTurnGoesTogetherAndEachGetsItsAnswer) {
    auto batcher = make({});
    const auto one = ask(batcher, 1);
    const auto two = ask(batcher, 2);
    run();
    EXPECT_EQ(batches_, (std::vector<std::vector<int>>{{1, 2}}));
    EXPECT_EQ(one->output, 2);
    EXPECT_EQ(two->output, 4);
}

TEST_F(BatcherTest, WhatComesWhileBatchesRunWaitsAndGoesTogetherInOrder) {
    auto batcher = make({.batch_max = 2, .batches_max = 1});
    is_open_ = false;
    ask(batcher, 1);
    run();
    std::vector<std::shared_ptr<Asked>> later;
    for (int i = 2; i <= 4; ++i) {
        later.push_back(ask(batcher, i));
        run();
    }
    EXPECT_EQ(batches_.size(), 1U);
    open_gate();
    run();
    EXPECT_EQ(batches_, (std::vector<std::vector<int>>{{1}, {2, 3}, {4}}));
    EXPECT_EQ(later.back()->output, 8);
}

TEST_F(BatcherTest, MoreThanMayWaitIsRefusedAtOnce) {
    auto batcher = make({.batches_max = 1, .waiting_max = 2});
    is_open_ = false;
    ask(batcher, 1);
    run();
    ask(batcher, 2);
    ask(batcher, 3);
    const auto refused = ask(batcher, 4);
    run();
    EXPECT_EQ(refused->error, "too many calls wait for the database");
    open_gate();
    run();
    EXPECT_EQ(batches_, (std::vector<std::vector<int>>{{1}, {2, 3}}));
}

TEST_F(BatcherTest, AFailureReachesEveryCallerOfItsBatchAndNoOther) {
    auto batcher = make({.batch_max = 2});
    const auto first = ask(batcher, -1);
    const auto second = ask(batcher, 2);
    const auto third = ask(batcher, 3);
    run();
    EXPECT_EQ(first->error, "negative");
    EXPECT_EQ(second->error, "negative");
    EXPECT_EQ(third->output, 6);
}

TEST_F(BatcherTest, ABatchEndsWithItsNearestDeadlineAndOneThatIsTooNearIsLeftOut) {
    auto batcher = make({});
    const auto near = Deadline::after(10min);
    ask(batcher, 1, Deadline::after(1h));
    ask(batcher, 2, near);
    const auto late = ask(batcher, 3, Deadline::after(0s));
    run();
    EXPECT_EQ(batches_, (std::vector<std::vector<int>>{{1, 2}}));
    EXPECT_EQ(deadlines_.front().moment(), near.moment());
    EXPECT_EQ(late->error, "the database was busy for too long");
}

}  // namespace
}  // namespace chatflow::chat
