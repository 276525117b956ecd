#pragma once

#include <string>
#include <vector>

namespace chatflow {

/// One field of an input that cannot be used, in words that say what is allowed:
/// {"spec.maxReplicas", "must be at least spec.minReplicas (2), not 1"}.
struct FieldError {
    std::string path;
    std::string message;

    bool operator==(const FieldError&) const = default;
};

/// All errors of one input, found in one pass.
using FieldErrors = std::vector<FieldError>;

/// "spec.maxReplicas: must be …; spec.mode: must be …"
[[nodiscard]] std::string to_string(const FieldErrors& errors);

}  // namespace chatflow
