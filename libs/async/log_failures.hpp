#pragma once

#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"

namespace chatflow {

/// For a TaskGroup whose tasks are meant to run until they are cancelled: one that ends by an
/// exception becomes an error line.
[[nodiscard]] TaskGroup::ErrorHandler log_failures(Log log);

}  // namespace chatflow
