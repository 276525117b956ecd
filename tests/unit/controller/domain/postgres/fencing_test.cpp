#include "controller/api/condition.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"
#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using testing::HasSubstr;

struct AFencedTopology : ATopology {
    explicit AFencedTopology(const std::string& name) {
        topology.spec.fenced_instances = {name};
        visit();
    }

    /// As a member does that finds itself fenced and does not lead.
    void stop(std::size_t index) {
        seen.pods[index].is_ready = false;
        member(index).state = "stopped";
        member(index).lag_bytes.reset();
    }

    [[nodiscard]] const api::Condition* condition(const char* type) const {
        return api::find_condition(topology.status.conditions, type);
    }
};

TEST(Fencing, IsToldToThoseWhoCarryItOut) {
    api::PostgresTopologySpec spec;
    spec.fenced_instances = {"chat-1"};
    EXPECT_EQ(dynamic_settings(spec)["chatflow"]["fenced"], nlohmann::json::array({"chat-1"}));
    EXPECT_EQ(dynamic_settings({})["chatflow"]["fenced"], nlohmann::json::array());
}

TEST(Fencing, APrimaryHandsOverFirstAndNeverToAFencedStandby) {
    ATopology chat;
    chat.topology.spec.fenced_instances = {"chat-0"};
    const Plan plan = chat.visit();
    ASSERT_TRUE(plan.step);
    EXPECT_EQ(plan.step->kind, StepKind::Switchover);
    EXPECT_EQ(plan.step->instance, "chat-0");
    EXPECT_EQ(plan.step->target, "chat-1");

    ATopology nobody;
    nobody.topology.spec.fenced_instances = {"chat-0", "chat-1", "chat-2"};
    const Plan waits = nobody.visit();
    EXPECT_FALSE(waits.step);
    EXPECT_EQ(waits.waiting_for, "a standby that can take over from chat-0, which is fenced");
}

TEST(Fencing, AStoppedInstanceIsNotHealedAndNothingIsAmiss) {
    AFencedTopology chat("chat-2");
    EXPECT_EQ(chat.condition("Fenced")->reason, "StillRunning");
    chat.stop(2);
    EXPECT_FALSE(chat.visit_for(700).step);
    EXPECT_EQ(chat.topology.status.instances[2].state, "fenced");
    EXPECT_EQ(chat.topology.status.instances[2].broken_since, std::nullopt);
    EXPECT_EQ(chat.condition("Fenced")->reason, "FencedBySpec");
    EXPECT_THAT(chat.condition("Fenced")->message, HasSubstr("chat-2"));
    EXPECT_EQ(chat.condition("Reconciling")->status, api::ConditionStatus::False);
    EXPECT_EQ(chat.condition("ReplicasHealthy")->status, api::ConditionStatus::True);
}

TEST(Fencing, ChangesGoOnAroundItAndReachItAfterwards) {
    AFencedTopology chat("chat-2");
    chat.stop(2);
    chat.change_template();
    EXPECT_EQ(chat.visit_for(60).step->instance, "chat-1");
    chat.seen.pods[1].revision = "r2";
    EXPECT_EQ(chat.visit_for(60).step->kind, StepKind::Switchover);
    chat.lead("chat-1");
    chat.stop(2);
    EXPECT_EQ(chat.visit_for(60).step->instance, "chat-0");
    chat.seen.pods[0].revision = "r2";
    EXPECT_FALSE(chat.visit_for(60).step);

    chat.topology.spec.fenced_instances.clear();
    EXPECT_EQ(chat.visit_for(60).step->instance, "chat-2");
}

TEST(Fencing, EndsWithTheField) {
    AFencedTopology chat("chat-2");
    chat.stop(2);
    chat.visit();
    chat.topology.spec.fenced_instances.clear();
    chat.visit();
    EXPECT_EQ(chat.condition("Fenced"), nullptr);
    EXPECT_EQ(chat.topology.status.instances[2].broken_since, chat.seen.now);
}

}  // namespace
}  // namespace chatflow::postgres
