#pragma once

#include "libs/http/problem.hpp"
#include "libs/http/request.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// What a request must satisfy before its body is looked at: a response where it does not.
[[nodiscard]] std::optional<http::Response> refuse_media_type(const http::Request& request);
/// A route parameter that is not a UUID in lower case.
[[nodiscard]] std::optional<http::Response> refuse_id(const http::Request& request,
                                                      std::string_view parameter);

/// Which message an address names.
struct Place {
    std::string room_id;
    std::int64_t seq = 0;
};
[[nodiscard]] std::expected<Place, http::Response> place_of(const http::Request& request);

/// Also for a room that one may not see.
[[nodiscard]] http::Response no_such_room();

[[nodiscard]] http::Response bad_body(const FieldErrors& errors);
[[nodiscard]] http::Response bad_query(const FieldErrors& errors);

/// limit, before and after of the query.
[[nodiscard]] PageParameters page_parameters(const http::Request& request);

}  // namespace chatflow::chat
