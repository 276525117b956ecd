#include "workloads/socket/streams/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using rooms::MessageId;
using rooms::RoomMessage;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMax = 100;

RoomMessage message(MessageId id, MessageId previous) { return {.id = id, .previous = previous}; }

// A client that had seen 100 of a shard that began at 1; the room's log holds these.
Missed missed(const char* room, MessageId after, std::vector<RoomMessage> messages) {
    const auto last = messages.empty() ? after : messages.back().id;
    return {{room, after}, 100, 1, {std::move(messages), last, 0}};
}

std::vector<MessageId> ids(const Replay& replay) {
    std::vector<MessageId> found;
    for (const RoomEvent& event : replay.events) found.push_back(event.message.id);
    return found;
}

TEST(Replay, GivesWhatWasMissedOfAllRoomsById) {
    const auto replay = plan_replay({missed("a", 100, {message(110, 90), message(140, 110)}),
                                     missed("b", 100, {message(120, 0), message(130, 120)})},
                                    {}, kMax);
    EXPECT_TRUE(replay.is_complete);
    EXPECT_THAT(ids(replay), ElementsAre(110, 120, 130, 140));
    EXPECT_EQ(replay.events[1].room, "b");
}

TEST(Replay, AddsWhatWasDeliveredMeanwhileOnce) {
    const auto replay = plan_replay({missed("a", 100, {message(110, 90)})},
                                    {{"a", message(110, 90)}, {"a", message(120, 110)}}, kMax);
    EXPECT_THAT(ids(replay), ElementsAre(110, 120));
}

TEST(Replay, IsCompleteWhenNothingWasMissed) {
    EXPECT_TRUE(plan_replay({missed("a", 100, {})}, {}, kMax).is_complete);
    EXPECT_TRUE(plan_replay({}, {}, kMax).is_complete);
}

TEST(Replay, IsRefusedWhenTheLogNoLongerReachesBack) {
    const auto replay = plan_replay({missed("a", 100, {message(130, 120)})}, {}, kMax);
    EXPECT_FALSE(replay.is_complete);
    EXPECT_THAT(ids(replay), IsEmpty());
    auto expired = missed("a", 100, {});
    expired.history.last = 120;
    EXPECT_FALSE(plan_replay({expired}, {}, kMax).is_complete);
}

TEST(Replay, IsRefusedWhenRedisHasBegunAnew) {
    auto room = missed("a", 100, {message(210, 0)});
    room.born = 200;
    EXPECT_FALSE(plan_replay({room}, {}, kMax).is_complete);
    room.born = 0;
    EXPECT_FALSE(plan_replay({room}, {}, kMax).is_complete);
    room.seen = 0;  // the client had seen nothing of the shard
    EXPECT_TRUE(plan_replay({room}, {}, kMax).is_complete);
}

TEST(Replay, IsRefusedAboveItsBound) {
    const auto room = missed("a", 100, {message(110, 90), message(120, 110)});
    EXPECT_TRUE(plan_replay({room}, {}, 2).is_complete);
    EXPECT_FALSE(plan_replay({room}, {}, 1).is_complete);
}

}  // namespace
}  // namespace chatflow::socket
