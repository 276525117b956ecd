#include "workloads/socket/hub/room_table.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

bool is_in(const RoomTable& table, std::string_view room, const Member& member) {
    return std::ranges::contains(table.members(room), &member);
}

TEST(RoomTable, FindsWhoIsInARoom) {
    RoomTable table;
    std::array<Member, 3> members;
    for (Member& member : members) table.join(member, "a");
    table.join(members[0], "a");
    table.join(members[0], "b");
    EXPECT_EQ(table.members("a").size(), 3U);
    table.leave(members[0], "a");
    EXPECT_FALSE(is_in(table, "a", members[0]));
    EXPECT_TRUE(is_in(table, "a", members[1]));
    EXPECT_TRUE(is_in(table, "a", members[2]));
    EXPECT_TRUE(is_in(table, "b", members[0]));
    table.leave(members[2], "a");
    table.leave(members[1], "a");
    EXPECT_EQ(table.rooms(), 1U);
}

TEST(RoomTable, ForgetsAMemberThatLeavesAll) {
    RoomTable table;
    std::array<Member, 4> members;
    for (Member& member : members) {
        for (const char* room : {"a", "b", "c"}) table.join(member, room);
    }
    table.leave_all(members[1]);
    table.leave_all(members[3]);
    for (const char* room : {"a", "b", "c"}) {
        EXPECT_EQ(table.members(room).size(), 2U);
        EXPECT_TRUE(is_in(table, room, members[0]));
        EXPECT_TRUE(is_in(table, room, members[2]));
    }
    table.leave_all(members[0]);
    table.leave_all(members[2]);
    EXPECT_EQ(table.rooms(), 0U);
}

}  // namespace
}  // namespace chatflow::socket
