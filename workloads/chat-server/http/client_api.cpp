#include "workloads/chat-server/http/client_api.hpp"

#include "libs/redis/errors.hpp"
#include "libs/redis/exists.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/http/refusals.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

constexpr auto kPresenceTime = 500ms;

// "id,id,…"
std::optional<std::vector<std::string>> users_of(const std::string& text) {
    std::vector<std::string> users;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(','), rest.size());
        const std::string_view id = rest.substr(0, end);
        if (!is_uuid(id) || users.size() == ClientApi::kPresenceMax) return std::nullopt;
        users.emplace_back(id);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (users.empty()) return std::nullopt;
    return users;
}

}  // namespace

void ClientApi::add_routes(http::Router& router, Gate& gate) {
    router.add(http::Method::Post, "/api/v1/errors",
               gate.members([this](const Request& request, const Identity& who) {
                   return report(request, who);
               }));
    router.add(http::Method::Get, "/api/v1/presence",
               gate.members([this](const Request& request, const Identity& who) {
                   return presence(request, who);
               }));
}

awaitable<Response> ClientApi::report(const Request& request, const Identity&) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto report = parse_error_report(request.body);
    if (!report) co_return bad_body(report.error());
    const std::string fingerprint = co_await errors_.add(std::move(*report), request.deadline);
    co_return http::json(202, R"({"fingerprint":")" + fingerprint + "\"}");
}

// What the socket gateways keep: a key per user who is told to be online.
awaitable<Response> ClientApi::presence(const Request& request, const Identity&) {
    const auto users = users_of(request.query_value("users").value_or(""));
    if (!users) {
        co_return bad_query({{"users", "must be 1 to 100 ids of users, with commas between"}});
    }
    std::vector<std::string> keys;
    for (const std::string& user : *users) keys.push_back("{online:" + user + "}:announced");
    std::string json = R"({"online":{)";
    try {
        const auto online =
            co_await redis::exist(redis_, std::move(keys), Deadline::after(kPresenceTime));
        for (std::size_t i = 0; i < users->size(); ++i) {
            if (json.back() != '{') json += ',';
            json += '"' + (*users)[i] + (online[i] ? R"(":true)" : R"(":false)");
        }
    } catch (const redis::Error&) {
        Response response = http::problem(503, "Who is online is not known at the moment.");
        response.headers.emplace_back("Retry-After", "1");
        co_return response;
    }
    co_return http::json(200, json + "}}");
}

}  // namespace chatflow::chat
