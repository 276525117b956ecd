#include "workloads/chat-server/domain/parse_query.hpp"

#include "libs/base/utf8.hpp"
#include "workloads/chat-server/domain/cursor.hpp"
#include "workloads/chat-server/domain/limits.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

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
        query.after = decode_id_cursor(*parameters.after);
        if (!query.after) errors.push_back({"after", kNotACursor});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return query;
}

std::expected<SearchQuery, FieldErrors> parse_search_query(const PageParameters& parameters) {
    FieldErrors errors;
    SearchQuery query{.text = parameters.text.value_or(""),
                      .room_id = parameters.room.value_or(""),
                      .reader = {},
                      .after = std::nullopt,
                      .limit = parse_limit(parameters.limit, errors)};
    if (query.text.empty() || query.text.size() > kSearchTextMax || query.text.contains('\0') ||
        !is_utf8(query.text)) {
        errors.push_back(
            {"q", "must be UTF-8 of 1 to " + std::to_string(kSearchTextMax) + " bytes"});
    }
    if (parameters.room && !is_uuid(*parameters.room)) {
        errors.push_back({"room", "must be a UUID in lower case"});
    }
    if (parameters.after) {
        query.after = decode_id_cursor(*parameters.after);
        if (!query.after) errors.push_back({"after", kNotACursor});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return query;
}

std::expected<HistoryQuery, FieldErrors> parse_replies_query(const PageParameters& parameters) {
    FieldErrors errors;
    HistoryQuery query{.before = std::nullopt,
                       .after = parse_place("after", parameters.after, errors),
                       .limit = parse_limit(parameters.limit, errors)};
    if (parameters.before) errors.push_back({"before", "a thread is read from its beginning"});
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return query;
}

}  // namespace chatflow::chat
