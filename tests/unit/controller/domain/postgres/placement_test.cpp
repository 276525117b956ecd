#include "controller/domain/objects/placement.hpp"

#include "controller/domain/postgres/objects.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using nlohmann::json;

json pod(const api::PostgresTopology& topology, const std::string& path) {
    const auto all = desired_objects(topology, {});
    const auto found = std::ranges::find(all, path, &api::Manifest::path);
    return found->object["spec"]["template"]["spec"];
}

api::PostgresTopology chat() {
    api::PostgresTopology topology;
    topology.metadata = {.name = "chat", .name_space = "apps", .uid = "u-1"};
    topology.spec.pooler.emplace();
    return topology;
}

const std::vector<std::string> kPools{"statefulsets/chat", "statefulsets/chat-read",
                                      "deployments/chat-pooler"};

TEST(Placement, PodsOfAPoolAvoidEachOthersNodeAndThenZoneUnlessToldOtherwise) {
    for (const std::string& pool : kPools) {
        const json rules = pod(chat(), pool)["affinity"]["podAntiAffinity"];
        EXPECT_FALSE(rules.contains("requiredDuringSchedulingIgnoredDuringExecution"));
        const json& terms = rules["preferredDuringSchedulingIgnoredDuringExecution"];
        ASSERT_EQ(terms.size(), 2) << pool;
        EXPECT_EQ(terms[0]["podAffinityTerm"]["topologyKey"], "kubernetes.io/hostname");
        EXPECT_EQ(terms[1]["podAffinityTerm"]["topologyKey"], "topology.kubernetes.io/zone");
        EXPECT_GT(terms[0]["weight"], terms[1]["weight"]);
    }
    const json members = pod(chat(), "statefulsets/chat")["affinity"];
    EXPECT_TRUE(members.dump().contains(R"("chatflow.dev/pool":"member")")) << members;
}

TEST(Placement, ANodeOfItsOwnForEachMemberCanBeRequired) {
    auto topology = chat();
    topology.spec.placement = {.nodes = api::Spread::Required, .zones = api::Spread::Off};
    const json rules = pod(topology, "statefulsets/chat")["affinity"]["podAntiAffinity"];
    EXPECT_FALSE(rules.contains("preferredDuringSchedulingIgnoredDuringExecution"));
    const json& terms = rules["requiredDuringSchedulingIgnoredDuringExecution"];
    ASSERT_EQ(terms.size(), 1);
    EXPECT_EQ(terms[0]["topologyKey"], "kubernetes.io/hostname");
    // A new pooler starts beside those that it replaces.
    const json pooler = pod(topology, "deployments/chat-pooler")["affinity"]["podAntiAffinity"];
    EXPECT_FALSE(pooler.contains("requiredDuringSchedulingIgnoredDuringExecution")) << pooler;
    topology.spec.placement.nodes = api::Spread::Off;
    EXPECT_FALSE(pod(topology, "statefulsets/chat").contains("affinity"));
}

TEST(Placement, NodesCanBeChosenAndTheirTaintsToleratedByEveryPod) {
    auto topology = chat();
    topology.spec.placement = {
        .node_selector = {{"disk", "ssd"}},
        .tolerations = {
            {.key = "dedicated", .value = "databases", .effect = "NoSchedule"},
            {.key = "gone", .comparison = "Exists", .effect = "NoExecute", .seconds = 30}}};
    for (const std::string& pool : kPools) {
        const json spec = pod(topology, pool);
        EXPECT_EQ(spec["nodeSelector"], (json{{"disk", "ssd"}})) << pool;
        EXPECT_EQ(spec["tolerations"], json::parse(R"([
            {"key":"dedicated","operator":"Equal","value":"databases","effect":"NoSchedule"},
            {"key":"gone","operator":"Exists","effect":"NoExecute","tolerationSeconds":30}])"));
    }
    EXPECT_FALSE(pod(chat(), "statefulsets/chat").contains("tolerations"));
}

}  // namespace
}  // namespace chatflow::postgres
