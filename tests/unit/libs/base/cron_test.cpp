#include "libs/base/cron.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using testing::HasSubstr;

TimePoint at(const char* text) { return *parse_rfc3339(text); }

std::string last(const char* cron, const char* now, const char* zone = "UTC") {
    const auto found = Cron::parse(cron).value().last_until(at(now), *find_time_zone(zone));
    return found ? format_rfc3339(*found) : "never";
}

std::string next(const char* cron, const char* now, const char* zone = "UTC") {
    const auto found = Cron::parse(cron).value().next_after(at(now), *find_time_zone(zone));
    return found ? format_rfc3339(*found) : "never";
}

std::string refusal(const char* text) {
    const auto cron = Cron::parse(text);
    return cron ? "" : cron.error();
}

TEST(Cron, FindsTheMomentsOnBothSides) {
    EXPECT_EQ(last("0 8 * * *", "2026-11-21T11:00:00Z"), "2026-11-21T08:00:00Z");
    EXPECT_EQ(next("0 8 * * *", "2026-11-21T11:00:00Z"), "2026-11-22T08:00:00Z");
    EXPECT_EQ(last("*/20 * * * *", "2026-11-21T00:05:00Z"), "2026-11-21T00:00:00Z");
    EXPECT_EQ(next("*/20 * * * *", "2026-12-31T23:55:00Z"), "2027-01-01T00:00:00Z");
}

TEST(Cron, TheMomentItselfIsPastAndNotAhead) {
    EXPECT_EQ(last("0 8 * * *", "2026-11-21T08:00:00Z"), "2026-11-21T08:00:00Z");
    EXPECT_EQ(last("0 8 * * *", "2026-11-21T07:59:59.999999Z"), "2026-11-20T08:00:00Z");
    EXPECT_EQ(next("0 8 * * *", "2026-11-21T08:00:00Z"), "2026-11-22T08:00:00Z");
    EXPECT_EQ(next("0 8 * * *", "2026-11-21T07:59:59.999999Z"), "2026-11-21T08:00:00Z");
}

TEST(Cron, KnowsWeekDaysByNumberAndName) {  // 21 November 2026 is a Saturday
    for (const char* cron : {"0 8 * * 1-5", "0 8 * * mon-FRI", "0 8 * * MON,TUE,WED,THU,FRI"}) {
        EXPECT_EQ(last(cron, "2026-11-21T11:00:00Z"), "2026-11-20T08:00:00Z") << cron;
        EXPECT_EQ(next(cron, "2026-11-21T11:00:00Z"), "2026-11-23T08:00:00Z") << cron;
    }
    EXPECT_EQ(next("0 0 * * 7", "2026-11-21T11:00:00Z"), "2026-11-22T00:00:00Z");
    EXPECT_EQ(next("0 0 * * 0", "2026-11-21T11:00:00Z"), "2026-11-22T00:00:00Z");
    EXPECT_EQ(next("0 0 * * 5-7", "2026-11-22T11:00:00Z"), "2026-11-27T00:00:00Z");
}

TEST(Cron, OfTwoDaysEitherIsEnough) {
    EXPECT_EQ(next("0 0 1 * MON", "2026-11-24T00:00:00Z"), "2026-11-30T00:00:00Z");
    EXPECT_EQ(next("0 0 1 * MON", "2026-11-30T00:00:00Z"), "2026-12-01T00:00:00Z");
}

TEST(Cron, KnowsMonthsAndRareDays) {
    EXPECT_EQ(next("0 0 29 2 *", "2026-11-21T00:00:00Z"), "2028-02-29T00:00:00Z");
    EXPECT_EQ(last("0 0 29 feb *", "2026-11-21T00:00:00Z"), "2024-02-29T00:00:00Z");
    EXPECT_EQ(next("30 4 31 * *", "2026-11-21T00:00:00Z"), "2026-12-31T04:30:00Z");
    EXPECT_EQ(last("0 0 1 1 *", "2026-11-21T00:00:00Z"), "2026-01-01T00:00:00Z");
}

TEST(Cron, StepsBeginAtTheStartOfTheirRange) {
    EXPECT_EQ(next("5/20 * * * *", "2026-11-21T00:26:00Z"), "2026-11-21T00:45:00Z");
    EXPECT_EQ(next("10-30/10 2 * * *", "2026-11-21T02:20:00Z"), "2026-11-21T02:30:00Z");
}

TEST(Cron, FollowsTheClockOfTheZone) {  // CET is UTC+1, CEST UTC+2
    EXPECT_EQ(last("0 8 * * *", "2026-11-21T11:00:00Z", "Europe/Berlin"), "2026-11-21T07:00:00Z");
    EXPECT_EQ(last("0 8 * * *", "2026-07-21T11:00:00Z", "Europe/Berlin"), "2026-07-21T06:00:00Z");
    EXPECT_EQ(next("0 8 * * *", "2026-03-28T11:00:00Z", "Europe/Berlin"), "2026-03-29T06:00:00Z");
    EXPECT_EQ(next("30 23 * * *", "2026-11-21T00:00:00Z", "America/New_York"),
              "2026-11-21T04:30:00Z");
}

TEST(Cron, ATimeThatIsLeftOutHappensWhenTheClockHasChanged) {  // 2:00 → 3:00 on 29 March 2026
    EXPECT_EQ(next("30 2 * * *", "2026-03-29T00:00:00Z", "Europe/Berlin"), "2026-03-29T01:00:00Z");
    EXPECT_EQ(last("30 2 * * *", "2026-03-29T01:00:00Z", "Europe/Berlin"), "2026-03-29T01:00:00Z");
    EXPECT_EQ(last("30 2 * * *", "2026-03-29T00:59:59Z", "Europe/Berlin"), "2026-03-28T01:30:00Z");
}

TEST(Cron, ATimeThatComesTwiceHappensOnce) {  // 3:00 → 2:00 on 25 October 2026, at 01:00 UTC
    EXPECT_EQ(next("30 2 * * *", "2026-10-25T00:00:00Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
    EXPECT_EQ(next("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-26T01:30:00Z");
    EXPECT_EQ(last("30 2 * * *", "2026-10-25T01:15:00Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
    EXPECT_EQ(last("30 2 * * *", "2026-10-25T12:00:00Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
}

TEST(Cron, EachMomentIsTheNextOfTheOneBefore) {
    const auto* zone = find_time_zone("Europe/Berlin");
    for (const char* text : {"*/7 * * * *", "15 2 * * *", "0 */6 1-7 * SUN", "59 23 28-31 * *"}) {
        const auto cron = Cron::parse(text).value();
        TimePoint moment = at("2026-01-01T00:00:00Z");
        for (int i = 0; i < 400; ++i) {
            const auto following = cron.next_after(moment, *zone);
            ASSERT_TRUE(following) << text;
            ASSERT_GT(*following, moment) << text;
            EXPECT_EQ(cron.last_until(*following, *zone), following) << text;
            moment = *following;
        }
    }
}

TEST(Cron, WhatIsNoneIsRefusedWithWhatIsAllowed) {
    EXPECT_THAT(refusal("0 8 * *"), HasSubstr("five crontab fields, such as 0 8 * * 1-5"));
    EXPECT_THAT(refusal("60 8 * * *"), HasSubstr("minute is 60"));
    EXPECT_THAT(refusal("0 24 * * *"), HasSubstr("hour is 24"));
    EXPECT_THAT(refusal("0 8 0 * *"), HasSubstr("from 1 to 31"));
    for (const char* text :
         {"", "a b c d e", "0 8 * * 1-", "0 8 * * 5-1", "*/0 * * * *", "0 8 * * ,", "-1 8 * * *",
          "0 8 * * 1-5 2026", "99999999999 1 1 1 1"}) {
        EXPECT_FALSE(Cron::parse(text)) << text;
    }
}

TEST(Cron, ADayThatNeverComesIsRefused) {
    EXPECT_FALSE(Cron::parse("0 0 30 2 *"));
    EXPECT_FALSE(Cron::parse("0 0 31 4,6,9,11 *"));
    EXPECT_TRUE(Cron::parse("0 0 30 2 MON"));
}

TEST(TimeZone, IsFoundByItsName) {
    EXPECT_NE(find_time_zone("Europe/Berlin"), nullptr);
    EXPECT_NE(find_time_zone("UTC"), nullptr);
    EXPECT_EQ(find_time_zone("Europe/Atlantis"), nullptr);
    EXPECT_EQ(find_time_zone(""), nullptr);
}

}  // namespace
}  // namespace chatflow
