#include "workloads/chat-server/http/message_api.hpp"

#include "workloads/chat-server/domain/json_codec.hpp"
#include "workloads/chat-server/domain/limits.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/http/tracing.hpp"

#include <optional>
#include <utility>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

std::optional<Response> refuse_emoji(const Request& request) {
    if (is_reaction(request.parameter("emoji"))) return std::nullopt;
    return http::problem(400, "The address has a part that cannot be used.",
                         {{"emoji", "must be UTF-8 of 1 to " + std::to_string(kReactionBytesMax) +
                                        " bytes without blanks"}});
}

Response gone() { return http::problem(410, "The message was deleted."); }

std::optional<Response> refuse(MessageAction action, const std::optional<FoundMessage>& found,
                               const Identity& who) {
    if (!found) return no_such_room();
    const auto refusal = refusal_of(action, *found, who.user_id);
    if (!refusal) return std::nullopt;
    return http::problem(refusal->status, refusal->detail);
}

}  // namespace

void MessageApi::add_routes(http::Router& router, Gate& gate) {
    using enum http::Method;
    using Handler = awaitable<Response> (MessageApi::*)(const Request&, const Identity&);
    const auto bound = [this, &gate](Handler member) {
        return gate.members([this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        });
    };
    const std::string message = "/api/v1/rooms/{room}/messages/{seq}";
    router.add(Get, message, bound(&MessageApi::show));
    router.add(Patch, message, bound(&MessageApi::edit));
    router.add(Delete, message, bound(&MessageApi::remove));
    router.add(Get, message + "/replies", bound(&MessageApi::replies));
    router.add(Put, message + "/reactions/{emoji}", bound(&MessageApi::add_reaction));
    router.add(Delete, message + "/reactions/{emoji}", bound(&MessageApi::remove_reaction));
    router.add(Get, "/api/v1/messages/search", bound(&MessageApi::search));
}

awaitable<Response> MessageApi::show(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, who.written, request.deadline);
    if (!found || !may_read(found->access)) co_return no_such_room();
    if (!found->message) {
        co_return http::problem(404, "The room has no message with this sequence.");
    }
    co_return http::json(200, to_json(*found->message));
}

awaitable<Response> MessageApi::edit(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto body = parse_message_change(request.body);
    if (!body) co_return bad_body(body.error());
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, postgres::kNewest, request.deadline);
    if (auto refusal = refuse(MessageAction::Edit, found, who)) co_return std::move(*refusal);
    const auto edited = co_await messages_.edit(room, seq, std::move(*body),
                                                given_traceparent(request), request.deadline);
    if (!edited) co_return gone();
    co_return http::json(200, to_json(*edited));
}

// Deleted twice is deleted: a client that got no answer asks again.
awaitable<Response> MessageApi::remove(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, postgres::kNewest, request.deadline);
    auto refusal = refuse(MessageAction::Delete, found, who);
    if (refusal && refusal->status != 410) co_return std::move(*refusal);
    if (!refusal) {
        co_await messages_.remove(room, seq, given_traceparent(request), request.deadline);
    }
    co_return Response{.status = 204};
}

awaitable<Response> MessageApi::add_reaction(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    if (auto refusal = refuse_emoji(request)) co_return std::move(*refusal);
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, postgres::kNewest, request.deadline);
    if (auto refusal = refuse(MessageAction::React, found, who)) co_return std::move(*refusal);
    const bool is_there = co_await messages_.add_reaction(
        room, seq, who.user_id, std::string(request.parameter("emoji")), given_traceparent(request),
        request.deadline);
    if (!is_there) {
        co_return http::problem(409, "A message has " + std::to_string(kReactionKindsMax) +
                                         " kinds of reactions at most.");
    }
    co_return Response{.status = 204};
}

awaitable<Response> MessageApi::remove_reaction(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    if (auto refusal = refuse_emoji(request)) co_return std::move(*refusal);
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, postgres::kNewest, request.deadline);
    if (auto refusal = refuse(MessageAction::React, found, who)) co_return std::move(*refusal);
    co_await messages_.remove_reaction(room, seq, who.user_id,
                                       std::string(request.parameter("emoji")),
                                       given_traceparent(request), request.deadline);
    co_return Response{.status = 204};
}

awaitable<Response> MessageApi::replies(const Request& request, const Identity& who) {
    auto place = place_of(request);
    if (!place) co_return std::move(place.error());
    const auto query = parse_replies_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    const auto& [room, seq] = *place;
    const auto found =
        co_await messages_.find(room, seq, who.user_id, who.written, request.deadline);
    if (!found || !may_read(found->access)) co_return no_such_room();
    const auto page = co_await messages_.replies(room, seq, *query, who.written, request.deadline);
    co_return http::json(200, replies_to_json(page));
}

awaitable<Response> MessageApi::search(const Request& request, const Identity& who) {
    auto query = parse_search_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    query->reader = who.user_id;
    const auto page = co_await messages_.search(std::move(*query), who.written, request.deadline);
    co_return http::json(200, found_to_json(page));
}

}  // namespace chatflow::chat
