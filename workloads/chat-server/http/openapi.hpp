#pragma once

#include "libs/http/router.hpp"

#include <string_view>

namespace chatflow::chat {

/// The text of openapi.json, which describes the API as it is with authentication.
[[nodiscard]] std::string_view openapi_document();

/// GET /api/v1/openapi.json, for everybody.
void add_openapi_route(http::Router& router);

}  // namespace chatflow::chat
