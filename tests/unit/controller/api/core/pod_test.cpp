#include "controller/api/core/pod.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

using nlohmann::json;

json pod_json(int number) {
    const std::string suffix = "x" + std::to_string(10'000 + number);
    return json::parse(R"({
      "apiVersion": "v1", "kind": "Pod",
      "metadata": {"name": "chat-server-7d9c6b5f4-)" +
                       suffix + R"(", "namespace": "chat-platform-production",
        "uid": "0b1c2d3e-4f50-6172-8394-a5b6c7d)" +
                       suffix + R"(", "resourceVersion": "4567812",
        "creationTimestamp": "2026-11-21T07:00:00Z",
        "labels": {"app.kubernetes.io/name": "chat-server", "app.kubernetes.io/instance": "production",
                   "pod-template-hash": "7d9c6b5f4"},
        "annotations": {"kubernetes.io/config.seen": "2026-11-21T07:00:00.000000000Z", "note": "long text that is not kept"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "chat-server-7d9c6b5f4",
                             "uid": "9f8e7d6c-5b4a-3928-1706-f5e4d3c2b1a0", "controller": true, "blockOwnerDeletion": true}],
        "managedFields": [{"manager": "kubelet"}]},
      "spec": {"nodeName": "node-a.example.internal",
        "containers": [{"name": "chat-server", "image": "x", "resources": {"requests": {"cpu": "250m", "memory": "128Mi"}}},
                       {"name": "proxy", "resources": {}}],
        "initContainers": [{"name": "setup", "resources": {"requests": {"cpu": "2"}}},
                           {"name": "sidecar", "restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}}]},
      "status": {"phase": "Running", "podIP": "10.244.17.203", "startTime": "2026-11-21T07:00:01Z",
        "conditions": [{"type": "Initialized", "status": "True"},
                       {"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-21T07:00:09Z"}]}
    })");
}

TEST(PodCodec, SeesAContainerThatItsKubeletHoldsBack) {
    json object = pod_json(1);
    object["status"]["containerStatuses"] = json::parse(R"([{"name": "a", "state": {"running": {}}},
                        {"name": "b", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}])");
    const Pod pod = KindTraits<Pod>::decode(object);
    EXPECT_TRUE(pod.is_held_back);
    EXPECT_TRUE(KindTraits<Pod>::decode(KindTraits<Pod>::encode(pod)).is_held_back);
    object["status"]["containerStatuses"][1]["state"]["waiting"]["reason"] = "ContainerCreating";
    EXPECT_FALSE(KindTraits<Pod>::decode(object).is_held_back);
    EXPECT_FALSE(KindTraits<Pod>::decode(pod_json(1)).is_held_back);
}

TEST(PodCodec, TakesWhatScalingNeeds) {
    const Pod pod = KindTraits<Pod>::decode(pod_json(1));
    EXPECT_EQ(pod.metadata.name, "chat-server-7d9c6b5f4-x10001");
    EXPECT_TRUE(pod.metadata.labels.empty());
    EXPECT_EQ(pod.labels->at("pod-template-hash"), "7d9c6b5f4");
    EXPECT_EQ(pod.owner->name, "chat-server-7d9c6b5f4");
    EXPECT_EQ(*pod.node_name, "node-a.example.internal");
    EXPECT_EQ(pod.pod_ip, "10.244.17.203");
    const CasePod seen = case_pod(pod);
    EXPECT_EQ(seen.name, pod.metadata.name);
    EXPECT_EQ(seen.phase, PodPhase::Running);
    EXPECT_EQ(seen.ready, ReadyStatus::False);
    EXPECT_EQ(seen.ready_transition_time, parse_rfc3339("2026-11-21T07:00:09Z"));
    EXPECT_EQ(seen.start_time, parse_rfc3339("2026-11-21T07:00:01Z"));
    const std::vector<CaseContainer> expected{
        {.name = "chat-server",
         .requests = {{"cpu", Quantity::from_milli(250)}, {"memory", *Quantity::parse("128Mi")}}},
        {.name = "proxy", .requests = {}},
        {.name = "sidecar", .requests = {{"cpu", Quantity::from_milli(50)}}}};
    EXPECT_EQ(seen.containers, expected);
}

TEST(PodCodec, ReadsAPodThatHasNothingYet) {
    const Pod pod = KindTraits<Pod>::decode(json::parse(R"({"metadata": {"name": "a"}})"));
    EXPECT_EQ(pod.phase, PodPhase::Pending);
    EXPECT_EQ(pod.ready, ReadyStatus::Absent);
    EXPECT_TRUE(pod.owner->uid.empty());
    EXPECT_THROW((void)KindTraits<Pod>::decode(json::parse(R"({"metadata": {}})")), DecodeError);
    EXPECT_THROW((void)KindTraits<Pod>::decode(json(5)), DecodeError);
}

TEST(PodCodec, IsReadAsItWasPrinted) {
    const Pod pod = KindTraits<Pod>::decode(pod_json(1));
    EXPECT_EQ(KindTraits<Pod>::decode(KindTraits<Pod>::encode(pod)), pod);
}

TEST(DrainMark, IsReadAsItIsWritten) {
    const DrainMark with{.since = *parse_rfc3339("2026-11-21T07:00:00Z"),
                         .policy = "web",
                         .endpoint = DrainEndpoint{9090, "/drain?seconds=60"}};
    EXPECT_EQ(drain_mark_in(annotations_of(with)), with);
    DrainMark without = with;
    without.endpoint.reset();
    EXPECT_EQ(drain_mark_in(annotations_of(without)), without);
    EXPECT_EQ(drain_mark_in({{kDrainingFor, "web"}}), std::nullopt);
    for (const char* text : {"", "9090", "/drain", "x/drain"}) {
        auto annotations = annotations_of(without);
        annotations[kDrainingAt] = text;
        EXPECT_EQ(drain_mark_in(annotations), without) << text;
    }
}

TEST(PodCodec, PodsOfOneTemplateShareWhatIsTheSame) {
    const std::size_t labels_before = Interned<Labels>::distinct();
    std::vector<Pod> pods;
    for (int i = 0; i < 100; ++i) pods.push_back(KindTraits<Pod>::decode(pod_json(i)));
    EXPECT_EQ(Interned<Labels>::distinct(), labels_before + 1);
    EXPECT_EQ(pods.front().shape, pods.back().shape);
    pods.clear();
    EXPECT_EQ(Interned<Labels>::distinct(), labels_before);
}

// Sanitizers bring their own allocator, which mallinfo2 does not see.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(PodCodec, APodTakesLessThanOneKibibyte) {
    constexpr int kPods = 500;
    std::vector<Pod> pods;
    pods.reserve(kPods);
    pods.push_back(KindTraits<Pod>::decode(pod_json(0)));
    const auto before = mallinfo2().uordblks;
    for (int i = 1; i < kPods; ++i) pods.push_back(KindTraits<Pod>::decode(pod_json(i)));
    const auto per_pod = (mallinfo2().uordblks - before) / (kPods - 1) + sizeof(Pod);
    RecordProperty("bytes_per_pod", std::to_string(per_pod));
    EXPECT_GT(per_pod, sizeof(Pod));
    EXPECT_LT(per_pod, 1024U);
}
#endif

TEST(Interned, ThreadsMayMakeAndDropTheSameValue) {
    const std::size_t before = Interned<std::string>::distinct();
    const auto churn = [] {
        for (int i = 0; i < 20'000; ++i) {
            const Interned<std::string> value(std::string("node-") + std::to_string(i % 3));
            EXPECT_EQ(value->substr(0, 5), "node-");
        }
    };
    {
        std::jthread one(churn);
        std::jthread two(churn);
    }
    EXPECT_EQ(Interned<std::string>::distinct(), before);
}

}  // namespace
}  // namespace chatflow::api
