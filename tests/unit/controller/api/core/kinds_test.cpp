#include "controller/api/core/event.hpp"
#include "controller/api/core/horizontal_pod_autoscaler.hpp"
#include "controller/api/core/lease.hpp"
#include "controller/api/core/pod.hpp"
#include "controller/api/core/scale.hpp"
#include "controller/api/scaling_policy_codec.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

using nlohmann::json;

static_assert(Kind<Pod> && Kind<Scale> && Kind<Lease> && Kind<Event> &&
              Kind<HorizontalPodAutoscaler> && Kind<ScalingPolicy>);

TEST(ScaleCodec, WritesTheSpecAlone) {
    const Scale scale = KindTraits<Scale>::decode(json::parse(
        R"({"metadata": {"name": "chat", "namespace": "a", "resourceVersion": "9"},
            "spec": {"replicas": 3}, "status": {"replicas": 2, "selector": "app=chat"}})"));
    EXPECT_EQ(scale.spec.replicas, 3);
    EXPECT_EQ(scale.status, (ScaleStatus{.replicas = 2, .selector = "app=chat"}));
    EXPECT_EQ(KindTraits<Scale>::encode(scale), json::parse(R"({
        "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 3},
        "metadata": {"name": "chat", "namespace": "a", "resourceVersion": "9"}})"));
}

TEST(ScaleCodec, WritesZeroReplicas) {
    EXPECT_EQ(KindTraits<Scale>::encode(Scale{}).at("spec").at("replicas"), 0);
}

TEST(LeaseCodec, KeepsMicroseconds) {
    const Lease lease{.metadata = {.name = "leader"},
                      .spec = {.holder_identity = "pod-1",
                               .lease_duration_seconds = 15,
                               .acquire_time = parse_rfc3339("2026-11-21T08:00:00Z"),
                               .renew_time = parse_rfc3339("2026-11-21T08:00:02.000123Z"),
                               .lease_transitions = 4}};
    const json object = KindTraits<Lease>::encode(lease);
    EXPECT_EQ(object.at("spec").at("acquireTime"), "2026-11-21T08:00:00.000000Z");
    EXPECT_EQ(KindTraits<Lease>::decode(object), lease);
}

TEST(EventCodec, HasTheFieldsThatTheApiServerAsksFor) {
    const Event event{.metadata = {.name = "chat.17", .name_space = "a"},
                      .event_time = *parse_rfc3339("2026-11-21T08:00:00.5Z"),
                      .type = EventType::Warning,
                      .action = "Scale",
                      .reason = "MetricUnavailable",
                      .note = "no data",
                      .regarding = {.api_version = "chatflow.dev/v1alpha1",
                                    .kind = "ScalingPolicy",
                                    .name_space = "a",
                                    .name = "chat",
                                    .uid = "u"},
                      .reporting_controller = "chatflow.dev/operator",
                      .reporting_instance = "pod-1"};
    const json object = KindTraits<Event>::encode(event);
    EXPECT_EQ(object.at("eventTime"), "2026-11-21T08:00:00.500000Z");
    EXPECT_EQ(object.at("apiVersion"), "events.k8s.io/v1");
    EXPECT_EQ(KindTraits<Event>::decode(object), event);
}

TEST(HorizontalPodAutoscalerCodec, TellsWhomItScales) {
    const auto autoscaler = KindTraits<HorizontalPodAutoscaler>::decode(json::parse(
        R"({"metadata": {"name": "a"}, "spec": {"maxReplicas": 3,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "chat"}}})"));
    EXPECT_EQ(autoscaler.spec.scale_target_ref,
              (TargetRef{.api_version = "apps/v1", .kind = "Deployment", .name = "chat"}));
}

}  // namespace
}  // namespace chatflow::api
