#include "libs/redis/command.hpp"

#include "libs/redis/errors.hpp"
#include "libs/redis/script.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

using namespace std::string_view_literals;

TEST(Command, IsWrittenAsAnArrayOfBulkStrings) {
    EXPECT_EQ(Command({"GET", "room:1"}).bytes(), "*2\r\n$3\r\nGET\r\n$6\r\nroom:1\r\n");
}

TEST(Command, KeepsEveryByteOfItsWords) {
    EXPECT_EQ(Command({"SET", "k", "a\0b\r\n"sv}).bytes(),
              "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\0b\r\n\r\n"sv);
    EXPECT_EQ(Command({"ECHO", ""}).bytes(), "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
}

TEST(Command, TakesManyWords) {
    const std::vector<std::string_view> words(100, "x");
    const std::string bytes = Command(words).bytes();
    EXPECT_TRUE(bytes.starts_with("*100\r\n$1\r\nx\r\n"));
    EXPECT_EQ(bytes.size(), 6 + 100 * 7U);
}

// The digest of RFC 3174's first example.
TEST(Script, IsNamedByTheSha1OfItsSource) {
    EXPECT_EQ(Script("abc").digest(), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(ServerError, NamesItsCode) {
    EXPECT_EQ(ServerError("NOSCRIPT No matching script").code(), "NOSCRIPT");
    EXPECT_EQ(ServerError("ERR").code(), "ERR");
}

}  // namespace
}  // namespace chatflow::redis
