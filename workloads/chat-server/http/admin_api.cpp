#include "workloads/chat-server/http/admin_api.hpp"

#include "libs/base/base64.hpp"
#include "workloads/chat-server/domain/account_json.hpp"
#include "workloads/chat-server/domain/body_fields.hpp"
#include "workloads/chat-server/domain/limits.hpp"
#include "workloads/chat-server/http/refusals.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

constexpr std::size_t kFilterMax = 100;

Response no_such_account() { return http::problem(404, "There is no user with this id."); }

bool is_plain(std::string_view text) {
    return text.size() <= kFilterMax &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// A parameter that selects; "" when it is not given.
std::string filter(const Request& request, const char* name, FieldErrors& errors) {
    std::string value = request.query_value(name).value_or("");
    if (is_plain(value)) return value;
    errors.push_back({name, "must have at most 100 visible characters of ASCII"});
    return {};
}

int limit_in(const Request& request, FieldErrors& errors) {
    const auto query = parse_rooms_query(
        {.limit = request.query_value("limit"), .before = {}, .after = {}, .text = {}, .room = {}});
    if (query) return query->limit;
    errors.insert(errors.end(), query.error().begin(), query.error().end());
    return kPageDefault;
}

std::string cursor_of(const AuditRecord& record) {
    return encode_base64url(record.recorded_at + " " + record.name);
}

std::optional<std::pair<std::string, std::string>> parse_audit_cursor(const std::string& text) {
    const auto place = decode_base64url(text);
    if (!place) return std::nullopt;
    const auto space = place->find(' ');
    if (space == std::string::npos || !parse_rfc3339(place->substr(0, space))) return std::nullopt;
    if (!is_plain(place->substr(space + 1))) return std::nullopt;
    return std::pair{place->substr(0, space), place->substr(space + 1)};
}

std::expected<Role, FieldErrors> parse_role(std::string_view body) {
    BodyFields fields(body);
    const auto role = role_named(fields.required("role", {.least = 1, .most = 20}));
    if (fields.errors.empty() && !role) {
        fields.errors.push_back({"role", "must be user, moderator or admin"});
    }
    fields.refuse_others({"role"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return *role;
}

}  // namespace

void AdminApi::add_routes(http::Router& router, Gate& gate) {
    using enum http::Method;
    using Handler = awaitable<Response> (AdminApi::*)(const Request&, const Identity&);
    const auto bound = [this, &gate](Handler member) {
        return gate.admins([this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        });
    };
    router.add(Get, "/api/v1/admin/users", bound(&AdminApi::list_users));
    router.add(Put, "/api/v1/admin/users/{user}/role", bound(&AdminApi::set_role));
    router.add(Delete, "/api/v1/admin/users/{user}/sessions", bound(&AdminApi::end_sessions));
    router.add(Get, "/api/v1/admin/audit", bound(&AdminApi::list_audit));
    router.add(Get, "/api/v1/admin/errors", bound(&AdminApi::list_errors));
}

awaitable<Response> AdminApi::list_users(const Request& request, const Identity& who) {
    FieldErrors errors;
    const int limit = limit_in(request, errors);
    std::string prefix = filter(request, "handle", errors);
    std::string after = filter(request, "after", errors);
    if (!errors.empty()) co_return bad_query(errors);
    auto users = co_await admin_.users(std::move(prefix), std::move(after), limit, who.written,
                                       request.deadline);
    const bool has_more = std::cmp_greater(users.size(), limit);
    if (has_more) users.pop_back();
    std::string json = R"({"users":[)";
    for (const User& user : users) {
        if (&user != &users.front()) json += ',';
        json += to_json(user);
    }
    const Json next = has_more ? Json(users.back().handle) : Json();
    co_return http::json(200, json + R"(],"next":)" + next.dump() + "}");
}

awaitable<Response> AdminApi::set_role(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "user")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    const auto role = parse_role(request.body);
    if (!role) co_return bad_body(role.error());
    const std::string user(request.parameter("user"));
    if (user == who.user_id) {
        co_return http::problem(409, "Nobody changes his own role: ask another admin.");
    }
    const auto changed = co_await admin_.set_role(user, *role, who.user_id, request.deadline);
    if (!changed) co_return no_such_account();
    co_await answers_.forget({profile_tag(user)});
    co_return http::json(200, to_json(*changed));
}

awaitable<Response> AdminApi::end_sessions(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "user")) co_return std::move(*refusal);
    const std::string user(request.parameter("user"));
    const int ended = co_await admin_.end_sessions(user, who.user_id, request.deadline);
    co_return http::json(200, Json{{"ended", ended}}.dump());
}

awaitable<Response> AdminApi::list_audit(const Request& request, const Identity& who) {
    FieldErrors errors;
    AuditQuery query{.actor = filter(request, "actor", errors),
                     .action = filter(request, "action", errors),
                     .before = {},
                     .limit = limit_in(request, errors)};
    if (const auto after = request.query_value("after")) {
        query.before = parse_audit_cursor(*after);
        if (!query.before) errors.push_back({"after", "must be a cursor from an earlier response"});
    }
    if (!errors.empty()) co_return bad_query(errors);
    const int limit = query.limit;
    auto records = co_await audit_.list(std::move(query), who.written, request.deadline);
    const bool has_more = std::cmp_greater(records.size(), limit);
    if (has_more) records.pop_back();
    Json json{{"entries", Json::array()},
              {"next", has_more ? Json(cursor_of(records.back())) : Json()}};
    for (const AuditRecord& record : records) {
        json["entries"].push_back({{"recorded_at", record.recorded_at},
                                   {"actor", record.actor},
                                   {"action", record.action},
                                   {"target", record.target},
                                   {"details", Json::parse(record.details, nullptr, false)}});
    }
    co_return http::json(200, json.dump());
}

awaitable<Response> AdminApi::list_errors(const Request& request, const Identity& who) {
    FieldErrors errors;
    const int limit = limit_in(request, errors);
    if (!errors.empty()) co_return bad_query(errors);
    const auto groups = co_await errors_.list(limit, who.written, request.deadline);
    Json json{{"errors", Json::array()}};
    for (const ErrorGroup& group : groups) {
        json["errors"].push_back(
            {{"fingerprint", group.fingerprint},
             {"count", group.count},
             {"last_five_minutes", group.last_five_minutes},
             {"is_spiking", is_spike(group.last_five_minutes, group.hour_before)},
             {"first_seen", group.first_seen},
             {"last_seen", group.last_seen},
             {"newest", Json::parse(group.sample, nullptr, false)}});
    }
    co_return http::json(200, json.dump());
}

}  // namespace chatflow::chat
