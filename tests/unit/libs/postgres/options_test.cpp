#include "libs/postgres/options.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

TEST(ConnectionString, QuotesWhatCouldEndAValue) {
    const std::string text =
        connection_string({.host = "a b", .user = "o'neil", .password = "x\\'"});
    EXPECT_TRUE(text.contains("host='a b'")) << text;
    EXPECT_TRUE(text.contains(R"(user='o\'neil')")) << text;
    EXPECT_TRUE(text.contains(R"(password='x\\\'')")) << text;
}

TEST(ConnectionString, NamesNoPasswordWhenThereIsNone) {
    EXPECT_FALSE(connection_string({}).contains("password"));
}

TEST(ConnectionString, ReadsThePasswordFileEachTimeWithoutItsLineEnd) {
    std::string path = std::filesystem::temp_directory_path() / "chatflow-password-XXXXXX";
    const int made = mkstemp(path.data());
    ASSERT_GE(made, 0);
    for (const std::string password : {"first", "second"}) {
        std::ofstream(path) << password << "\r\n";
        const std::string text = connection_string({.password = "unused", .password_file = path});
        EXPECT_TRUE(text.contains("password='" + password + "'")) << text;
    }
    std::filesystem::remove(path);
    EXPECT_THROW((void)connection_string({.password_file = path}), std::runtime_error);
}

}  // namespace
}  // namespace chatflow::postgres
