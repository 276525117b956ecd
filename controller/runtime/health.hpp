#pragma once

#include "libs/http/response.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::runtime {

/// One reason why the process may not be ready.
struct ReadyCheck {
    std::string name;
    std::function<std::optional<std::string>()> why_not;  // nothing: ready
};

/// 200 "ok" or 503 with the reasons, one a line; as JSON when `verbose`:
/// {"status":"unavailable","checks":[{"name":"cache/pods","ready":false,"reason":"not yet
/// synced"}]}.
[[nodiscard]] http::Response ready_page(const std::vector<ReadyCheck>& checks, bool verbose);

}  // namespace chatflow::runtime
