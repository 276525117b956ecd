#include "controller/cli/acting.hpp"

#include <chrono>

#include <gmock/gmock.h>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h};

api::Lease renewed(std::chrono::seconds ago) {
    api::Lease lease;
    lease.metadata.name_space = "chatflow-system";
    lease.spec.renew_time = kNow - ago;
    return lease;
}

TEST(NobodyActs, IsToldAfterAMinuteWithWhereToLook) {
    EXPECT_EQ(nobody_acts({renewed(60s)}, kNow), std::nullopt);
    EXPECT_EQ(nobody_acts({renewed(12min)}, kNow),
              "no operator has acted for 12m: what is told here is as it was left. "
              "`kubectl -n chatflow-system get pods` and `kubectl -n chatflow-system get lease "
              "chatflow-controller` show more");
}

TEST(NobodyActs, IsNotSaidWhileOneOfSeveralOperatorsActs) {
    EXPECT_EQ(nobody_acts({renewed(12min), renewed(2s)}, kNow), std::nullopt);
    EXPECT_TRUE(nobody_acts({renewed(12min), renewed(3min)}, kNow)->contains("for 3m"));
}

TEST(NobodyActs, IsNotSaidWithoutALeaseOrByAClockThatIsBehind) {
    EXPECT_EQ(nobody_acts({}, kNow), std::nullopt);
    EXPECT_EQ(nobody_acts({renewed(-5min)}, kNow), std::nullopt);
    EXPECT_EQ(nobody_acts({api::Lease{}}, kNow), std::nullopt);
}

}  // namespace
}  // namespace chatflow::cli
