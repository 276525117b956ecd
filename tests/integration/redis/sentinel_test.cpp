#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/url.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis_sets.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

using test::RedisSession;

Options options_for(test::TestSentinelSet& set) {
    const auto port = std::to_string(set.sentinel_port());
    return parse_url("redis+sentinel://127.0.0.1:1,127.0.0.1:" + port + "/chat").value();
}

TEST(Sentinel, TellsTheMasterAndTheClientFollowsAFailover) {
    test::TestSentinelSet set;
    RedisSession session(options_for(set));
    session.call(Command{"SET", "before", "1"});
    EXPECT_NE(set.master().ask("GET before").find('1'), std::string::npos);
    ASSERT_EQ(session.call(Command{"WAIT", "1", "5000"}).integer(), 1);

    set.master().kill();
    session.insist(Command{"SET", "after", "2"});
    EXPECT_TRUE(set.replica().ask("ROLE").contains("master"));
    EXPECT_EQ(session.call(Command{"GET", "before"}).text(), "1");
    EXPECT_EQ(session.call(Command{"GET", "after"}).text(), "2");
}

TEST(Sentinel, ClientLeavesAMasterThatHasBecomeAReplica) {
    test::TestSentinelSet set;
    RedisSession session(options_for(set));
    session.call(Command{"SET", "before", "1"});
    test::RedisNode& old_master = set.master();
    // A planned switch-over: the old master lives on.
    RedisSession sentinel(
        Options{.port = static_cast<std::uint16_t>(set.sentinel_port()), .client_name = ""});
    sentinel.call(Command{"SENTINEL", "FAILOVER", "chat"});
    const auto switched = Deadline::after(std::chrono::seconds(15));
    while (!old_master.ask("ROLE").contains("slave") && !switched.has_passed()) {
        test::run(session.io(), sleep_until(Deadline::after(std::chrono::milliseconds(50))));
    }
    session.insist(Command{"SET", "after", "2"});
    EXPECT_TRUE(set.replica().ask("ROLE").contains("master"));
    EXPECT_NE(set.replica().ask("GET after").find('2'), std::string::npos);
}

TEST(Sentinel, SaysWhenItDoesNotKnowTheSet) {
    test::TestSentinelSet set;
    auto options = options_for(set);
    options.master_name = "another";
    boost::asio::io_context io;
    EXPECT_THROW(test::run(io, Connection::open(options)), Unavailable);
}

}  // namespace
}  // namespace chatflow::redis
