#include "controller/api/condition.hpp"

#include "controller/api/object_meta.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace chatflow::api {
namespace {

using std::chrono::seconds;

constexpr TimePoint kStart{seconds(1'800'000'000)};

Condition ready(ConditionStatus status, TimePoint at, std::string reason) {
    return {.type = "Ready",
            .status = status,
            .observed_generation = 1,
            .last_transition_time = at,
            .reason = std::move(reason),
            .message = ""};
}

TEST(SetCondition, AddsWhatIsNotThereYet) {
    std::vector<Condition> conditions;
    EXPECT_TRUE(set_condition(conditions, ready(ConditionStatus::Unknown, kStart, "Waiting")));
    ASSERT_NE(find_condition(conditions, "Ready"), nullptr);
    EXPECT_EQ(find_condition(conditions, "Ready")->reason, "Waiting");
    EXPECT_EQ(find_condition(conditions, "Stalled"), nullptr);
}

TEST(SetCondition, MovesTheTransitionTimeOnlyWithTheStatus) {
    std::vector<Condition> conditions{ready(ConditionStatus::True, kStart, "WithinBand")};
    EXPECT_FALSE(set_condition(
        conditions, ready(ConditionStatus::True, kStart + seconds(15), "AboveThreshold")));
    EXPECT_EQ(conditions, std::vector{ready(ConditionStatus::True, kStart, "AboveThreshold")});
    const Condition broken = ready(ConditionStatus::False, kStart + seconds(30), "TargetNotFound");
    EXPECT_TRUE(set_condition(conditions, broken));
    EXPECT_EQ(conditions, std::vector{broken});
}

TEST(ObjectKey, IsPrintedWithItsNamespaceWhereItHasOne) {
    EXPECT_EQ(to_string(ObjectKey{"default", "chat-server"}), "default/chat-server");
    EXPECT_EQ(to_string(ObjectKey{"", "node-1"}), "node-1");
}

}  // namespace
}  // namespace chatflow::api
