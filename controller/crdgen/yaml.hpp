#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::crdgen {

/// Block-style YAML in the order of the members. Texts that YAML could take for something else are
/// quoted, which yaml-cpp's emitter does not do ("true", "1").
[[nodiscard]] std::string to_yaml(const nlohmann::ordered_json& document);

}  // namespace chatflow::crdgen
