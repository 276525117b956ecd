#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/postgres_topology.hpp"
#include "libs/base/field_error.hpp"

#include <expected>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::api {

/// The topology with all defaults filled in, or every error of it with its path. Fields that the
/// kind does not have are refused.
[[nodiscard]] std::expected<PostgresTopology, FieldErrors> parse_postgres_topology(
    const nlohmann::json& object);

[[nodiscard]] nlohmann::json to_json(const PostgresTopologyStatus& status);

[[nodiscard]] std::string_view to_string(Durability value);
[[nodiscard]] std::string_view to_string(InstanceRole value);

template <>
struct KindTraits<PostgresTopology> {
    static constexpr std::string_view kGroup = "chatflow.dev";
    static constexpr std::string_view kVersion = "v1alpha1";
    static constexpr std::string_view kPlural = "postgrestopologies";
    static constexpr std::string_view kKind = "PostgresTopology";
    static constexpr bool kNamespaced = true;
    static PostgresTopology decode(const nlohmann::json& object);
    static nlohmann::json encode(const PostgresTopology& topology);
};

}  // namespace chatflow::api
