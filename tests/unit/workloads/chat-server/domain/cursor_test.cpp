#include "workloads/chat-server/domain/cursor.hpp"

#include "libs/base/base64.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

TEST(MessageCursor, IsReadBackAsItWasWritten) {
    for (const std::int64_t seq :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{65'536},
          std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(decode_message_cursor(encode_message_cursor(seq)), seq);
    }
}

TEST(MessageCursor, IsRefusedWhenItWasNotWrittenHere) {
    std::string negative = "m";
    negative += std::string(8, '\xff');
    for (const std::string& text :
         {std::string("m"), std::string("????"), encode_base64url("m1234567"),
          encode_base64url("m123456789"), encode_base64url("x12345678"), encode_base64url(negative),
          encode_message_cursor(1) + "A"}) {
        EXPECT_FALSE(decode_message_cursor(text)) << text;
    }
}

TEST(RoomCursor, IsReadBackAndHoldsAUuidOnly) {
    const std::string id = "01934567-89ab-7def-8123-456789abcdef";
    EXPECT_EQ(decode_id_cursor(encode_id_cursor(id)), id);
    EXPECT_FALSE(decode_id_cursor(encode_id_cursor("' OR true --")));
    EXPECT_FALSE(decode_id_cursor(""));
}

// RFC 4648 §10, without padding.
TEST(Base64url, WritesAndReadsTheVectorsOfTheRfc) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encode_base64url(bytes), text);
        EXPECT_EQ(decode_base64url(text), bytes);
    }
}

TEST(Base64url, HasOneTextForEachValue) {
    for (const char* text : {"Zg==", "Zh", "Z", "Zm9v!", "Zm 9v"}) {
        EXPECT_FALSE(decode_base64url(text)) << text;
    }
}

}  // namespace
}  // namespace chatflow::chat
