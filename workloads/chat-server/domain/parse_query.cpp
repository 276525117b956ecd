#include "workloads/chat-server/domain/parse_query.hpp"

#include "workloads/chat-server/domain/cursor.hpp"
#include "workloads/chat-server/domain/limits.hpp"

#include <charconv>

namespace chatflow::chat {
namespace {

constexpr const char* kNotACursor = "must be a cursor from an earlier response";

int parse_limit(const std::optional<std::string>& text, FieldErrors& errors) {
    if (!text) return kPageDefault;
    int limit = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, limit);
    if (error != std::errc{} || stop != end || limit < 1 || limit > kPageMax) {
        errors.push_back({"limit", "must be a number from 1 to " + std::to_string(kPageMax)});
    }
    return limit;
}

std::optional<std::int64_t> parse_place(const char* name, const std::optional<std::string>& text,
                                        FieldErrors& errors) {
    if (!text) return std::nullopt;
    const auto seq = decode_message_cursor(*text);
    if (!seq) errors.push_back({name, kNotACursor});
    return seq;
}

}  // namespace

std::expected<HistoryQuery, FieldErrors> parse_history_query(const PageParameters& parameters) {
    FieldErrors errors;
    HistoryQuery query{.before = parse_place("before", parameters.before, errors),
                       .after = parse_place("after", parameters.after, errors),
                       .limit = parse_limit(parameters.limit, errors)};
    if (parameters.before && parameters.after) {
        errors.push_back({"after", "must not be given together with before"});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return query;
}

std::expected<RoomsQuery, FieldErrors> parse_rooms_query(const PageParameters& parameters) {
    FieldErrors errors;
    RoomsQuery query{.after = std::nullopt, .limit = parse_limit(parameters.limit, errors)};
    if (parameters.after) {
        query.after = decode_room_cursor(*parameters.after);
        if (!query.after) errors.push_back({"after", kNotACursor});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return query;
}

}  // namespace chatflow::chat
