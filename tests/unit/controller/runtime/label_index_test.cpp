#include "controller/runtime/object_index.hpp"

#include <array>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using api::LabelSelector;
using Objects = std::set<const void*>;

Objects selected(const LabelIndex& index, std::string_view name_space, const char* selector) {
    Objects found;
    const auto parsed = api::parse_label_selector(selector);
    EXPECT_TRUE(parsed) << selector;
    index.select(name_space, *parsed, [&found](const void* object) {
        EXPECT_TRUE(found.insert(object).second) << "found twice";
    });
    return found;
}

TEST(ValueIndex, FindsWhatHasAValueUntilItIsErased) {
    ValueIndex index;
    const int one = 1;
    const int two = 2;
    index.insert("a", &one);
    index.insert("a", &two);
    ASSERT_NE(index.find("a"), nullptr);
    EXPECT_EQ(index.find("a")->size(), 2U);
    index.erase("a", &one);
    EXPECT_EQ(index.find("a")->size(), 1U);
    index.erase("a", &two);
    EXPECT_EQ(index.find("a"), nullptr);
    index.erase("a", &two);  // harmless
}

TEST(LabelIndex, GroupsObjectsWithEqualLabels) {
    LabelIndex index;
    std::array<int, 100> pods{};
    for (const int& pod : pods) index.insert("chat", {{"app", "web"}}, &pod);
    EXPECT_EQ(index.groups(), 1U);
    EXPECT_EQ(selected(index, "chat", "app=web").size(), pods.size());
    for (const int& pod : pods) index.erase("chat", {{"app", "web"}}, &pod);
    EXPECT_EQ(index.groups(), 0U);
    EXPECT_TRUE(selected(index, "chat", "").empty());
}

TEST(LabelIndex, KeepsNamespacesApart) {
    LabelIndex index;
    const int here = 1;
    const int there = 2;
    index.insert("here", {{"app", "web"}}, &here);
    index.insert("there", {{"app", "web"}}, &there);
    EXPECT_EQ(selected(index, "here", "app=web"), Objects{&here});
    EXPECT_TRUE(selected(index, "elsewhere", "app=web").empty());
}

TEST(LabelIndex, TakesKeyAndValueApart) {
    LabelIndex index;
    const int one = 1;
    index.insert("chat", {{"a", "b=c"}}, &one);  // no valid value, but it must not match a=b's key
    EXPECT_TRUE(selected(index, "chat", "a=b").empty());
}

// The index finds what looking at every object finds.
TEST(LabelIndex, FindsWhatASearchThroughAllFinds) {
    std::minstd_rand random(20261121);
    const std::array<std::string, 3> values = {"", "x", "y"};
    std::array<api::Labels, 60> objects;
    LabelIndex index;
    for (api::Labels& labels : objects) {
        for (const char* key : {"a", "b", "c"}) {
            const std::string& value = values[random() % values.size()];
            if (!value.empty()) labels[key] = value;
        }
        index.insert("chat", labels, &labels);
    }
    for (const char* text : {"", "a=x", "a=x,b=y", "a in (x)", "a in (x,y)", "a notin (x)", "!a",
                             "a", "a=x,!b", "a!=x,b in (y)", "c=z", "a=x,a=y"}) {
        const auto selector = api::parse_label_selector(text);
        ASSERT_TRUE(selector) << text;
        Objects expected;
        for (const api::Labels& labels : objects) {
            if (api::matches(*selector, labels)) expected.insert(&labels);
        }
        EXPECT_EQ(selected(index, "chat", text), expected) << text;
    }
}

}  // namespace
}  // namespace chatflow::runtime
