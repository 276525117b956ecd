#include "controller/runtime/event_correlator.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using namespace std::chrono_literals;

const EventCorrelator::Moment t0 = EventCorrelator::Moment{} + 1h;

EventNote a_note(const std::string& text = "Scaled from 2 to 4", const std::string& name = "web") {
    return {.regarding = {.api_version = "chatflow.dev/v1alpha1",
                          .kind = "ScalingPolicy",
                          .name_space = "chat",
                          .name = name,
                          .uid = "uid-of-" + name},
            .reason = "ScaledUp",
            .action = "Scale",
            .note = text};
}

std::string new_name(const EventVerdict& verdict) {
    const auto* fresh = std::get_if<NewEvent>(&verdict);
    return fresh ? fresh->name : "";
}

TEST(EventCorrelator, TheSameWordsAboutTheSameObjectAreOneEvent) {
    EventCorrelator correlator({}, 7);
    const std::string name = new_name(correlator.judge(a_note(), t0));
    EXPECT_EQ(name, "web.0000000000000007");
    for (int count = 2; count < 100; ++count) {
        const auto verdict = correlator.judge(a_note(), t0 + count * 1s);
        EXPECT_EQ(std::get<RepeatedEvent>(verdict).name, name);
        EXPECT_EQ(std::get<RepeatedEvent>(verdict).count, count);
    }
}

TEST(EventCorrelator, WhatDiffersInAnythingIsAnotherEvent) {
    EventCorrelator correlator({}, 0);
    std::set<std::string> names = {new_name(correlator.judge(a_note(), t0))};
    const auto differs = [&](auto change) {
        EventNote note = a_note();
        change(note);
        names.insert(new_name(correlator.judge(note, t0)));
    };
    differs([](EventNote& note) { note.note = "Scaled from 4 to 6"; });
    differs([](EventNote& note) { note.reason = "ScaledDown"; });
    differs([](EventNote& note) { note.action = "Hold"; });
    differs([](EventNote& note) { note.type = api::EventType::Warning; });
    differs([](EventNote& note) { note.regarding.uid = "another"; });
    differs([](EventNote& note) { note.regarding.name_space = "another"; });
    EXPECT_EQ(names.size(), 7U);
    EXPECT_FALSE(names.contains(""));
}

TEST(EventCorrelator, ASeriesThatWasSilentForLongBeginsAnew) {
    EventCorrelator correlator({.series_idle = 360s}, 0);
    const auto first = new_name(correlator.judge(a_note(), t0));
    EXPECT_TRUE(std::holds_alternative<RepeatedEvent>(correlator.judge(a_note(), t0 + 360s)));
    const auto second = new_name(correlator.judge(a_note(), t0 + 360s + 361s));
    EXPECT_FALSE(second.empty());
    EXPECT_NE(first, second);
}

TEST(EventCorrelator, WhatIsForgottenIsNewAgain) {
    EventCorrelator correlator({}, 0);
    (void)correlator.judge(a_note(), t0);
    correlator.forget(a_note());
    EXPECT_FALSE(new_name(correlator.judge(a_note(), t0)).empty());
    correlator.forget(a_note("never told"));
    EXPECT_EQ(correlator.remembered(), 1U);
}

TEST(EventCorrelator, OneObjectCannotFloodTheOthers) {
    EventCorrelator correlator({.burst_of_object = 3, .per_second_of_object = 1.0 / 60}, 0);
    int told = 0;
    for (int i = 0; i < 20; ++i) {
        told += new_name(correlator.judge(a_note("text " + std::to_string(i)), t0)).empty() ? 0 : 1;
    }
    EXPECT_EQ(told, 3);
    EXPECT_FALSE(new_name(correlator.judge(a_note("text", "other"), t0)).empty());
    const auto verdict = correlator.judge(a_note("a minute later"), t0 + 61s);
    EXPECT_TRUE(std::holds_alternative<NewEvent>(verdict));
}

TEST(EventCorrelator, ASuppressedEventIsNotRemembered) {
    EventCorrelator correlator({.burst_of_object = 1, .per_second_of_object = 0.001}, 0);
    (void)correlator.judge(a_note("first"), t0);
    for (int i = 0; i < 2; ++i) {
        const auto verdict = correlator.judge(a_note("second"), t0);
        EXPECT_TRUE(std::holds_alternative<SuppressedEvent>(verdict));
    }
    EXPECT_EQ(correlator.remembered(), 1U);
}

TEST(EventCorrelator, RemembersNoMoreThanItsBoundAndForgetsTheOldestFirst) {
    EventCorrelator correlator({.series_max = 10, .burst_of_object = 1000}, 0);
    for (int i = 0; i < 100; ++i) {
        (void)correlator.judge(a_note("text " + std::to_string(i)), t0 + i * 1s);
    }
    EXPECT_EQ(correlator.remembered(), 10U);
    const auto newest = correlator.judge(a_note("text 99"), t0 + 100s);
    EXPECT_TRUE(std::holds_alternative<RepeatedEvent>(newest));
    const auto oldest = correlator.judge(a_note("text 0"), t0 + 100s);
    EXPECT_TRUE(std::holds_alternative<NewEvent>(oldest));
}

TEST(EventCorrelator, ALongNameOfTheObjectStillMakesAValidNameOfTheEvent) {
    EventCorrelator correlator({}, ~std::uint64_t{0});
    const auto name = new_name(correlator.judge(a_note("text", std::string(253, 'x')), t0));
    EXPECT_LE(name.size(), 253U);
    EXPECT_TRUE(name.ends_with(".ffffffffffffffff"));
}

}  // namespace
}  // namespace chatflow::runtime
