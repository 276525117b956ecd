#include "workloads/chat-server/http/room_api.hpp"

#include "workloads/chat-server/domain/json_codec.hpp"
#include "workloads/chat-server/domain/parse_body.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/http/tracing.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kKindWithin = 40;  // {"version":9223372036854775807,

std::string room_id_of(const Request& request) { return std::string(request.parameter("room")); }

// The client asks for what is stored now, not for what a cache holds.
bool wants_fresh(const Request& request) {
    const auto control = request.header("Cache-Control");
    return control && control->contains("no-cache");
}

// A room that everybody sees has changed, or one has come.
std::vector<std::string> lists_of_all() { return {"rooms"}; }

// to_json(Room) puts it in the second place.
bool is_public(std::string_view room_json) {
    const auto kind = room_json.find(R"("kind":")");
    return kind < kKindWithin && room_json.substr(kind).starts_with(R"("kind":"public")");
}

Response show_made(int status, const Room& room) {
    Response response = http::json(status, to_json(room));
    response.headers.emplace_back("Location", "/api/v1/rooms/" + room.id);
    return response;
}

Response nobody_is_logged_in() {
    return http::problem(400, "Without authentication there are public rooms only.",
                         {{"kind", "must be public"}});
}

}  // namespace

RoomApi::RoomApi(RoomRepository& rooms, MemberRepository& members, MessageRepository& messages,
                 RoomCache& cache, AnswerCache& answers, RoomFlights& flights, Metrics& metrics)
    : rooms_(rooms),
      members_(members),
      messages_(messages),
      cache_(cache),
      answers_(answers),
      flights_(flights),
      metrics_(metrics) {}

void RoomApi::add_routes(http::Router& router, Gate& gate, Idempotency& idempotency) {
    using enum http::Method;
    using Handler = awaitable<Response> (RoomApi::*)(const Request&, const Identity&);
    const auto bound = [this, &gate](Handler member) {
        return gate.members([this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        });
    };
    using Maker =
        awaitable<Response> (RoomApi::*)(const Request&, const Identity&, const Operation&);
    const auto once = [this, &gate, &idempotency](Maker member) {
        return gate.members(
            idempotency.once([this, member](const Request& request, const Identity& who,
                                            const Operation& operation) {
                return (this->*member)(request, who, operation);
            }));
    };
    router.add(Post, "/api/v1/rooms", once(&RoomApi::create));
    router.add(Get, "/api/v1/rooms", bound(&RoomApi::list));
    router.add(Get, "/api/v1/rooms/{room}", bound(&RoomApi::show));
    router.add(Patch, "/api/v1/rooms/{room}", bound(&RoomApi::change));
    router.add(Post, "/api/v1/rooms/{room}/messages", once(&RoomApi::send));
    router.add(Get, "/api/v1/rooms/{room}/messages", bound(&RoomApi::history));
}

awaitable<Response> RoomApi::create(const Request& request, const Identity& who,
                                    const Operation& operation) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto room = parse_new_room(request.body);
    if (!room) co_return bad_body(room.error());
    if (room->kind == RoomKind::Direct) {
        co_return co_await open_direct(operation.id, who, std::move(room->with), request.deadline);
    }
    if (room->kind == RoomKind::Private && who.user_id.empty()) co_return nobody_is_logged_in();
    const Room made =
        co_await rooms_.insert(operation.id, std::move(*room), who.user_id, request.deadline);
    std::vector<std::string> lists = lists_of_all();
    if (made.kind != RoomKind::Public) lists = {rooms_tag(who.user_id)};
    co_await answers_.forget(std::move(lists));
    co_return show_made(201, made);
}

awaitable<Response> RoomApi::open_direct(std::string id, const Identity& who, std::string other,
                                         Deadline deadline) {
    if (who.user_id.empty()) co_return nobody_is_logged_in();
    if (other == who.user_id) {
        co_return bad_body({{"with", "must be the id of the other user, not your own"}});
    }
    const auto direct = co_await rooms_.open_direct(std::move(id), who.user_id, other, deadline);
    if (!direct) co_return bad_body({{"with", "there is no such user"}});
    std::vector<std::string> lists{rooms_tag(who.user_id), rooms_tag(other)};
    if (direct->is_new) co_await answers_.forget(std::move(lists));
    co_return show_made(direct->is_new ? 201 : 200, direct->room);
}

awaitable<Response> RoomApi::list(const Request& request, const Identity& who) {
    auto query = parse_rooms_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    query->reader = who.user_id;
    if (wants_fresh(request)) {
        const RoomPage page =
            co_await rooms_.list(std::move(*query), who.written, request.deadline);
        co_return http::json(200, to_json(page));
    }
    CachedQuestion question{.name = "rooms:" + who.user_id + ':' + std::to_string(query->limit) +
                                    ':' + query->after.value_or(""),
                            .tags = lists_of_all()};
    question.tags.push_back(rooms_tag(who.user_id));
    auto load = [this, query = std::move(*query), written = who.written,
                 deadline =
                     request.deadline](bool is_kept) -> awaitable<std::optional<std::string>> {
        const auto newest = is_kept ? postgres::kNewest : written;
        const RoomPage page = co_await rooms_.list(query, newest, deadline);
        co_return to_json(page);
    };
    auto json = co_await answers_.find(std::move(question), std::move(load));
    co_return http::json(200, std::move(json).value());
}

awaitable<Response> RoomApi::show(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    auto json = co_await find_room(room_id_of(request), wants_fresh(request), request.deadline);
    if (!json) co_return no_such_room();
    if (!is_public(*json) && !who.user_id.empty()) {
        const auto access = co_await members_.access(room_id_of(request), who.user_id, who.written,
                                                     request.deadline);
        if (!access || !may_read(*access)) co_return no_such_room();
    }
    co_return http::json(200, std::move(*json));
}

awaitable<Response> RoomApi::change(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto change = parse_room_change(request.body);
    if (!change) co_return bad_body(change.error());
    if (!who.user_id.empty()) {
        const auto access = co_await members_.access(room_id_of(request), who.user_id,
                                                     postgres::kNewest, request.deadline);
        if (!access || !may_read(*access)) co_return no_such_room();
        if (!may_change(*access)) {
            co_return http::problem(403, "Only its moderators and owners change a room.");
        }
    }
    const auto room =
        co_await rooms_.update(room_id_of(request), std::move(*change), request.deadline);
    if (!room) co_return no_such_room();
    std::string json = to_json(*room);
    co_await cache_.put_changed(room->id, room->version, json);
    co_await answers_.forget(lists_of_all());
    co_return http::json(200, std::move(json));
}

awaitable<Response> RoomApi::send(const Request& request, const Identity& who,
                                  const Operation& operation) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto message = parse_new_message(request.body, who.user_id);
    if (!message) co_return bad_body(message.error());
    // Then the message itself is stored once, also when an earlier attempt ended unseen.
    if (operation.is_keyed && message->client_msg_id.empty()) {
        message->client_msg_id = operation.id;
    }
    message->traceparent = given_traceparent(request);
    const bool is_reply = message->reply_to != 0;
    const auto sent = co_await messages_.send(room_id_of(request), operation.id,
                                              std::move(*message), request.deadline);
    if (!sent && is_reply) {
        co_return http::problem(404,
                                "There is no room with this id that you are in, or it has no "
                                "message with the sequence of reply_to.");
    }
    if (!sent) co_return no_such_room();
    metrics_.messages_sent.Increment();
    co_return http::json(201, to_json(*sent));
}

awaitable<Response> RoomApi::history(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    auto query = parse_history_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    query->reader = who.user_id;
    const auto history =
        co_await messages_.history(room_id_of(request), *query, who.written, request.deadline);
    if (!history) co_return no_such_room();
    co_return http::json(200, to_json(*history));
}

awaitable<std::optional<std::string>> RoomApi::find_room(std::string id, bool fresh,
                                                         Deadline deadline) {
    if (!fresh) {
        if (auto near = cache_.find_near(id)) co_return near;
        auto cached = co_await cache_.find(id);
        if (cached) co_return cached;
        auto load = [this, id, deadline] { return load_room(id, deadline); };
        co_return co_await flights_.run(std::move(id), std::move(load));
    }
    co_return co_await load_room(std::move(id), deadline);
}

awaitable<std::optional<std::string>> RoomApi::load_room(std::string id, Deadline deadline) {
    const auto room = co_await rooms_.find(std::move(id), deadline);
    if (!room) co_return std::nullopt;
    std::string json = to_json(*room);
    co_await cache_.put_loaded(room->id, room->version, json);
    co_return json;
}

}  // namespace chatflow::chat
