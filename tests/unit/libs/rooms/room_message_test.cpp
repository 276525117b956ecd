#include "libs/rooms/room_message.hpp"

#include "libs/rooms/room_keys.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::rooms {
namespace {

TEST(Notice, IsReadAsItWasWritten) {
    EXPECT_EQ(parse_notice("m 20 10 2 -\n[\"a\n\"]"), (RoomMessage{20, 10, 2, "", "[\"a\n\"]"}));
    EXPECT_EQ(parse_notice("m 20 0 1 sid\n[1]"), (RoomMessage{20, 0, 1, "sid", "[1]"}));
    EXPECT_EQ(parse_notice(ephemeral_notice("sid", "[1]")), (RoomMessage{0, 0, 0, "sid", "[1]"}));
    EXPECT_EQ(parse_notice(ephemeral_notice("", "[1]")), (RoomMessage{0, 0, 0, "", "[1]"}));
}

TEST(Notice, OfAnotherFormIsRefused) {
    for (const auto* text : {"", "m", "m 1 2 3 -", "m x 0 1 -\n[]", "m 0 0 1 -\n[]", "q -\n[]",
                             "m 99999999999999999999 0 1 -\n[]"}) {
        EXPECT_FALSE(parse_notice(text)) << text;
    }
}

TEST(RoomName, IsShortAndPrintable) {
    EXPECT_TRUE(is_room_name("room:7"));
    EXPECT_TRUE(is_room_name("käse"));
    EXPECT_FALSE(is_room_name(""));
    EXPECT_FALSE(is_room_name("a\nb"));
    EXPECT_TRUE(is_room_name(std::string(200, 'x')));
    EXPECT_FALSE(is_room_name(std::string(201, 'x')));
}

TEST(RoomKeys, ShareTheHashTagOfTheirShard) {
    const RoomKeys keys{.shards = 4};
    const auto tag = keys.tag(keys.shard_of("a{b}c"));
    EXPECT_EQ(keys.channel("a{b}c"), tag + "ch:a{b}c");
    EXPECT_EQ(keys.room_of(keys.channel("a{b}c")), "a{b}c");
    EXPECT_EQ(keys.room_of("socket.io#/#"), "");
    EXPECT_TRUE(keys.log("a{b}c").starts_with(tag));
}

}  // namespace
}  // namespace chatflow::rooms
