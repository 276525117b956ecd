#pragma once

#include <string>
#include <string_view>

namespace chatflow {

/// Everything but RFC 3986's unreserved characters becomes %XX: fit for one segment of a path, or
/// one name or value of a query.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace chatflow
