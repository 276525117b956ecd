#pragma once

#include <exception>
#include <string>

namespace chatflow {

/// What a caught exception says, for a log line.
[[nodiscard]] std::string what_of(const std::exception_ptr& error);

}  // namespace chatflow
