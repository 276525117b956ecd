#include "workloads/chat-server/http/export_api.hpp"

#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "workloads/chat-server/domain/body_fields.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/http/tracing.hpp"

#include <chrono>
#include <expected>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

constexpr auto kProgressTime = 500ms;

Response no_such_export() { return http::problem(404, "There is no such export for you."); }

Response redis_is_away() {
    Response response = http::problem(503, "The queue of exports cannot be asked at the moment.");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

// {"room_id"?}: "" for all that the user has sent.
std::expected<std::string, FieldErrors> parse_export(std::string_view body) {
    BodyFields fields(body);
    std::string room = fields.optional("room_id", {.least = 1, .most = 36});
    if (fields.errors.empty() && !room.empty() && !is_uuid(room)) {
        fields.errors.push_back({"room_id", "must be the id of a room"});
    }
    fields.refuse_others({"room_id"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return room;
}

// A name as the worker gives them: nothing that leads out of the folder.
bool is_file_name(const std::string& name) {
    return !name.empty() && name.find_first_of("/\\") == std::string::npos &&
           !name.starts_with('.');
}

std::string text_of(const redis::Reply& reply, std::size_t at) {
    return reply[at].is_nil() ? std::string() : std::string(reply[at].text());
}

}  // namespace

void ExportApi::add_routes(http::Router& router, Gate& gate, Idempotency& idempotency) {
    auto take = [this](const Request& request, const Identity& who, const Operation& operation) {
        return ask(request, who, operation);
    };
    router.add(http::Method::Post, "/api/v1/exports",
               gate.members(idempotency.once(std::move(take)), LimitName::Export));
    router.add(http::Method::Get, "/api/v1/exports/{export}",
               gate.members([this](const Request& request, const Identity& who) {
                   return show(request, who);
               }));
    router.add(http::Method::Get, "/api/v1/exports/{export}/file",
               gate.members([this](const Request& request, const Identity& who) {
                   return fetch(request, who);
               }));
}

awaitable<Response> ExportApi::ask(const Request& request, const Identity& who,
                                   const Operation& operation) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    const auto room = parse_export(request.body);
    if (!room) co_return bad_body(room.error());
    if (!room->empty()) {
        const auto access =
            co_await members_.access(*room, who.user_id, postgres::kNewest, request.deadline);
        if (!access || !may_read(*access)) co_return no_such_room();
        // What a whole room has said leaves it by those who answer for it.
        if (!may_change(*access)) {
            co_return http::problem(403, "Only its moderators and owners export a room.");
        }
    }
    const Export made = co_await exports_.insert(operation.id, who.user_id, *room,
                                                 traceparent_of(request), request.deadline);
    Response response = http::json(
        202, Json{{"id", made.id}, {"state", "waiting"}, {"created_at", made.created_at}}.dump());
    response.headers.emplace_back("Location", "/api/v1/exports/" + made.id);
    co_return response;
}

awaitable<ExportApi::Progress> ExportApi::progress_of(const Export& wanted, Deadline deadline) {
    const auto reply = co_await redis_.call(
        redis::Command{"HMGET", "bull:exports:export-" + wanted.id, "finishedOn", "returnvalue",
                       "failedReason", "progress", "timestamp"},
        deadline.but_within(kProgressTime));
    const auto value = nlohmann::json::parse(text_of(reply, 1), nullptr, false);
    if (value.is_object() && value.contains("file") && value["file"].is_string()) {
        co_return Progress{.state = "done", .percent = "100", .file = value["file"], .reason = ""};
    }
    if (!text_of(reply, 0).empty()) {
        co_return Progress{.state = "failed", .reason = text_of(reply, 2)};
    }
    // Done and failed jobs are kept for a while only.
    if (text_of(reply, 4).empty()) {
        co_return Progress{.state = wanted.is_queued ? "waiting" : "gone"};
    }
    const auto progress = nlohmann::json::parse(text_of(reply, 3), nullptr, false);
    const bool is_running = progress.is_number_integer();
    co_return Progress{.state = is_running ? "running" : "waiting",
                       .percent = is_running ? progress.dump() : "0"};
}

awaitable<Response> ExportApi::show(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "export")) co_return std::move(*refusal);
    const auto wanted = co_await exports_.find(std::string(request.parameter("export")),
                                               who.user_id, request.deadline);
    if (!wanted) co_return no_such_export();
    try {
        const Progress progress = co_await progress_of(*wanted, request.deadline);
        Json json{{"id", wanted->id},
                  {"state", progress.state},
                  {"percent", std::stoi(progress.percent)},
                  {"created_at", wanted->created_at}};
        if (progress.state == "done") json["url"] = "/api/v1/exports/" + wanted->id + "/file";
        co_return http::json(200, json.dump());
    } catch (const redis::Error&) {
        co_return redis_is_away();
    }
}

awaitable<Response> ExportApi::fetch(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "export")) co_return std::move(*refusal);
    const auto wanted = co_await exports_.find(std::string(request.parameter("export")),
                                               who.user_id, request.deadline);
    if (!wanted) co_return no_such_export();
    Progress progress;
    try {
        progress = co_await progress_of(*wanted, request.deadline);
    } catch (const redis::Error&) {
        co_return redis_is_away();
    }
    if (progress.state != "done" || files_ == nullptr || !is_file_name(progress.file)) {
        co_return http::problem(409, "The export is " + progress.state + ".");
    }
    auto content = co_await files_->open(progress.file);
    if (!content) co_return http::problem(410, "The file has been taken away.");
    Response response{.status = 200, .content_type = "application/x-ndjson"};
    response.source = std::move(content);
    response.headers.emplace_back("ETag", "\"" + wanted->id + "\"");
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"" + wanted->id + ".jsonl\"");
    co_return response;
}

}  // namespace chatflow::chat
