#include "libs/async/notification.hpp"
#include "libs/events/consumer.hpp"
#include "libs/events/history.hpp"
#include "libs/events/publisher.hpp"
#include "libs/events/stream_entry.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::string message(int number) {
    return R"({"messageId":"m)" + std::to_string(number) +
           R"(","roomId":"r","senderId":"u","timestamp":1})";
}

class Bus : public testing::Test {
 protected:
    static void SetUpTestSuite() { server = new test::TestRedis; }
    static void TearDownTestSuite() {
        delete server;
        server = nullptr;
    }

    Bus() : session_({.port = static_cast<std::uint16_t>(server->port())}) {
        session_.call(redis::Command{"FLUSHALL"});
    }
    ~Bus() override { stop(); }

    std::string publish(const std::string& type, const std::string& data) {
        return test::run(session_.io(), publisher_.publish({.type = type, .data = data}, soon()));
    }

    // A consumer that notes what it sees and then does what `work` does.
    void consume(const std::string& consumer, Handler work = nullptr) {
        auto handler = [this, work = std::move(work)](const Event& event) -> awaitable<void> {
            seen_.push_back(event.data);
            changed_.notify_all();
            if (work) co_await work(event);
        };
        auto subscription = subscription_;
        subscription.consumer = consumer;
        consumers_.push_back(std::make_unique<Consumer>(session_.client(), platform_catalog(),
                                                        subscription, handler, nullptr,
                                                        Log("test", LogLevel::Error)));
        tasks_.spawn(consumers_.back()->run());
    }

    void stop() {
        tasks_.cancel();
        test::run(session_.io(), tasks_.wait());
    }

    void wait_until(const std::function<bool()>& holds) {
        const auto deadline = Deadline::after(10s);
        while (!holds()) {
            ASSERT_FALSE(deadline.has_passed()) << "seen: " << seen_.size();
            test::run(session_.io(), sleep_until(Deadline::after(5ms)));
        }
    }
    std::int64_t count(redis::Command command) {
        return session_.call(std::move(command)).integer();
    }
    std::int64_t dead_letters() { return count(redis::Command{"XLEN", Layout{}.dead("g")}); }
    std::int64_t pending() {
        return session_.call(redis::Command{"XPENDING", Layout{}.stream("message"), "g"})[0]
            .integer();
    }
    static Deadline soon() { return Deadline::after(5s); }

    static test::TestRedis* server;
    test::RedisSession session_;
    Publisher publisher_{session_.client(), platform_catalog(), nullptr};
    History history_{session_.client(), platform_catalog()};
    Subscription subscription_{.group = "g",
                               .patterns = {"message.*"},
                               .start = "0",
                               .retry = {.attempts_max = 3, .first_delay = 10ms},
                               .handler_time_max = 5s,
                               .lost_after = 400ms};
    std::vector<std::string> seen_;
    Notification changed_{session_.io().get_executor()};
    TaskGroup tasks_{session_.io().get_executor(), [](const std::exception_ptr&) {}};
    std::vector<std::unique_ptr<Consumer>> consumers_;
};
test::TestRedis* Bus::server = nullptr;

TEST_F(Bus, GivesEachMatchingEventToOneConsumerOfTheGroupInOrder) {
    publish("message.created", message(1));
    publish("user.online", R"({"userId":"u"})");
    publish("message.updated", message(2));
    consume("a");
    wait_until([&] { return seen_.size() == 2; });
    EXPECT_THAT(seen_, ElementsAre(message(1), message(2)));
    consume("b");
    publish("message.created", message(3));
    wait_until([&] { return seen_.size() == 3 && pending() == 0; });
    EXPECT_EQ(seen_.back(), message(3));
}

TEST_F(Bus, RefusesWhatTheSchemaDoesNotAllowNamingTheMember) {
    try {
        publish("message.created", R"({"messageId":"m","roomId":7})");
        FAIL() << "it was published";
    } catch (const InvalidEvent& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("data.roomId: must be a text"));
        EXPECT_THAT(error.what(), testing::HasSubstr("data.senderId: is required"));
    }
    EXPECT_THROW(publish("message.sung", "{}"), InvalidEvent);
    EXPECT_EQ(count(redis::Command{"DBSIZE"}), 0);
}

TEST_F(Bus, TriesAgainAndThenPutsItWithTheDeadLettersFromWhereItIsRedriven) {
    bool is_broken = true;
    auto fail = [&](const Event&) -> awaitable<void> {
        if (is_broken) throw std::runtime_error("the mail server is away");
        co_return;
    };
    const auto id = publish("message.created", message(1));
    consume("a", fail);
    wait_until([&] { return dead_letters() == 1; });
    EXPECT_THAT(seen_, ElementsAre(message(1), message(1), message(1)));
    const auto letters = test::run(session_.io(), history_.dead_letters("g", 10, soon()));
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].event.id, id);
    EXPECT_EQ(letters[0].attempts, 3U);
    EXPECT_EQ(letters[0].error, "the mail server is away");

    is_broken = false;
    EXPECT_EQ(test::run(session_.io(), history_.redrive("g", 10, soon())), 1U);
    wait_until([&] { return seen_.size() == 4 && dead_letters() == 0; });
    wait_until([&] { return count(redis::Command{"ZCARD", Layout{}.retries("g")}) == 0; });
    EXPECT_EQ(pending(), 0);
}

TEST_F(Bus, EventsThatNoRetryCuresGoToTheDeadLettersAtOnce) {
    auto refuse = [](const Event&) -> awaitable<void> {
        throw Unacceptable("never");
        co_return;
    };
    publish("message.created", message(1));
    // What a careless program writes past the publisher.
    session_.call(redis::Command{"XADD", Layout{}.stream("message"), "*", "type", "message.created",
                                 "version", "1", "data", "{}"});
    session_.call(redis::Command{"XADD", Layout{}.stream("message"), "*", "nonsense", "1"});
    consume("a", refuse);
    wait_until([&] { return dead_letters() == 2 && pending() == 0; });
    EXPECT_THAT(seen_, ElementsAre(message(1)));
}

TEST_F(Bus, WhatAConsumerThatDiedHadBeenGivenIsHandledByAnother) {
    auto hang = [](const Event&) -> awaitable<void> { co_await sleep_until(Deadline::after(1h)); };
    publish("message.created", message(1));
    publish("message.created", message(2));
    subscription_.handler_time_max = 1h;
    consume("dies", hang);
    wait_until([&] { return seen_.size() == 1; });
    EXPECT_EQ(pending(), 2);
    stop();  // in mid-work: nothing is acknowledged
    EXPECT_EQ(pending(), 2);
    consume("lives");
    wait_until([&] { return seen_.size() == 3 && pending() == 0; });
    EXPECT_THAT(seen_, ElementsAre(message(1), message(1), message(2)));
}

TEST_F(Bus, AnEventThatKillsItsConsumersEndsWithTheDeadLetters) {
    auto hang = [](const Event&) -> awaitable<void> { co_await sleep_until(Deadline::after(1h)); };
    publish("message.created", message(1));
    subscription_.handler_time_max = 1h;
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        consume("dies", hang);
        wait_until([&] { return seen_.size() == attempt; });
        stop();
    }
    consume("lives");
    wait_until([&] { return dead_letters() == 1; });
    EXPECT_EQ(seen_.size(), 3U);
}

TEST_F(Bus, ReplaysFromAnIdAndRewindsAGroup) {
    publish("message.created", message(1));
    const auto second = publish("message.created", message(2));
    publish("message.created", message(3));
    consume("a");
    wait_until([&] { return seen_.size() == 3; });

    std::vector<std::string> replayed;
    auto note = [&](const Event& event) -> awaitable<void> {
        replayed.push_back(event.data);
        co_return;
    };
    EXPECT_EQ(test::run(session_.io(), history_.replay({"message.*"}, second, note)), 2U);
    EXPECT_THAT(replayed, ElementsAre(message(2), message(3)));

    test::run(session_.io(), history_.rewind("g", {"message.*"}, "0", soon()));
    publish("message.created", message(4));
    wait_until([&] { return seen_.size() == 7; });
    EXPECT_EQ(seen_.back(), message(4));
}

TEST_F(Bus, StreamsAreBounded) {
    Publisher small(session_.client(), platform_catalog(), nullptr, {}, {.stream_length_max = 200});
    for (int i = 0; i < 1000; ++i) {
        test::run(session_.io(),
                  small.publish({.type = "message.created", .data = message(i)}, soon()));
    }
    // Cut by whole nodes of the stream, of 100 entries each.
    EXPECT_LE(count(redis::Command{"XLEN", Layout{}.stream("message")}), 300);
}

}  // namespace
}  // namespace chatflow::events
