#include "controller/api/boxed.hpp"

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace chatflow::api {
namespace {

struct Wide {
    std::string text;
    int number = 0;
    bool operator==(const Wide&) const = default;
};

TEST(BoxedTest, NoneCostsAPointer) {
    EXPECT_EQ(sizeof(Boxed<Wide>), sizeof(void*));
    const Boxed<Wide> none;
    EXPECT_FALSE(none);
    EXPECT_FALSE(none.has_value());
    EXPECT_THROW((void)none.value(), std::bad_optional_access);
}

TEST(BoxedTest, ACopyIsItsOwn) {
    Boxed<Wide> one = Wide{"one", 1};
    Boxed<Wide> other = one;
    EXPECT_EQ(one, other);
    other->number = 2;
    EXPECT_EQ(one->number, 1);
    EXPECT_FALSE(one == other);
    one = other;
    EXPECT_EQ(one->number, 2);
}

TEST(BoxedTest, WhatWasMovedFromIsNone) {
    Boxed<Wide> one = Wide{"one", 1};
    const Boxed<Wide> other = std::move(one);
    EXPECT_FALSE(one);  // NOLINT: what a moved-from one is, is promised
    EXPECT_EQ(other.value().text, "one");
}

TEST(BoxedTest, IsMadeOfAnOptionalAndTakenBack) {
    EXPECT_FALSE(Boxed<Wide>(std::optional<Wide>{}));
    Boxed<Wide> one = std::optional<Wide>(Wide{"one", 1});
    EXPECT_TRUE(one);
    one.reset();
    EXPECT_EQ(one, Boxed<Wide>{});
    one.emplace().number = 7;
    EXPECT_EQ(one->number, 7);
    one = std::nullopt;
    EXPECT_FALSE(one);
}

}  // namespace
}  // namespace chatflow::api
