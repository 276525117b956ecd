#include "libs/redis/reply_reader.hpp"

#include "libs/redis/errors.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

constexpr std::size_t kMax = 1 << 20;

Reply read(std::string_view bytes) {
    ReplyReader reader(kMax);
    reader.feed(bytes);
    auto reply = reader.next();
    if (!reply) throw std::logic_error("not a whole reply");
    return std::move(*reply);
}

TEST(ReplyReader, ReadsEveryKind) {
    EXPECT_EQ(read("+OK\r\n").text(), "OK");
    EXPECT_EQ(read(":-42\r\n").integer(), -42);
    EXPECT_EQ(read("$5\r\na\r\nbc\r\n").text(), "a\r\nbc");
    EXPECT_TRUE(read("$-1\r\n").is_nil());
    EXPECT_TRUE(read("_\r\n").is_nil());
    EXPECT_EQ(read("-WRONGTYPE no\r\n").error_text(), "WRONGTYPE no");
    EXPECT_EQ(read(",1.5\r\n").kind(), Reply::Kind::Double);
    EXPECT_EQ(read("#t\r\n").kind(), Reply::Kind::Boolean);
    EXPECT_EQ(read("%1\r\n+a\r\n:1\r\n").kind(), Reply::Kind::Map);
    EXPECT_EQ(read(">1\r\n+a\r\n").kind(), Reply::Kind::Push);
}

TEST(ReplyReader, ReadsNestedArrays) {
    const Reply reply = read("*3\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n");
    ASSERT_EQ(reply.size(), 3U);
    EXPECT_EQ(reply[0].integer(), 1);
    EXPECT_EQ(reply[1][0].text(), "x");
    EXPECT_TRUE(reply[2].is_nil());
    EXPECT_THROW((void)reply[3], ProtocolError);
    EXPECT_THROW((void)reply[0].text(), ProtocolError);
    EXPECT_THROW((void)reply.integer(), ProtocolError);
}

TEST(ReplyReader, WaitsForTheRestAndThenGoesOnWithTheNext) {
    const std::string bytes = "$5\r\nhello\r\n:7\r\n";
    ReplyReader reader(kMax);
    std::vector<Reply> replies;
    for (const char c : bytes) {
        reader.feed({&c, 1});
        while (auto reply = reader.next()) replies.push_back(std::move(*reply));
    }
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_EQ(replies[0].text(), "hello");
    EXPECT_EQ(replies[1].integer(), 7);
}

TEST(ReplyReader, RefusesWhatIsNotRespAndWhatIsTooLong) {
    EXPECT_THROW(read("HTTP/1.1 400 Bad Request\r\n\r\n"), ProtocolError);
    EXPECT_THROW(read("*1000000000\r\n"), ProtocolError);
    ReplyReader reader(100);
    reader.feed("$1000\r\n" + std::string(200, 'x'));
    EXPECT_THROW((void)reader.next(), ProtocolError);
}

}  // namespace
}  // namespace chatflow::redis
