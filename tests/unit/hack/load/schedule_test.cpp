#include "hack/load/schedule.hpp"

#include <gtest/gtest.h>

namespace chatflow::load {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, SpacesRequestsEvenlyUntilTheEnd) {
    const Schedule schedule(100, 0s, 2s);
    EXPECT_EQ(schedule.due(0), 0ns);
    EXPECT_EQ(schedule.due(50), 500ms);
    EXPECT_TRUE(schedule.due(199));
    EXPECT_FALSE(schedule.due(200));
}

TEST(Schedule, ReachesTheRateInAStraightLine) {
    const Schedule schedule(100, 4s, 10s);
    EXPECT_EQ(schedule.due(50), 2s);   // a quarter of what the whole rate would send by then
    EXPECT_EQ(schedule.due(200), 4s);  // half of it by the end of the ramp
    EXPECT_EQ(schedule.due(300), 5s);
}

TEST(Schedule, NeverGoesBack) {
    const Schedule schedule(1000, 1s, 3s);
    for (std::uint64_t n = 1; schedule.due(n); ++n) ASSERT_LE(schedule.due(n - 1), schedule.due(n));
}

}  // namespace
}  // namespace chatflow::load
