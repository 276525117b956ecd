#include "workloads/socket/streams/room_reader.hpp"

#include "libs/rooms/room_store.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis.hpp"
#include "tests/support/test_redis_sets.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;
using rooms::RoomMessage;
using rooms::RoomStore;
using testing::ElementsAre;
using testing::SizeIs;

std::string room_named(int number) { return "room-" + std::to_string(number); }

Deadline soon() { return Deadline::after(10s); }

// A gateway as far as rooms are concerned.
struct Gateway {
    Gateway(redis::Options options, rooms::RoomKeys keys)
        : session(std::move(options)),
          store(session.client(), keys),
          tasks(session.io().get_executor(), [](const std::exception_ptr&) {}),
          reader(
              session.io().get_executor(), store,
              {.on_message = [this](const std::string& room, const RoomMessage& message,
                                    const Positions& positions) { note(room, message, positions); },
               .on_loss = [this](const std::string& room) { lost.push_back(room); },
               .on_foreign = [](std::string_view, std::string_view) {}},
              Log("test", LogLevel::Error)) {
        tasks.spawn(reader.run());
    }
    ~Gateway() {
        tasks.cancel();
        test::run(session.io(), tasks.wait());
    }
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    void note(const std::string& room, const RoomMessage& message, const Positions& positions) {
        received[room].push_back(message);
        const auto shard = store.keys().shard_of(room);
        if (!message.is_ephemeral() && message.id < highest[shard]) ++disorders;
        highest[shard] = std::max(highest[shard], message.id);
        offsets[message.id] = positions.to_offset();
    }
    void subscribe(const std::string& room) {
        test::run(session.io(), reader.subscribe(room, soon()));
    }
    rooms::Published publish(const std::string& room, const std::string& event,
                             const std::string& once = "") {
        return test::run(session.io(), store.publish({room, event, "", once}, soon()));
    }
    void wait_until(const std::function<bool()>& holds) {
        const auto deadline = soon();
        while (!holds() && !deadline.has_passed()) {
            test::run(session.io(), sleep_until(Deadline::after(2ms)));
        }
        EXPECT_TRUE(holds());
    }
    [[nodiscard]] std::size_t count() const {
        std::size_t sum = 0;
        for (const auto& [room, messages] : received) sum += messages.size();
        return sum;
    }

    test::RedisSession session;
    RoomStore store;
    TaskGroup tasks;
    std::map<std::string, std::vector<RoomMessage>> received;
    std::map<std::size_t, rooms::MessageId> highest;
    std::map<rooms::MessageId, std::string> offsets;
    std::vector<std::string> lost;
    int disorders = 0;
    RoomReader reader;
};

class Rooms : public testing::Test {
 protected:
    static void SetUpTestSuite() { server = new test::TestRedis; }
    static void TearDownTestSuite() {
        delete server;
        server = nullptr;
    }
    static redis::Options options() { return {.port = static_cast<std::uint16_t>(server->port())}; }
    static test::TestRedis* server;
    test::RedisSession admin{options()};
    void SetUp() override { admin.call(redis::Command{"FLUSHALL"}); }
};
test::TestRedis* Rooms::server = nullptr;

TEST_F(Rooms, ReachEveryGatewayThatHasMembersInOneOrder) {
    Gateway a(options(), {});
    Gateway b(options(), {});
    a.subscribe("x");
    b.subscribe("x");
    b.subscribe("y");
    EXPECT_EQ(a.publish("x", R"(["one"])").seq, 1U);
    EXPECT_EQ(a.publish("y", R"(["two"])").seq, 1U);
    EXPECT_EQ(b.publish("x", R"(["three"])").seq, 2U);
    a.wait_until([&] { return a.count() == 2; });
    b.wait_until([&] { return b.count() == 3; });
    EXPECT_THAT(a.received["x"], SizeIs(2));
    EXPECT_EQ(b.received["x"], a.received["x"]);
    EXPECT_EQ(a.received["x"][1].event, R"(["three"])");
    EXPECT_EQ(a.received["x"][1].previous, a.received["x"][0].id);
    EXPECT_EQ(b.disorders, 0);
}

TEST_F(Rooms, LoseAndRepeatNothingAndKeepTheirOrderWhenConnectionsAreCut) {
    constexpr int kRooms = 20;
    constexpr int kMessages = 2000;
    Gateway gateway(options(), {});
    for (int room = 0; room < kRooms; ++room) gateway.subscribe(room_named(room));
    for (int i = 0; i < kMessages; ++i) {
        // Once in a while all subscribers' connections; once the publisher's own are cut as well.
        if (i % 97 == 50) admin.call(redis::Command{"CLIENT", "KILL", "TYPE", "pubsub"});
        const auto once = "m" + std::to_string(i);
        for (bool is_sent = false; !is_sent;) {
            try {
                gateway.publish(room_named(i % kRooms), "[" + std::to_string(i) + "]", once);
                is_sent = true;
            } catch (const redis::Error&) {
                test::run(gateway.session.io(), sleep_until(Deadline::after(10ms)));
            }
        }
        if (i == 1000) {
            admin.call(redis::Command{"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        }
    }
    gateway.wait_until([&] { return gateway.count() >= kMessages; });
    EXPECT_EQ(gateway.count(), kMessages);
    EXPECT_EQ(gateway.disorders, 0);
    EXPECT_TRUE(gateway.lost.empty());
    EXPECT_GT(gateway.reader.figures().filled, 0U);
    for (int room = 0; room < kRooms; ++room) {
        const auto& messages = gateway.received[room_named(room)];
        for (std::size_t i = 0; i < messages.size(); ++i) {
            EXPECT_EQ(messages[i].seq, i + 1);
            const auto number = static_cast<int>(i) * kRooms + room;
            EXPECT_EQ(messages[i].event, "[" + std::to_string(number) + "]");
        }
    }
}

TEST_F(Rooms, GapsAreNoticedOnTheNextMessageAndFilled) {
    Gateway gateway(options(), {});
    gateway.subscribe("x");
    gateway.publish("x", "[1]");
    // Put into the log past pub/sub, as if the notice had been lost.
    const auto first = gateway.publish("x", "[2]");
    const rooms::RoomKeys keys;
    const auto hidden = first.id + 1;
    admin.call(redis::Command{"XADD", keys.log("x"), std::to_string(hidden) + "-0", "p",
                              std::to_string(first.id), "s", "3", "x", "", "d", "[3]"});
    admin.call(redis::Command{"HSET", keys.meta("x"), "id", std::to_string(hidden), "seq", "3"});
    admin.call(redis::Command{"HSET", keys.clock(0), "id", std::to_string(hidden)});
    gateway.publish("x", "[4]");
    gateway.wait_until([&] { return gateway.count() == 4; });
    std::vector<std::string> events;
    for (const auto& message : gateway.received["x"]) events.push_back(message.event);
    EXPECT_THAT(events, ElementsAre("[1]", "[2]", "[3]", "[4]"));
    EXPECT_EQ(gateway.reader.figures().gaps, 1U);
}

TEST_F(Rooms, RepeatedPublicationGetsTheFirstOnesIdAndIsNotDeliveredAgain) {
    Gateway gateway(options(), {});
    gateway.subscribe("x");
    const auto first = gateway.publish("x", "[1]", "u7:abc");
    const auto again = gateway.publish("x", "[1]", "u7:abc");
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.seq, first.seq);
    EXPECT_TRUE(again.is_repeat);
    gateway.publish("x", "[2]");
    gateway.wait_until([&] { return gateway.count() == 2; });
    EXPECT_EQ(gateway.count(), 2U);
}

TEST_F(Rooms, ClientReturnsToAnotherGatewayAndMissesNothing) {
    Gateway before(options(), {});
    Gateway after(options(), {});
    before.subscribe("x");
    before.subscribe("y");
    const auto seen = before.publish("x", "[1]");
    before.wait_until([&] { return before.count() == 1; });
    const auto offset = Positions::parse(before.offsets[seen.id], 1);
    ASSERT_TRUE(offset);
    before.publish("y", "[2]");
    before.publish("x", "[3]");

    after.subscribe("x");
    after.subscribe("y");
    RoomReader::Collector collector(after.reader, {"x", "y"}, 1000);
    before.publish("y", "[4]");  // while the client is being brought up
    const std::vector<rooms::RoomPosition> positions{{"x", offset->at(0)}, {"y", offset->at(0)}};
    const auto histories = test::run(after.session.io(), after.store.read(positions, 1000, soon()));
    before.publish("x", "[5]");
    after.wait_until([&] { return after.count() == 2; });
    const auto born = test::run(after.session.io(), after.store.born(0, soon()));
    std::vector<Missed> missed;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        missed.push_back({positions[i], offset->at(0), born, histories[i]});
    }
    const auto replay = plan_replay(missed, collector.events(), 1000);
    ASSERT_TRUE(replay.is_complete);
    std::vector<std::string> events;
    for (const auto& event : replay.events) events.push_back(event.message.event);
    EXPECT_THAT(events, ElementsAre("[2]", "[3]", "[4]", "[5]"));
}

TEST_F(Rooms, EphemeralNoticesAreInNoLog) {
    Gateway gateway(options(), {});
    gateway.subscribe("x");
    test::run(gateway.session.io(),
              gateway.store.publish_ephemeral({"x", R"(["typing"])", "sid", ""}, soon()));
    gateway.wait_until([&] { return gateway.count() == 1; });
    EXPECT_TRUE(gateway.received["x"][0].is_ephemeral());
    EXPECT_EQ(gateway.received["x"][0].except, "sid");
    EXPECT_EQ(admin.call(redis::Command{"DBSIZE"}).integer(), 0);
}

TEST(RoomsInACluster, AreOrderedPerShard) {
    test::TestRedisCluster cluster;
    redis::Options options{.discovery = redis::Discovery::Cluster};
    options.seeds.push_back({"127.0.0.1", static_cast<std::uint16_t>(cluster.node(0).port())});
    Gateway gateway(options, {.shards = 4});
    for (int room = 0; room < 8; ++room) gateway.subscribe(room_named(room));
    for (int i = 0; i < 200; ++i) gateway.publish(room_named(i % 8), "[" + std::to_string(i) + "]");
    gateway.wait_until([&] { return gateway.count() == 200; });
    EXPECT_EQ(gateway.disorders, 0);
    EXPECT_GT(gateway.highest.size(), 1U);
}

}  // namespace
}  // namespace chatflow::socket
