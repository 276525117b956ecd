#include "controller/crdgen/kinds.hpp"

#include "controller/api/scaling_policy_codec.hpp"
#include "controller/api/tables.hpp"

namespace chatflow::crdgen {

namespace {

constexpr std::string_view kReadyStatus = ".status.conditions[?(@.type==\"Ready\")].status";
constexpr std::string_view kReadyReason = ".status.conditions[?(@.type==\"Ready\")].reason";
constexpr std::string_view kReadyMessage = ".status.conditions[?(@.type==\"Ready\")].message";

}  // namespace

const std::vector<CustomKind>& custom_kinds() {
    static const std::vector<CustomKind> kKinds{custom_kind<api::ScalingPolicy>(
        "sp",
        {{"Ready", "string", kReadyStatus, "Whether the policy is valid and carried out."},
         {"Reason", "string", kReadyReason, "Why, in one word."},
         {"Replicas", "integer", ".status.desiredReplicas", "Replicas decided upon."},
         {"Min", "integer", ".status.bounds.min", "Never fewer, at present."},
         {"Max", "integer", ".status.bounds.max", "Never more, at present."},
         {"CPU", "integer", ".status.utilizationPercent", "Usage in percent of the requests."},
         {"Target", "string", ".spec.targetRef.name", "What is scaled.", 1},
         {"Mode", "string", ".spec.mode", "Enforce or Observe.", 1},
         {"Control", "string", ".status.lastDecision.decision.controls[0].type",
          "The strongest control in force.", 1},
         {"Last-Scale", "date", ".status.lastScaleTime", "Since the last change.", 1},
         {"Message", "string", kReadyMessage, "Why, in a sentence.", 1}})};
    return kKinds;
}

}  // namespace chatflow::crdgen
