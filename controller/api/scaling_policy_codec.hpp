#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/scaling_policy.hpp"
#include "libs/base/field_error.hpp"

#include <expected>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::api {

/// What to do about a field that the kind does not have: a file written by a person is refused,
/// since a misspelt field must not be lost silently; an object from a newer API server is read.
enum class UnknownFields { Ignore, Refuse };

/// The policy with all defaults filled in, or every error of it with its path, in one pass:
/// {"spec.maxReplicas", "must be at least minReplicas (2), not 1"}.
[[nodiscard]] std::expected<ScalingPolicy, FieldErrors> parse_scaling_policy(
    const nlohmann::json& object, UnknownFields unknown = UnknownFields::Ignore);

/// What parse_scaling_policy() would say about a spec made by the program.
[[nodiscard]] FieldErrors validate(const ScalingPolicySpec& spec);

[[nodiscard]] nlohmann::json to_json(const ScalingPolicy& policy);
[[nodiscard]] nlohmann::json to_json(const ScalingPolicySpec& spec);
[[nodiscard]] nlohmann::json to_json(const ScalingPolicyStatus& status);

template <>
struct KindTraits<ScalingPolicy> {
    static constexpr std::string_view kGroup = "chatflow.dev";
    static constexpr std::string_view kVersion = "v1alpha1";
    static constexpr std::string_view kPlural = "scalingpolicies";
    static constexpr std::string_view kKind = "ScalingPolicy";
    static constexpr bool kNamespaced = true;
    static ScalingPolicy decode(const nlohmann::json& object);
    static nlohmann::json encode(const ScalingPolicy& policy);
};

}  // namespace chatflow::api
