#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/redis_topology.hpp"
#include "libs/base/field_error.hpp"

#include <expected>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::api {

/// The topology with all defaults filled in, or every error of it with its path, in one pass. A
/// field that the kind does not have is an error.
[[nodiscard]] std::expected<RedisTopology, FieldErrors> parse_redis_topology(
    const nlohmann::json& object);

[[nodiscard]] nlohmann::json to_json(const RedisTopology& topology);
[[nodiscard]] nlohmann::json to_json(const RedisTopologyStatus& status);

template <>
struct KindTraits<RedisTopology> {
    static constexpr std::string_view kGroup = "chatflow.dev";
    static constexpr std::string_view kVersion = "v1alpha1";
    static constexpr std::string_view kPlural = "redistopologies";
    static constexpr std::string_view kKind = "RedisTopology";
    static constexpr bool kNamespaced = true;
    static RedisTopology decode(const nlohmann::json& object);
    static nlohmann::json encode(const RedisTopology& topology);
};

}  // namespace chatflow::api
