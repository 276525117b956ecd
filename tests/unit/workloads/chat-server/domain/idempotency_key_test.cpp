#include "workloads/chat-server/domain/idempotency_key.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

TEST(IdempotencyKey, HasOneTo255VisibleCharacters) {
    EXPECT_FALSE(objection_to_key("a"));
    EXPECT_FALSE(objection_to_key("8e03978e-40d5-43e8-bc93-6894a57f9324"));
    EXPECT_FALSE(objection_to_key(std::string(255, 'k')));
    for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("two words"),
                                   std::string("\xc3\xa4"), std::string("tab\t")}) {
        EXPECT_TRUE(objection_to_key(key)) << key;
    }
}

TEST(TextToCompare, DiffersWithMethodPathAndBody) {
    const auto text = text_to_compare("POST", "/a", "application/json", "{}");
    EXPECT_EQ(text, text_to_compare("POST", "/a", "application/json", "{}"));
    EXPECT_NE(text, text_to_compare("PUT", "/a", "application/json", "{}"));
    EXPECT_NE(text, text_to_compare("POST", "/b", "application/json", "{}"));
    EXPECT_NE(text, text_to_compare("POST", "/a", "application/json", "{ }"));
}

TEST(TextToCompare, LeavesTheBoundaryOfAMultipartBodyOut) {
    const auto form = [](const std::string& boundary, const std::string& content) {
        return text_to_compare("POST", "/a", "multipart/form-data; boundary=" + boundary,
                               "--" + boundary + "\r\n\r\n" + content + "\r\n--" + boundary + "--");
    };
    EXPECT_EQ(form("one", "x"), form("another", "x"));
    EXPECT_EQ(form("\"one\"", "x"), form("\"one\"", "x"));
    EXPECT_NE(form("one", "x"), form("one", "y"));
    EXPECT_EQ(text_to_compare("POST", "/", "multipart/form-data; boundary=", "body"),
              "POST /\nbody");
}

}  // namespace
}  // namespace chatflow::chat
