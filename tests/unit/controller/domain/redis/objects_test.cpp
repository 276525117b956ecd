#include "controller/domain/redis/objects.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using nlohmann::json;

api::RedisTopology a_topology() {
    api::RedisTopology topology;
    topology.metadata.name = "q";
    topology.metadata.uid = "u";
    topology.metadata.name_space = "chat";
    return topology;
}

json object_of(const api::RedisTopology& topology, const std::string& plural,
               const std::string& name, PodCounts counts = {.nodes = 3, .sentinels = 3}) {
    const Ingredients with{.counts = counts, .image = "image"};
    for (const auto& object : desired_objects(topology, with)) {
        if (object.plural == plural && object.name == name) return json::parse(object.json);
    }
    return {};
}

std::string when_scaled(const api::RedisTopology& topology, const std::string& set) {
    const json object = object_of(topology, "statefulsets", set);
    return object["spec"]["persistentVolumeClaimRetentionPolicy"]["whenScaled"];
}

TEST(RedisObjects, HibernationKeepsEveryVolumeThatScalingDownWouldDelete) {
    api::RedisTopology topology = a_topology();
    EXPECT_EQ(when_scaled(topology, "q"), "Delete");
    topology.spec.hibernated = true;
    EXPECT_EQ(when_scaled(topology, "q"), "Retain");
    EXPECT_EQ(when_scaled(topology, "q-sentinel"), "Retain");
}

TEST(RedisObjects, NodesAndSentinelsAvoidTheirOwnKindAndRunWhereTheyMay) {
    api::RedisTopology topology = a_topology();
    topology.spec.placement = {.nodes = api::Spread::Required,
                               .node_selector = {{"disk", "ssd"}},
                               .tolerations = {{.key = "dedicated", .comparison = "Exists"}}};
    for (const auto& [set, part] : {std::pair{"q", "node"}, std::pair{"q-sentinel", "sentinel"}}) {
        const json pod = object_of(topology, "statefulsets", set)["spec"]["template"]["spec"];
        const json rules = pod["affinity"]["podAntiAffinity"];
        const json node = rules["requiredDuringSchedulingIgnoredDuringExecution"];
        ASSERT_EQ(node.size(), 1) << set;
        EXPECT_TRUE(node[0]["labelSelector"].dump().contains(part)) << node;
        EXPECT_EQ(rules["preferredDuringSchedulingIgnoredDuringExecution"].size(), 1) << rules;
        EXPECT_EQ(pod["nodeSelector"], (json{{"disk", "ssd"}}));
        EXPECT_EQ(pod["tolerations"],
                  (json::array({{{"key", "dedicated"}, {"operator", "Exists"}}})));
    }
}

TEST(RedisObjects, WhatSentinelsAndAgentsAreToldWhileTheyRunRestartsNobody) {
    const auto pod = [](const api::RedisTopology& topology, const char* set) {
        return object_of(topology, "statefulsets", set)["spec"]["template"];
    };
    const auto files = [](const api::RedisTopology& topology) {
        return object_of(topology, "configmaps", "q-redis")["data"]["agents.conf"];
    };
    const api::RedisTopology before = a_topology();
    std::vector<api::RedisTopology> changed(5, before);
    changed[0].spec.sentinel.down_after_seconds = 9;
    changed[1].spec.sentinel.failover_timeout_seconds = 90;
    changed[2].spec.sentinel.quorum = 3;
    changed[3].spec.sentinel.instances = 5;
    changed[4].spec.write_safety.max_lag_seconds = 9;
    for (const api::RedisTopology& topology : changed) {
        EXPECT_EQ(pod(topology, "q"), pod(before, "q"));
        EXPECT_EQ(pod(topology, "q-sentinel"), pod(before, "q-sentinel"));
        EXPECT_NE(files(topology), files(before));
    }
}

TEST(RedisObjects, TheNetworkPolicySelectsEveryPodOfTheTopology) {
    const json policy = object_of(a_topology(), "networkpolicies", "q-redis");
    const json wanted = policy["spec"]["podSelector"]["matchLabels"];
    ASSERT_FALSE(wanted.empty());
    for (const char* set : {"q", "q-sentinel"}) {
        const json pod = object_of(a_topology(), "statefulsets", set)["spec"]["template"];
        for (const auto& [name, value] : wanted.items()) {
            const std::string carried = pod["metadata"]["labels"].value(name, "");
            EXPECT_EQ(carried, value.get<std::string>()) << set;
        }
    }
}

TEST(RedisObjects, HibernationKeepsTheNumberOfNodesAndTheirAddresses) {
    api::RedisTopology topology = a_topology();
    topology.spec.replicas = 1;
    topology.spec.hibernated = true;
    const PodCounts counts{.asleep = 4};
    const json set = object_of(topology, "statefulsets", "q", counts);
    EXPECT_EQ(set["spec"]["replicas"], 0);
    EXPECT_EQ(set["metadata"]["annotations"]["chatflow.dev/asleep"], "4");
    EXPECT_FALSE(object_of(topology, "services", "q-3", counts).is_null());
    EXPECT_FALSE(object_of(topology, "statefulsets", "q")["metadata"].contains("annotations"));
}

TEST(RedisObjects, ANodeThatEndsAnswersUntilServicesHaveLeftItOut) {
    const json pod = object_of(a_topology(), "statefulsets", "q")["spec"]["template"]["spec"];
    const json command = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"];
    const std::string hook = command.back();
    EXPECT_TRUE(hook.starts_with("sleep 2 & /usr/bin/chatflow-redis hand-over ")) << hook;
    EXPECT_TRUE(hook.ends_with("; wait; exit $rc")) << hook;
}

}  // namespace
}  // namespace chatflow::redis_topology
