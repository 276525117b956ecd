#include "workloads/chat-server/domain/json_codec.hpp"

#include "workloads/chat-server/domain/cursor.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using nlohmann::json;

Message message(std::int64_t seq) {
    return {.id = "i", .room_id = "r", .seq = seq, .sender = "s", .body = "b", .created_at = "t"};
}

TEST(MessageJson, HoldsEveryFieldAndLeavesOutAnIdThatWasNotGiven) {
    Message sent = message(3);
    EXPECT_EQ(to_json(sent),
              R"({"id":"i","room_id":"r","seq":3,"sender":"s","body":"b","created_at":"t"})");
    sent.client_msg_id = "c";
    EXPECT_EQ(json::parse(to_json(sent))["client_msg_id"], "c");
}

TEST(MessageJson, SaysWhatBecameOfTheMessage) {
    Message changed = message(3);
    changed.reply_to = 1;
    changed.edited_at = "e";
    changed.is_deleted = true;
    changed.reactions = R"({"👍": 2})";
    const json shown = json::parse(to_json(changed));
    EXPECT_EQ(shown["reply_to"], 1);
    EXPECT_EQ(shown["edited_at"], "e");
    EXPECT_EQ(shown["deleted"], true);
    EXPECT_EQ(shown["reactions"]["👍"], 2);
}

TEST(MessageJson, IsReadBackForEveryCharacter) {
    Message sent = message(1);
    sent.body.clear();
    for (int c = 1; c < 0x80; ++c) sent.body += static_cast<char>(c);
    sent.body += "é😀\u2028";
    EXPECT_EQ(json::parse(to_json(sent))["body"], sent.body);
}

TEST(RoomJson, BeginsWithTheVersion) {
    const Room room{.id = "i", .name = "n", .topic = "", .version = 12};
    EXPECT_TRUE(to_json(room).starts_with(R"({"version":12,)"));
}

TEST(RoomPageJson, PointsToTheNextPageWhenThereIsOne) {
    const std::string id = "01934567-89ab-7def-8123-456789abcdef";
    EXPECT_TRUE(json::parse(to_json(RoomPage{}))["next"].is_null());
    const json page = json::parse(to_json(RoomPage{.rooms = {{.id = id}}, .has_more = true}));
    EXPECT_EQ(decode_id_cursor(page["next"].get<std::string>()), id);
}

TEST(HistoryJson, PointsToOlderMessagesUnlessItBeginsWithTheFirst) {
    const json later =
        json::parse(to_json(History{.messages = {message(5)}, .last_seq = 9, .place = 5}));
    EXPECT_EQ(decode_message_cursor(later["previous"].get<std::string>()), 5);
    EXPECT_EQ(decode_message_cursor(later["next"].get<std::string>()), 5);
    EXPECT_EQ(later["last_seq"], 9);
    const json first =
        json::parse(to_json(History{.messages = {message(1)}, .last_seq = 1, .place = 1}));
    EXPECT_TRUE(first["previous"].is_null());
    const json empty = json::parse(to_json(History{.messages = {}, .last_seq = 0, .place = 0}));
    EXPECT_TRUE(empty["previous"].is_null());
    EXPECT_EQ(decode_message_cursor(empty["next"].get<std::string>()), 0);
}

}  // namespace
}  // namespace chatflow::chat
