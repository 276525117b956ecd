#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "libs/base/field_error.hpp"

#include <expected>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::api {

/// One line of `kubectl chatflow decide`: a spec, what was observed, and a name of the caller's.
struct CaseFile {
    std::string id;  // as JSON text, since its kind is free: "\"a\"", "17"; empty without one
    ScalingPolicySpec spec;
    Observation observation;
    bool operator==(const CaseFile&) const = default;
};

/// Reads {id, spec, now, replicas, pods, metrics, history, proposal?}. The spec may be partial:
/// without maxReplicas there is no upper bound, without metrics a proposal decides. Unknown fields
/// are ignored. Every error is told with its path; no input crashes it.
[[nodiscard]] std::expected<CaseFile, FieldErrors> parse_case(const nlohmann::json& object);

/// The same from text; the place of a syntax error is told as its only error.
[[nodiscard]] std::expected<CaseFile, FieldErrors> parse_case_text(std::string_view text);

[[nodiscard]] nlohmann::json to_json(const CaseFile& file);
[[nodiscard]] nlohmann::json to_json(const Observation& observation);

/// {replicas, uncapped, reason, message, limitedBy, metrics: […], error?}
[[nodiscard]] nlohmann::json to_json(const Decision& decision);
/// The same with the `id` of the case in front.
[[nodiscard]] nlohmann::json to_json(const CaseFile& file, const Decision& decision);

[[nodiscard]] std::expected<Decision, FieldErrors> parse_decision(const nlohmann::json& object);

}  // namespace chatflow::api
