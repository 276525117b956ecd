#include "workloads/chat-server/http/room_api.hpp"

#include "workloads/chat-server/domain/json_codec.hpp"
#include "workloads/chat-server/domain/parse_body.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/io/random.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

Response no_such_room() { return http::problem(404, "There is no room with this id."); }

PageParameters page_parameters(const Request& request) {
    if (request.query.empty()) return {};
    return {.limit = request.query_value("limit"),
            .before = request.query_value("before"),
            .after = request.query_value("after")};
}

std::string room_id_of(const Request& request) { return std::string(request.parameter("room")); }

// The client asks for what is stored now, not for what a cache holds.
bool wants_fresh(const Request& request) {
    const auto control = request.header("Cache-Control");
    return control && control->contains("no-cache");
}

}  // namespace

RoomApi::RoomApi(const Clock& clock, RoomRepository& rooms, MessageRepository& messages,
                 RoomCache& cache, RoomFlights& flights, Metrics& metrics)
    : clock_(clock),
      rooms_(rooms),
      messages_(messages),
      cache_(cache),
      flights_(flights),
      metrics_(metrics),
      ids_(random_seed()) {}

void RoomApi::add_routes(http::Router& router, Gate& gate) {
    using enum http::Method;
    using Member = awaitable<Response> (RoomApi::*)(const Request&, const Identity&);
    const auto bound = [this, &gate](Member member) {
        return gate.members([this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        });
    };
    router.add(Post, "/api/v1/rooms", bound(&RoomApi::create));
    router.add(Get, "/api/v1/rooms", bound(&RoomApi::list));
    router.add(Get, "/api/v1/rooms/{room}", bound(&RoomApi::show));
    router.add(Patch, "/api/v1/rooms/{room}", bound(&RoomApi::change));
    router.add(Post, "/api/v1/rooms/{room}/messages", bound(&RoomApi::send));
    router.add(Get, "/api/v1/rooms/{room}/messages", bound(&RoomApi::history));
}

awaitable<Response> RoomApi::create(const Request& request, const Identity&) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto room = parse_new_room(request.body);
    if (!room) co_return bad_body(room.error());
    const Room made =
        co_await rooms_.insert(ids_.next(clock_.now()), std::move(*room), request.deadline);
    Response response = http::json(201, to_json(made));
    response.headers.emplace_back("Location", "/api/v1/rooms/" + made.id);
    co_return response;
}

awaitable<Response> RoomApi::list(const Request& request, const Identity&) {
    auto query = parse_rooms_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    const RoomPage page = co_await rooms_.list(std::move(*query), request.deadline);
    co_return http::json(200, to_json(page));
}

awaitable<Response> RoomApi::show(const Request& request, const Identity&) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    auto json = co_await find_room(room_id_of(request), wants_fresh(request), request.deadline);
    if (!json) co_return no_such_room();
    co_return http::json(200, std::move(*json));
}

awaitable<Response> RoomApi::change(const Request& request, const Identity&) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto change = parse_room_change(request.body);
    if (!change) co_return bad_body(change.error());
    const auto room =
        co_await rooms_.update(room_id_of(request), std::move(*change), request.deadline);
    if (!room) co_return no_such_room();
    std::string json = to_json(*room);
    co_await cache_.put_changed(room->id, room->version, json);
    co_return http::json(200, std::move(json));
}

awaitable<Response> RoomApi::send(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto message = parse_new_message(request.body, who.user_id);
    if (!message) co_return bad_body(message.error());
    const auto sent = co_await messages_.send(room_id_of(request), ids_.next(clock_.now()),
                                              std::move(*message), request.deadline);
    if (!sent) co_return no_such_room();
    metrics_.messages_sent.Increment();
    co_return http::json(201, to_json(*sent));
}

awaitable<Response> RoomApi::history(const Request& request, const Identity&) {
    if (auto refusal = refuse_id(request, "room")) co_return std::move(*refusal);
    const auto query = parse_history_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    const auto history = co_await messages_.history(room_id_of(request), *query, request.deadline);
    if (!history) co_return no_such_room();
    co_return http::json(200, to_json(*history));
}

awaitable<std::optional<std::string>> RoomApi::find_room(std::string id, bool fresh,
                                                         Deadline deadline) {
    if (!fresh) {
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
