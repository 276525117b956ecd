#include "workloads/chat-server/http/member_api.hpp"

#include "workloads/chat-server/domain/json_codec.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"
#include "workloads/chat-server/http/refusals.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

std::string room_of(const Request& request) { return std::string(request.parameter("room")); }
std::string user_of(const Request& request) { return std::string(request.parameter("user")); }

}  // namespace

void MemberApi::add_routes(http::Router& router, Gate& gate) {
    using enum http::Method;
    using Handler = awaitable<Response> (MemberApi::*)(const Request&, const Identity&);
    const auto bound = [this, &gate](Handler member) {
        return gate.members([this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        });
    };
    router.add(Get, "/api/v1/rooms/{room}/members", bound(&MemberApi::list));
    router.add(Put, "/api/v1/rooms/{room}/members/{user}", bound(&MemberApi::put));
    router.add(Delete, "/api/v1/rooms/{room}/members/{user}", bound(&MemberApi::remove));
    router.add(Put, "/api/v1/rooms/{room}/receipt", bound(&MemberApi::put_receipt));
    router.add(Get, "/api/v1/users/me/rooms", bound(&MemberApi::list_mine));
}

awaitable<Response> MemberApi::list(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    auto query = parse_rooms_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    const auto access =
        co_await members_.access(room_of(request), who.user_id, who.written, request.deadline);
    if (!access || !may_read(*access)) co_return no_such_room();
    const MemberPage page = co_await members_.list(room_of(request), std::move(query->after),
                                                   query->limit, who.written, request.deadline);
    co_return http::json(200, to_json(page));
}

awaitable<Response> MemberApi::put(const Request& request, const Identity& who) {
    if (!request.body.empty()) {
        if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    }
    const auto wish = parse_member(request.body);
    if (!wish) co_return bad_body(wish.error());
    co_return co_await change(request, who, *wish);
}

awaitable<Response> MemberApi::remove(const Request& request, const Identity& who) {
    const MemberWish wish{.is_member = false};
    co_return co_await change(request, who, wish);
}

awaitable<Response> MemberApi::change(const Request& request, const Identity& who,
                                      MemberWish wish) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    if (auto refusal = refuse_id(request, "user")) co_return std::move(*refusal);
    const std::string room = room_of(request);
    const std::string user = user_of(request);
    const auto access =
        co_await members_.access(room, who.user_id, postgres::kNewest, request.deadline);
    if (!access || !may_read(*access)) co_return no_such_room();
    const auto member = co_await members_.find(room, user, request.deadline);
    const auto now = member ? std::optional(member->role) : std::nullopt;
    const auto wanted = role_by(wish, now);
    if (member && now == wanted) co_return http::json(200, to_json(*member));
    const MemberChange change{.is_self = user == who.user_id, .now = now, .wanted = wanted};
    if (const auto refusal = refusal_of(*access, change)) co_return http::problem(403, *refusal);
    switch (co_await members_.change(room, user, now, wanted, request.deadline)) {
        case MemberRepository::Change::NoSuchUser:
            co_return http::problem(404, "There is no user with this id.");
        case MemberRepository::Change::LastOwner:
            co_return http::problem(409, "A room keeps an owner: make somebody else owner first.");
        case MemberRepository::Change::Done:
            break;
    }
    co_await answers_.forget({rooms_tag(user)});
    if (!wanted) co_return Response{.status = 204};
    const auto changed = co_await members_.find(room, user, request.deadline);
    if (!changed) co_return Response{.status = 204};  // removed again at the same moment
    co_return http::json(200, to_json(*changed));
}

awaitable<Response> MemberApi::put_receipt(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    const auto receipt = parse_receipt(request.body);
    if (!receipt) co_return bad_body(receipt.error());
    const auto member =
        co_await members_.put_receipt(room_of(request), who.user_id, *receipt, request.deadline);
    if (!member) co_return no_such_room();
    co_return http::json(200, to_json(*member));
}

awaitable<Response> MemberApi::list_mine(const Request& request, const Identity& who) {
    auto query = parse_rooms_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    const JoinedRoomPage page = co_await members_.rooms_of(
        who.user_id, std::move(query->after), query->limit, who.written, request.deadline);
    co_return http::json(200, to_json(page));
}

}  // namespace chatflow::chat
