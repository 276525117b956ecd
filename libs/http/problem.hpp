#pragma once

#include "libs/base/field_error.hpp"
#include "libs/http/response.hpp"

#include <string_view>

namespace chatflow::http {

/// An application/problem+json body (RFC 9457): title is the status' phrase, `detail` says what the
/// caller can do about it. The errors, if any, become {"errors":[{"path","message"}]}.
[[nodiscard]] Response problem(int status, std::string_view detail, const FieldErrors& errors = {});

}  // namespace chatflow::http
