#pragma once

#include "libs/base/field_error.hpp"

#include <cstddef>
#include <expected>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::api {

/// The documents of a YAML text as JSON, as kubectl reads them: a quoted scalar is a text, a plain
/// one is true, false, null, a number or else a text. Empty documents are left out. The error tells
/// line and column. Aliases are followed up to kYamlNodesMax nodes in all.
[[nodiscard]] std::expected<std::vector<nlohmann::json>, FieldErrors> parse_yaml(
    std::string_view text);

inline constexpr std::size_t kYamlNodesMax = 100'000;

}  // namespace chatflow::api
