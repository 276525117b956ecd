#pragma once

#include "libs/base/log.hpp"
#include "libs/http/request.hpp"
#include "libs/http/response.hpp"

#include <exception>

namespace chatflow::chat {

/// The answer when a handler has thrown: 503 with Retry-After for what passes by itself, else 500
/// and one log line.
[[nodiscard]] http::Response problem_of(const http::Request& request,
                                        const std::exception_ptr& error, const Log& log);

}  // namespace chatflow::chat
