#pragma once

#include <string>
#include <string_view>

namespace chatflow::kube {

/// JSON is YAML but for some characters, which JSON may hold as they are and YAML refuses, or reads
/// as line breaks: DEL, C1 controls, U+2028, U+2029, the byte order mark. They become \uXXXX.
[[nodiscard]] std::string json_as_yaml(std::string_view json);

}  // namespace chatflow::kube
