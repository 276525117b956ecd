#include "libs/auth/jwks_file.hpp"

#include "libs/base/base64.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::auth {
namespace {

class JwksFileTest : public testing::Test {
 protected:
    JwksFileTest() {
        std::string folder = std::filesystem::temp_directory_path() / "jwks-XXXXXX";
        folder_ = mkdtemp(folder.data());
        path_ = folder_ / "jwks.json";
    }
    ~JwksFileTest() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& content) const { std::ofstream(path_) << content; }
    static std::string keys_named(const std::string& id) {
        return R"({"keys":[{"kty":"oct","kid":")" + id + R"(","k":")" +
               encode_base64url(std::string(32, 'k')) + R"("}]})";
    }
    static bool knows(const JwksFile& file, const std::string& id) {
        return !file.keys()->candidates(id, Algorithm::HS256).empty();
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
};

TEST_F(JwksFileTest, FollowsTheFile) {
    write(keys_named("old"));
    JwksFile file(path_);
    EXPECT_EQ(file.refresh(), false);
    write(keys_named("new"));
    EXPECT_TRUE(knows(file, "old"));
    EXPECT_EQ(file.refresh(), true);
    EXPECT_FALSE(knows(file, "old"));
    EXPECT_TRUE(knows(file, "new"));
}

TEST_F(JwksFileTest, KeepsItsKeysWhenTheNewContentCannotBeUsed) {
    write(keys_named("old"));
    JwksFile file(path_);
    write("{");
    EXPECT_FALSE(file.refresh().has_value());
    EXPECT_EQ(file.refresh(), false) << "told once";
    EXPECT_TRUE(knows(file, "old"));
    std::filesystem::remove(path_);
    EXPECT_FALSE(file.refresh().has_value());
    EXPECT_TRUE(knows(file, "old"));
}

TEST_F(JwksFileTest, IsNotMadeOfAFileThatCannotBeUsed) {
    EXPECT_THROW(JwksFile{path_}, std::runtime_error);
}

}  // namespace
}  // namespace chatflow::auth
