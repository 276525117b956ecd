#include "workloads/chat-server/domain/health.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

Dependency postgres(bool is_up, std::string reason = "") {
    return {.name = "postgres", .is_up = is_up, .reason = std::move(reason)};
}

Dependency redis(bool is_up, std::string reason = "") {
    return {.name = "redis", .is_up = is_up, .is_required = false, .reason = std::move(reason)};
}

nlohmann::json body_of(const Health& health) { return nlohmann::json::parse(health.json); }

TEST(JudgeReadiness, IsReadyWhenEverythingIsUp) {
    const Health health = judge_readiness({postgres(true), redis(true)}, false);
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(body_of(health), nlohmann::json::parse(R"({"status":"ready","checks":{
        "postgres":{"status":"up","required":true},"redis":{"status":"up","required":false}}})"));
}

TEST(JudgeReadiness, StaysReadyWithoutWhatIsNotRequiredAndSaysWhy) {
    const Health health = judge_readiness({postgres(true), redis(false, "refused")}, false);
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(body_of(health)["status"], "degraded");
    EXPECT_EQ(body_of(health)["checks"]["redis"]["reason"], "refused");
}

TEST(JudgeReadiness, IsUnavailableWithoutWhatIsRequired) {
    const Health health = judge_readiness({postgres(false, "no route"), redis(true)}, false);
    EXPECT_EQ(health.status, 503);
    EXPECT_EQ(body_of(health)["status"], "unavailable");
    EXPECT_EQ(body_of(health)["checks"]["postgres"]["reason"], "no route");
}

TEST(JudgeReadiness, IsDrainingWhateverElseHolds) {
    for (const bool is_up : {true, false}) {
        const Health health = judge_readiness({postgres(is_up)}, true);
        EXPECT_EQ(health.status, 503);
        EXPECT_EQ(body_of(health)["status"], "draining");
    }
}

TEST(JudgeReadiness, ShowsAReasonThatIsNotUtf8) {
    const Health health = judge_readiness({postgres(false, "bad \xff byte")}, false);
    EXPECT_TRUE(body_of(health)["checks"]["postgres"]["reason"].is_string());
}

}  // namespace
}  // namespace chatflow::chat
