#include "workloads/chat-server/http/refusals.hpp"

#include "workloads/chat-server/domain/message_change.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

#include <utility>

namespace chatflow::chat {

std::optional<http::Response> refuse_media_type(const http::Request& request) {
    if (request.has_media_type("application/json")) return std::nullopt;
    return http::problem(415, "Send the body as application/json.");
}

std::optional<http::Response> refuse_id(const http::Request& request, std::string_view parameter) {
    if (is_uuid(request.parameter(parameter))) return std::nullopt;
    return http::problem(400, "The address has a part that cannot be used.",
                         {{std::string(parameter), "must be a UUID in lower case"}});
}

std::expected<Place, http::Response> place_of(const http::Request& request) {
    if (auto refusal = refuse_id(request, "room")) return std::unexpected(std::move(*refusal));
    const auto seq = parse_sequence(request.parameter("seq"));
    if (seq) return Place{std::string(request.parameter("room")), *seq};
    return std::unexpected(http::problem(400, "The address has a part that cannot be used.",
                                         {{"seq", "must be a sequence: 1, 2, 3, …"}}));
}

http::Response no_such_room() {
    return http::problem(404, "There is no room with this id that you are in.");
}

http::Response bad_body(const FieldErrors& errors) {
    return http::problem(400, "The body has fields that cannot be used.", errors);
}

http::Response bad_query(const FieldErrors& errors) {
    return http::problem(400, "The query has parameters that cannot be used.", errors);
}

PageParameters page_parameters(const http::Request& request) {
    if (request.query.empty()) return {};
    return {.limit = request.query_value("limit"),
            .before = request.query_value("before"),
            .after = request.query_value("after"),
            .text = request.query_value("q"),
            .room = request.query_value("room")};
}

}  // namespace chatflow::chat
