#pragma once

#include "libs/http/response.hpp"

namespace prometheus {
class Registry;
}

namespace chatflow::http {

/// What GET /metrics answers: the registry's metrics and process_* (CPU, memory, file descriptors,
/// start time; read from /proc), in Prometheus' text format.
[[nodiscard]] Response metrics_page(const prometheus::Registry& registry);

}  // namespace chatflow::http
