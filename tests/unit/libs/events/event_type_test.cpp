#include "libs/events/event_type.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::events {
namespace {

const EventType& type() {
    static const EventType value{
        "a.b",
        1,
        {{.name = "id", .size_max = 5},
         {.name = "count", .kind = FieldKind::Integer},
         {.name = "tags", .kind = FieldKind::List, .is_required = false, .size_max = 2}}};
    return value;
}

TEST(EventType, AllowsWhatItDescribesAndWhatItDoesNotKnow) {
    EXPECT_TRUE(check(type(), R"({"id":"7","count":1})").empty());
    EXPECT_TRUE(check(type(), R"({"id":"7","count":1,"tags":["x"],"colour":"red"})").empty());
}

TEST(EventType, NamesEveryMemberThatIsWrong) {
    EXPECT_EQ(check(type(), R"({"id":"","count":1.5,"tags":[1,2,3]})"),
              (FieldErrors{{"data.id", "must not be empty"},
                           {"data.count", "must be a whole number, not number"},
                           {"data.tags", "must not be longer than 2, not 3"}}));
    EXPECT_EQ(check(type(), "{}"),
              (FieldErrors{{"data.id", "is required"}, {"data.count", "is required"}}));
    EXPECT_EQ(check(type(), R"({"id":"123456","count":1})"),
              (FieldErrors{{"data.id", "must not be longer than 5, not 6"}}));
}

TEST(EventType, RefusesWhatIsNoObjectOrTooLong) {
    EXPECT_EQ(check(type(), "[1]").size(), 1U);
    EXPECT_EQ(check(type(), "{").size(), 1U);
    EXPECT_EQ(check(type(), std::string(kDataBytesMax + 1, ' ')).size(), 1U);
}

}  // namespace
}  // namespace chatflow::events
