#include "libs/redis/script.hpp"

#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis.hpp"

#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

using test::RedisSession;

constexpr int kCalls = 2000;

awaitable<void> append(Client& client, const Script& script, std::string text) {
    const std::vector<std::string> keys{"list"};
    const std::vector<std::string> arguments{std::move(text)};
    co_await client.eval(script, keys, arguments, RedisSession::soon());
}

awaitable<void> append_all(Client& client, const Script& script, TaskGroup& calls) {
    for (int i = 0; i < kCalls; ++i) {
        calls.spawn(append(client, script, std::to_string(i)));
        // The answers to the first calls come while others are being sent.
        co_await asio::post(asio::use_awaitable);
    }
    co_await calls.wait();
}

TEST(Script, CallsOfOneConnectionRunInTheirOrderOnAServerThatHasNotSeenIt) {
    test::TestRedis server;
    Options options;
    options.port = static_cast<std::uint16_t>(server.port());
    RedisSession session(options);
    const Script script("return redis.call('RPUSH', KEYS[1], ARGV[1])");
    TaskGroup calls(session.io().get_executor(),
                    [](const std::exception_ptr& error) { std::rethrow_exception(error); });
    test::run(session.io(), append_all(session.client(), script, calls));

    const Reply list = session.call(Command{"LRANGE", "list", "0", "-1"});
    ASSERT_EQ(list.size(), static_cast<std::size_t>(kCalls));
    for (int i = 0; i < kCalls; ++i) {
        ASSERT_EQ(list[static_cast<std::size_t>(i)].text(), std::to_string(i));
    }
}

TEST(Script, RunsAlthoughTheServerHasLostIt) {
    test::TestRedis server;
    Options options;
    options.port = static_cast<std::uint16_t>(server.port());
    RedisSession session(options);
    const Script script("return redis.call('RPUSH', KEYS[1], ARGV[1])");
    test::run(session.io(), append(session.client(), script, "a"));
    session.call(Command{"SCRIPT", "FLUSH"});
    test::run(session.io(), append(session.client(), script, "b"));
    EXPECT_EQ(session.call(Command{"LLEN", "list"}).integer(), 2);
}

}  // namespace
}  // namespace chatflow::redis
