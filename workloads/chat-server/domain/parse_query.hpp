#pragma once

#include "libs/base/field_error.hpp"
#include "workloads/chat-server/domain/message.hpp"

#include <expected>
#include <optional>
#include <string>

namespace chatflow::chat {

/// The parameters of a page as they came, decoded; none is required.
struct PageParameters {
    std::optional<std::string> limit;
    std::optional<std::string> before;
    std::optional<std::string> after;
    std::optional<std::string> text;  // q, of a search
    std::optional<std::string> room;  // of a search
};

[[nodiscard]] std::expected<HistoryQuery, FieldErrors> parse_history_query(
    const PageParameters& parameters);

/// Which part of the list of rooms is asked for.
struct RoomsQuery {
    std::optional<std::string> after;  // a room's id
    int limit = 0;
    std::string reader;  // a user, who has to be allowed to; empty: everybody is

    bool operator==(const RoomsQuery&) const = default;
};
[[nodiscard]] std::expected<RoomsQuery, FieldErrors> parse_rooms_query(
    const PageParameters& parameters);

[[nodiscard]] std::expected<SearchQuery, FieldErrors> parse_search_query(
    const PageParameters& parameters);
/// Which part of a thread: answers after a place in the room.
[[nodiscard]] std::expected<HistoryQuery, FieldErrors> parse_replies_query(
    const PageParameters& parameters);

}  // namespace chatflow::chat
