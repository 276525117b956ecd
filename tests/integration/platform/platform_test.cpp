#include "libs/async/with_deadline.hpp"
#include "tests/integration/platform/fake_gateway.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::FakeGateway;
using testing::Contains;
using testing::HasSubstr;

class PlatformTest : public testing::Test {
 protected:
    static void SetUpTestSuite() { server = new test::TestRedis; }
    static void TearDownTestSuite() {
        delete server;
        server = nullptr;
    }
    static redis::Options options() { return {.port = static_cast<std::uint16_t>(server->port())}; }

    PlatformTest() { admin.call(redis::Command{"FLUSHALL"}); }

    std::unique_ptr<FakeGateway> gateway(const std::string& pod) {
        return std::make_unique<FakeGateway>(io, options(), pod);
    }
    bool connect(FakeGateway& to, FakeClient& client) { return test::run(io, to.connect(client)); }
    std::string emit(FakeClient& client, const std::string& event, const std::string& arguments) {
        return test::run(io, client.gateway->emit(client, event, arguments));
    }
    void wait_until(const std::function<bool()>& holds) {
        const auto deadline = Deadline::after(10s);
        bool is_so = holds();
        while (!is_so && !deadline.has_passed()) {
            test::run(io, sleep_until(Deadline::after(2ms)));
            is_so = holds();
        }
        if (!is_so) throw std::runtime_error("it did not come to pass");
    }

    static test::TestRedis* server;
    test::RedisSession admin{options()};
    boost::asio::io_context io;
};
test::TestRedis* PlatformTest::server = nullptr;

TEST_F(PlatformTest, MembersOfARoomHearWhatIsToldInItOnAnyPod) {
    const auto a = gateway("a");
    const auto b = gateway("b");
    FakeClient ann{"ann"};
    FakeClient ben{"ben"};
    FakeClient eve{"eve"};
    ASSERT_TRUE(connect(*a, ann));
    ASSERT_TRUE(connect(*b, ben));
    ASSERT_TRUE(connect(*b, eve));
    EXPECT_THAT(emit(ann, "join", R"(["r"])"), HasSubstr(R"("ok":true)"));
    emit(ben, "join", R"([{"roomId":"r"}])");
    const auto answer =
        emit(ann, "message", R"([{"roomId":"r","body":"hi","clientMessageId":"1"}])");
    EXPECT_THAT(answer, HasSubstr(R"("seq":1)"));
    wait_until([&] { return ben.events.size() == 1 && ann.events.size() == 1; });
    EXPECT_THAT(ben.events[0], HasSubstr(R"(["message.created",{"body":"hi")"));
    EXPECT_THAT(ben.events[0], HasSubstr(R"("senderId":"ann")"));
    EXPECT_TRUE(eve.events.empty());
    // Sent again: the same answer, nothing is told.
    const auto again =
        emit(ann, "message", R"([{"roomId":"r","body":"hi","clientMessageId":"1"}])");
    EXPECT_THAT(again, HasSubstr(R"("repeated":true)"));
    emit(ann, "typing", R"(["r"])");
    wait_until([&] { return ben.events.size() == 2; });
    EXPECT_EQ(ben.events[1], R"(["typing",{"isTyping":true,"roomId":"r","userId":"ann"}])");
    EXPECT_EQ(ann.events.size(), 1U);
    emit(ben, "leave", R"(["r"])");
    emit(ann, "message", R"([{"roomId":"r"}])");
    wait_until([&] { return ann.events.size() == 2; });
    EXPECT_EQ(ben.events.size(), 2U);
}

TEST_F(PlatformTest, OnlyMembersJoinAndOnlyThoseWhoJoinedPublish) {
    const auto pod = gateway("a");
    pod->forbidden_rooms = {"secret"};
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(*pod, ann));
    EXPECT_THAT(emit(ann, "join", R"(["secret"])"), HasSubstr("Not a member"));
    EXPECT_THAT(emit(ann, "message", R"([{"roomId":"r"}])"), HasSubstr("Not a member"));
    EXPECT_THAT(emit(ann, "join", R"(["user:ben"])"), HasSubstr("Not a member"));
    EXPECT_THAT(emit(ann, "join", R"([7])"), HasSubstr(R"("ok":false)"));
    EXPECT_THAT(emit(ann, "fly", "[]"), HasSubstr("Unknown event"));
}

TEST_F(PlatformTest, FivePlacesPerUserAreExactOverPods) {
    const auto a = gateway("a");
    const auto b = gateway("b");
    std::list<FakeClient> clients;
    std::vector<awaitable<bool>> attempts;
    int let_in = 0;
    int refused = 0;
    TaskGroup at_once(io.get_executor(), [](const std::exception_ptr&) {});
    auto attempt = [&](FakeGateway& pod, FakeClient& client) -> awaitable<void> {
        ++(co_await pod.connect(client) ? let_in : refused);
    };
    for (int i = 0; i < 20; ++i) {
        clients.push_back({"ann"});
        at_once.spawn(attempt(i % 2 == 0 ? *a : *b, clients.back()));
    }
    test::run(io, at_once.wait());
    EXPECT_EQ(let_in, 5);
    EXPECT_EQ(refused, 15);
    FakeClient one_more{"ann"};
    EXPECT_FALSE(connect(*a, one_more));
    EXPECT_EQ(one_more.refusal, "Too many connections");
    for (auto& client : clients) {
        if (client.gateway == nullptr) continue;
        client.gateway->cut(client);
        break;
    }
    wait_until([&] { return admin.call(redis::Command{"SCARD", "online:ann"}).integer() == 4; });
    EXPECT_TRUE(connect(*b, one_more));
}

TEST_F(PlatformTest, PlacesOfAPodThatDiedAreFreeAndItsUsersAreOffline) {
    const auto a = gateway("a");
    auto b = gateway("b");
    FakeClient watcher{"watcher"};
    ASSERT_TRUE(connect(*a, watcher));
    emit(watcher, "join", R"(["user-events"])");
    std::list<FakeClient> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back({"ann"});
        ASSERT_TRUE(connect(*b, clients.back()));
    }
    FakeClient ben{"ben"};
    ASSERT_TRUE(connect(*b, ben));
    wait_until([&] { return watcher.events.size() == 2; });
    EXPECT_EQ(watcher.events[0], R"(["user-online",{"userId":"ann"}])");
    FakeClient again{"ann"};
    EXPECT_FALSE(connect(*a, again));
    b->die();
    b.reset();
    wait_until([&] { return connect(*a, again); });
    wait_until([&] { return watcher.events.size() == 3; });
    EXPECT_EQ(watcher.events[2], R"(["user-offline",{"userId":"ben"}])");
    EXPECT_EQ(emit(watcher, "presence", R"([{"userIds":["ann","ben"]}])"),
              R"({"ok":true,"online":{"ann":true,"ben":false}})");
    EXPECT_EQ(admin.call(redis::Command{"SCARD", "online:ann"}).integer(), 1);
}

TEST_F(PlatformTest, PresenceDoesNotFlapWhenAClientComesBackSoon) {
    const auto pod = gateway("a");
    FakeClient watcher{"watcher"};
    ASSERT_TRUE(connect(*pod, watcher));
    emit(watcher, "join", R"(["user-events"])");
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(*pod, ann));
    wait_until([&] { return watcher.events.size() == 1; });
    pod->cut(ann);
    test::run(io, sleep_until(Deadline::after(100ms)));
    ASSERT_TRUE(connect(*pod, ann));
    pod->cut(ann, false);
    wait_until([&] { return watcher.events.size() == 2; });
    EXPECT_EQ(watcher.events[1], R"(["user-offline",{"userId":"ann"}])");
}

TEST_F(PlatformTest, RefusesInTheWordsThatClientsKnow) {
    const auto pod = gateway("a");
    const auto refusal = [&](const std::string& token) {
        const auto admission =
            test::run(io, pod->platform().admit({"x", token, "", ""}, Deadline::after(5s)));
        return std::get<Refused>(admission).message;
    };
    EXPECT_EQ(refusal(""), "Authentication required");
    EXPECT_EQ(refusal("any-non-empty-text"), "Invalid token");
    EXPECT_EQ(refusal(test::token_for("ann", -60)), "Invalid token");
    EXPECT_EQ(refusal(test::token_for("")), "Invalid token");
}

TEST_F(PlatformTest, ABanClosesAllOfAUsersConnectionsOnAllPodsAndStays) {
    const auto a = gateway("a");
    const auto b = gateway("b");
    FakeClient ann{"ann"};
    FakeClient too{"ann"};
    FakeClient ben{"ben"};
    ASSERT_TRUE(connect(*a, ann));
    ASSERT_TRUE(connect(*b, too));
    ASSERT_TRUE(connect(*b, ben));
    test::run(io, a->platform().bans().change("ann", true, Deadline::after(5s)));
    wait_until([&] { return ann.gateway == nullptr && too.gateway == nullptr; });
    EXPECT_TRUE(ann.was_told_to_stay_away);
    EXPECT_NE(ben.gateway, nullptr);
    // With the session and all: it is checked on recovery as well.
    EXPECT_FALSE(connect(*b, ann));
    EXPECT_EQ(ann.refusal, "Invalid or banned user");
    const auto late = gateway("c");  // a pod that starts later knows
    EXPECT_FALSE(connect(*late, too));
    test::run(io, a->platform().bans().change("ann", false, Deadline::after(5s)));
    wait_until([&] { return connect(*b, too); });
}

TEST_F(PlatformTest, NodeBackEndsReachTheRoomsByTheirEmitters) {
    const auto pod = gateway("a");
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(*pod, ann));
    emit(ann, "join", R"(["r"])");
    // ["emitter",{type:2,data:["news",{"n":1}],nsp:"/"},{rooms:["r"],except:[],flags:{}}]
    const std::string classic =
        "\x93\xa7"
        "emitter\x83\xa4type\x02\xa4"
        "data\x92\xa4news\x81\xa1n\x01\xa3nsp\xa1/"
        "\x83\xa5rooms\x91\xa1r\xa6"
        "except\x90\xa5"
        "flags\x80";
    admin.call(redis::Command{"PUBLISH", "socket.io#/#r#", classic});
    wait_until([&] { return ann.events.size() == 1; });
    EXPECT_EQ(ann.events[0], R"(["news",{"n":1}])");
    admin.call(redis::Command{
        "SPUBLISH", "socket.io#/#r#",
        R"({"uid":"n","nsp":"/","type":3,"data":{"packet":{"type":2,"nsp":"/","data":["more"]},"opts":{"rooms":["r"],"except":[],"flags":{}}}})"});
    wait_until([&] { return ann.events.size() == 2; });
    EXPECT_EQ(ann.events[1], R"(["more"])");
}

TEST_F(PlatformTest, WithRedisAwayConnectionsStayPublishingIsRefusedAndGoesOnByItself) {
    test::TestRedis own;
    FakeGateway pod(io, {.port = static_cast<std::uint16_t>(own.port())}, "a");
    FakeClient ann{"ann"};
    ASSERT_TRUE(connect(pod, ann));
    emit(ann, "join", R"(["r"])");
    own.kill();
    wait_until([&] { return !pod.platform().trouble().empty(); });
    EXPECT_EQ(emit(ann, "message", R"([{"roomId":"r"}])"),
              R"({"error":"Temporarily unavailable","ok":false,"retry":true})");
    FakeClient ben{"ben"};
    EXPECT_FALSE(connect(pod, ben));
    EXPECT_EQ(ben.refusal, "postponed");
    EXPECT_NE(ann.gateway, nullptr);
    own.start();
    wait_until([&] { return pod.platform().trouble().empty(); });
    EXPECT_THAT(emit(ann, "message", R"([{"roomId":"r"}])"), HasSubstr(R"("ok":true)"));
    wait_until([&] { return ann.events.size() == 1; });
    EXPECT_TRUE(connect(pod, ben));
    // Redis had lost everything: the places are taken again.
    auto counted = test::RedisSession({.port = static_cast<std::uint16_t>(own.port())});
    wait_until([&] { return counted.call(redis::Command{"SCARD", "online:ann"}).integer() == 1; });
}

}  // namespace
}  // namespace chatflow::socket
