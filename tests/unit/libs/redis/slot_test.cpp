#include "libs/redis/slot.hpp"

#include "libs/redis/slot_map.hpp"

#include <optional>
#include <string_view>

#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

// "123456789" is the check value of CRC-16/XMODEM, 0x31c3; the others are what CLUSTER KEYSLOT
// says.
TEST(Slot, IsTheCrcOfTheKey) {
    EXPECT_EQ(slot_of("123456789"), 0x31c3);
    EXPECT_EQ(slot_of("foo"), 12182);
    EXPECT_EQ(slot_of(""), 0);
}

TEST(Slot, IsThatOfTheHashTag) {
    EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
    EXPECT_EQ(slot_of("{online:7}:leases"), slot_of("online:7"));
    EXPECT_NE(slot_of("{}user"), slot_of(""));
    EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
    EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
}

std::optional<std::string_view> key_in(std::initializer_list<std::string_view> words) {
    static Command command{"PING"};
    command = Command(words);
    return key_of(command);
}

TEST(KeyOf, FindsTheKeyWhereverTheCommandHasIt) {
    EXPECT_EQ(key_in({"get", "a"}), "a");
    EXPECT_EQ(key_in({"EVALSHA", "digest", "2", "k1", "k2", "x"}), "k1");
    EXPECT_EQ(key_in({"EVAL", "return 1", "0", "x"}), std::nullopt);
    EXPECT_EQ(key_in({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"}), "s");
    EXPECT_EQ(key_in({"XGROUP", "CREATE", "s", "g", "$"}), "s");
    EXPECT_EQ(key_in({"SPUBLISH", "{room}:c", "m"}), "{room}:c");
    EXPECT_EQ(key_in({"PING"}), std::nullopt);
    EXPECT_EQ(key_in({"PUBLISH", "c", "m"}), std::nullopt);
}

TEST(Redirection, IsReadFromTheError) {
    const Address asked{"10.0.0.1", 6379};
    EXPECT_EQ(parse_redirection("MOVED 3999 10.0.0.7:6380", asked),
              (Redirection{false, 3999, {"10.0.0.7", 6380}}));
    EXPECT_EQ(parse_redirection("ASK 3999 :6381", asked),
              (Redirection{true, 3999, {"10.0.0.1", 6381}}));
    EXPECT_EQ(parse_redirection("MOVED 1 fd00::1:6379", asked),
              (Redirection{false, 1, {"fd00::1", 6379}}));
    EXPECT_EQ(parse_redirection("MOVED 16384 10.0.0.7:6380", asked), std::nullopt);
    EXPECT_EQ(parse_redirection("MOVED 1 nonsense", asked), std::nullopt);
    EXPECT_EQ(parse_redirection("WRONGTYPE no", asked), std::nullopt);
}

TEST(SlotMap, KnowsWhatWasMoved) {
    SlotMap map;
    EXPECT_EQ(map.find(7), nullptr);
    map.move(7, {"a", 1});
    ASSERT_NE(map.find(7), nullptr);
    EXPECT_EQ(*map.find(7), (Address{"a", 1}));
    EXPECT_EQ(map.find(8), nullptr);
}

}  // namespace
}  // namespace chatflow::redis
