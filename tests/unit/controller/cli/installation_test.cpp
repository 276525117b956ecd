#include "controller/cli/installation.hpp"

#include "controller/cli/explain_command.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h};

TEST(JudgeKinds, WantsOursAmongThoseServed) {
    EXPECT_EQ(judge_kinds(json::parse(R"({"resources": [{"name": "scalingpolicies"}]})")),
              (Finding{true, "kinds: ScalingPolicy of chatflow.dev/v1alpha1 is served"}));
    const Finding missing{false,
                          "kinds: ScalingPolicy of chatflow.dev/v1alpha1 is not served: the CRDs "
                          "are not installed"};
    EXPECT_EQ(judge_kinds(std::nullopt), missing);
    EXPECT_EQ(judge_kinds(json::parse(R"({"resources": [{"name": "others"}]})")), missing);
    EXPECT_EQ(judge_kinds(json("text")), missing);
}

api::Lease held_by(const std::string& holder, std::chrono::seconds ago) {
    api::Lease lease;
    lease.spec = {.holder_identity = holder,
                  .lease_duration_seconds = 15,
                  .acquire_time = kNow - 1h,
                  .renew_time = kNow - ago};
    return lease;
}

TEST(JudgeLease, WantsOneThatIsHeldAndRenewedInTime) {
    EXPECT_EQ(judge_lease(held_by("controller-0", 2s), "system", kNow),
              (Finding{true,
                       "leader: controller-0 holds Lease system/chatflow-controller, renewed "
                       "2s ago"}));
    EXPECT_TRUE(judge_lease(held_by("controller-0", 15s), "system", kNow).is_good);
    EXPECT_EQ(judge_lease(held_by("controller-0", 16s), "system", kNow),
              (Finding{false,
                       "leader: controller-0 holds Lease system/chatflow-controller but "
                       "renewed it 16s ago, and it is good for 15 s"}));
    EXPECT_TRUE(judge_lease(held_by("controller-0", -3s), "system", kNow).is_good)
        << "a clock that goes ahead";
}

TEST(JudgeLease, ReleasedOrMissingIsNotLed) {
    EXPECT_EQ(judge_lease(held_by("", 2s), "system", kNow),
              (Finding{false, "leader: nobody holds Lease system/chatflow-controller"}));
    EXPECT_EQ(judge_lease(std::nullopt, "system", kNow),
              (Finding{false,
                       "leader: there is no Lease system/chatflow-controller: no controller "
                       "has led here yet"}));
}

TEST(JudgeReadiness, SaysWhatTheControllerSays) {
    EXPECT_TRUE(judge_readiness("http://a/readyz", 200, "ok").is_good);
    EXPECT_EQ(judge_readiness("http://a/readyz", 503, "cache/pods: not yet synced"),
              (Finding{false, "ready: http://a/readyz answers 503: cache/pods: not yet synced"}));
    EXPECT_EQ(judge_readiness("http://a/readyz", 0, "connection refused"),
              (Finding{false, "ready: http://a/readyz does not answer: connection refused"}));
}

TEST(PolicyName, TakesTheFormsOfKubectl) {
    EXPECT_EQ(policy_name("sp/web"), "web");
    EXPECT_EQ(policy_name("scalingpolicies.chatflow.dev/web"), "web");
    EXPECT_EQ(policy_name("web"), "web");
    EXPECT_EQ(policy_name("deployment/web"), std::nullopt);
    EXPECT_EQ(policy_name("sp/"), std::nullopt);
    EXPECT_EQ(policy_name(""), std::nullopt);
    EXPECT_EQ(policy_name("sp/a/b"), std::nullopt);
}

}  // namespace
}  // namespace chatflow::cli
