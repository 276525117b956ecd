#include "libs/async/with_deadline.hpp"
#include "tests/integration/platform/fake_gateway.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::FakeGateway;

std::string room_named(int number) { return "room-" + std::to_string(number); }

class Recovery : public testing::Test {
 protected:
    static void SetUpTestSuite() { server = new test::TestRedis; }
    static void TearDownTestSuite() {
        delete server;
        server = nullptr;
    }
    static redis::Options options() { return {.port = static_cast<std::uint16_t>(server->port())}; }

    Recovery() { admin.call(redis::Command{"FLUSHALL"}); }

    std::unique_ptr<FakeGateway> gateway(const std::string& pod) {
        return std::make_unique<FakeGateway>(io, options(), pod);
    }
    void publish(FakeClient& speaker, int room, int number) {
        const auto answer = test::run(
            io, speaker.gateway->emit(speaker, "publish",
                                      R"([{"event":"n","roomId":")" + room_named(room) +
                                          R"(","data":)" + std::to_string(number) + "}]"));
        ASSERT_TRUE(answer.contains(R"("ok":true)")) << answer;
    }
    void join(FakeClient& client, int room) {
        const auto answer =
            test::run(io, client.gateway->emit(client, "join", "[\"" + room_named(room) + "\"]"));
        ASSERT_TRUE(answer.contains(R"("ok":true)")) << answer;
    }
    bool connect(FakeGateway& to, FakeClient& client) { return test::run(io, to.connect(client)); }
    void pause(std::chrono::milliseconds time) {
        test::run(io, sleep_until(Deadline::after(time)));
    }
    void wait_until(const std::function<bool()>& holds) {
        const auto deadline = Deadline::after(15s);
        while (!holds() && !deadline.has_passed()) pause(2ms);
        EXPECT_TRUE(holds());
    }
    static std::vector<std::string> numbers(int from, int to) {
        std::vector<std::string> events;
        for (int i = from; i <= to; ++i) events.push_back("[\"n\"," + std::to_string(i) + "]");
        return events;
    }

    static test::TestRedis* server;
    test::RedisSession admin{options()};
    boost::asio::io_context io;
};
test::TestRedis* Recovery::server = nullptr;

TEST_F(Recovery, ClientThatReturnsToAnotherPodGetsWhatItMissedOnceAndInOrder) {
    const auto a = gateway("a");
    const auto b = gateway("b");
    FakeClient speaker{"speaker"};
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(*a, speaker));
    ASSERT_TRUE(connect(*a, ann));
    for (auto* client : {&speaker, &ann}) {
        join(*client, 1);
        join(*client, 2);
    }
    for (int i = 1; i <= 3; ++i) publish(speaker, 1 + i % 2, i);
    wait_until([&] { return ann.events.size() == 3; });
    a->cut(ann);
    for (int i = 4; i <= 8; ++i) publish(speaker, 1 + i % 2, i);
    ASSERT_TRUE(connect(*b, ann));
    EXPECT_EQ(ann.recoveries, 1);
    publish(speaker, 1, 9);
    wait_until([&] { return ann.events.size() >= 9; });
    EXPECT_EQ(ann.events, numbers(1, 9));
}

TEST_F(Recovery, ClientThatHadHeardNothingYetMissesNothingEither) {
    const auto a = gateway("a");
    FakeClient speaker{"speaker"};
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(*a, speaker));
    join(speaker, 1);
    publish(speaker, 1, 0);  // before ann came: not for her
    ASSERT_TRUE(connect(*a, ann));
    join(ann, 1);
    a->cut(ann);
    publish(speaker, 1, 1);
    ASSERT_TRUE(connect(*a, ann));
    EXPECT_EQ(ann.recoveries, 1);
    EXPECT_EQ(ann.events, numbers(1, 1));
}

TEST_F(Recovery, IsNotClaimedWhenTheLogNoLongerReachesBackOrTheSessionIsAnothers) {
    FakeGateway pod(io, options(), "a", [](PlatformOptions& settings) { settings.replay_max = 5; });
    FakeClient speaker{"speaker"};
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(pod, speaker));
    ASSERT_TRUE(connect(pod, ann));
    join(speaker, 1);
    join(ann, 1);
    publish(speaker, 1, 1);
    wait_until([&] { return ann.events.size() == 1; });
    pod.cut(ann);
    for (int i = 0; i < 6; ++i) publish(speaker, 1, i);
    ASSERT_TRUE(connect(pod, ann));
    EXPECT_EQ(ann.failures, 1);
    EXPECT_EQ(ann.events.size(), 1U);

    FakeClient thief{"thief"};
    thief.session = ann.session;
    ASSERT_TRUE(connect(pod, thief));
    EXPECT_EQ(thief.failures, 1);
}

TEST_F(Recovery, ConnectionThatOnlyTheServerBelievesInIsClosedWhenItsClientReturns) {
    const auto a = gateway("a");
    const auto b = gateway("b");
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(*a, ann));
    FakeClient ghost = ann;  // what pod a still sees
    FakeClient others[4] = {{"ann"}, {"ann"}, {"ann"}, {"ann"}};
    for (auto& other : others) ASSERT_TRUE(connect(*a, other));
    // All five places are taken, one of them by the ghost: it is the client's own.
    ASSERT_TRUE(connect(*b, ann));
    EXPECT_EQ(ann.recoveries, 1);
    wait_until([&] { return a->platform().connections() == 4; });
    EXPECT_EQ(admin.call(redis::Command{"SCARD", "online:ann"}).integer(), 5);
}

// 60 clients in 10 rooms of two pods; cuts all the time, one pod dies in the middle.
TEST_F(Recovery, NobodyMissesOrRepeatsAnythingWhileConnectionsAreCutAndAPodDies) {
    constexpr int kClients = 60;
    constexpr int kRooms = 10;
    constexpr int kMessages = 200;
    const auto a = gateway("a");
    auto b = gateway("b");
    FakeClient speaker{"speaker"};
    ASSERT_TRUE(connect(*a, speaker));
    for (int room = 0; room < kRooms; ++room) join(speaker, room);
    std::list<FakeClient> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back({"user-" + std::to_string(i)});
        ASSERT_TRUE(connect(i % 2 == 0 ? *a : *b, clients.back()));
        join(clients.back(), i % kRooms);
    }
    std::minstd_rand random(1);  // the same cuts each time
    for (int message = 0; message < kMessages; ++message) {
        publish(speaker, message % kRooms, message);
        for (auto& client : clients) {
            if (client.gateway != nullptr && random() % 30 == 0) {
                client.gateway->cut(client);
            } else if (client.gateway == nullptr && random() % 4 == 0) {
                ASSERT_TRUE(connect(b && random() % 2 == 0 ? *b : *a, client));
            }
        }
        if (message % 100 == 50) admin.call(redis::Command{"CLIENT", "KILL", "TYPE", "pubsub"});
        if (message == kMessages / 2) {
            b->die();
            b.reset();
        }
    }
    for (auto& client : clients) {
        if (client.gateway != nullptr) continue;
        ASSERT_TRUE(connect(*a, client));
    }
    const auto all_are_there = [&] {
        for (const auto& client : clients) {
            if (client.events.size() < kMessages / kRooms) return false;
        }
        return true;
    };
    wait_until(all_are_there);
    int number = 0;
    for (const auto& client : clients) {
        std::vector<std::string> expected;
        for (int i = number % kRooms; i < kMessages; i += kRooms) {
            expected.push_back("[\"n\"," + std::to_string(i) + "]");
        }
        EXPECT_EQ(client.events, expected) << client.user;
        EXPECT_EQ(client.failures, 0) << client.user;
        ++number;
    }
    EXPECT_EQ(a->platform().connections(), kClients + 1U);
}

}  // namespace
}  // namespace chatflow::socket
