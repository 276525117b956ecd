#include "workloads/chat-server/http/gate.hpp"

#include "libs/http/problem.hpp"
#include "workloads/chat-server/io/positions.hpp"
#include "workloads/chat-server/io/rate_limiter.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

std::string_view text_of(LimitName name) {
    switch (name) {
        case LimitName::Api:
            return "api";
        case LimitName::Auth:
            return "auth";
        case LimitName::Export:
            return "export";
        case LimitName::Webhook:
            break;
    }
    return "webhook";
}

// RFC 6750 §3: what is wrong with the token stands in WWW-Authenticate.
Response not_logged_in(std::string_view detail, std::string_view error) {
    Response response = http::problem(401, detail);
    std::string challenge = R"(Bearer realm="chatflow")";
    if (!error.empty()) challenge += R"(, error=")" + std::string(error) + '"';
    response.headers.emplace_back("WWW-Authenticate", std::move(challenge));
    return response;
}

Response refusal_of(Rejection rejection) {
    switch (rejection) {
        case Rejection::NoToken:
            return not_logged_in("Log in, and send the access token as Authorization: Bearer.", "");
        case Rejection::ExpiredToken:
            return not_logged_in("The access token has expired: renew it.", "invalid_token");
        case Rejection::Banned:
            return http::problem(403, "This account is banned.");
        case Rejection::BadToken:
            break;
    }
    return not_logged_in("The access token cannot be used.", "invalid_token");
}

Response too_many(const RateVerdict& verdict) {
    Response response = http::problem(429, "Too many requests: see Retry-After.");
    response.headers.emplace_back("Retry-After", std::to_string(verdict.reset.count()));
    return response;
}

constexpr const char* kPositionHeader = "Chatflow-Position";

Response bad_position() {
    return http::problem(400, "The Chatflow-Position cannot be used.",
                         {{kPositionHeader, "must be that of an earlier response"}});
}

Response cannot_count() {
    Response response = http::problem(503, "Requests cannot be counted at the moment.");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

}  // namespace

struct Gate::Passage {
    LimitName limit;
    bool is_open;
    Role least;
    MemberHandler handler;
};

Gate::Gate(Clock& clock, GateSettings settings, Authenticator* authenticator, RateLimiter& limiter,
           Positions* positions, Metrics& metrics)
    : clock_(clock),
      settings_(std::move(settings)),
      authenticator_(authenticator),
      limiter_(limiter),
      positions_(positions),
      metrics_(metrics) {}

http::Handler Gate::open(LimitName limit, http::Handler handler) {
    auto everybody = [handler = std::move(handler)](const Request& request, const Identity&) {
        return handler(request);
    };
    return [this, passage = Passage{limit, true, Role::User, std::move(everybody)}](
               const Request& request) { return pass(passage, request); };
}

http::Handler Gate::members(MemberHandler handler, LimitName limit) {
    return [this, passage = Passage{limit, false, Role::User, std::move(handler)}](
               const Request& request) { return pass(passage, request); };
}

http::Handler Gate::moderators(MemberHandler handler) {
    return [this, passage = Passage{LimitName::Api, false, Role::Moderator, std::move(handler)}](
               const Request& request) { return pass(passage, request); };
}

http::Handler Gate::admins(MemberHandler handler) {
    return [this, passage = Passage{LimitName::Api, false, Role::Admin, std::move(handler)}](
               const Request& request) { return pass(passage, request); };
}

std::expected<Identity, Response> Gate::identify(const Request& request) {
    if (authenticator_ == nullptr) return Identity{};
    const auto authorization = request.header("Authorization").value_or("");
    auto identity = authenticator_->authenticate(authorization, clock_.now());
    if (!identity) return std::unexpected(refusal_of(identity.error()));
    return std::move(*identity);
}

std::optional<Response> Gate::refuse(const Request& request) {
    auto known = identify(request);
    if (known) return std::nullopt;
    return std::move(known.error());
}

std::string Gate::client_of(const Request& request) const {
    return client_address(request.remote, request.list("X-Forwarded-For"),
                          settings_.trusted_proxies);
}

std::optional<RateLimit> Gate::limit_of(LimitName name) const {
    switch (name) {
        case LimitName::Api:
            return settings_.api_limit;
        case LimitName::Auth:
            return settings_.auth_limit;
        case LimitName::Export:
            return settings_.export_limit;
        case LimitName::Webhook:
            break;
    }
    return settings_.webhook_limit;
}

// Whoever has written sees it afterwards, whichever server is asked.
awaitable<Response> Gate::handle(const Passage& passage, const Request& request, Identity identity,
                                 std::string client) {
    if (positions_ == nullptr) co_return co_await passage.handler(request, identity);
    const bool is_read =
        request.method == http::Method::Get || request.method == http::Method::Head;
    if (is_read) {
        const auto told = request.header(kPositionHeader);
        if (told && !postgres::parse_lsn(*told)) co_return bad_position();
        identity.written =
            told ? *postgres::parse_lsn(*told) : co_await positions_->of(std::move(client));
        co_return co_await passage.handler(request, identity);
    }
    Response response = co_await passage.handler(request, identity);
    if (response.status < 400) {
        const auto position = co_await positions_->advance(std::move(client), request.deadline);
        if (position) {
            response.headers.emplace_back(kPositionHeader, postgres::to_string(*position));
        }
    }
    co_return response;
}

awaitable<Response> Gate::pass(const Passage& passage, const Request& request) {
    Identity identity;
    if (!passage.is_open) {
        auto known = identify(request);
        if (!known) co_return std::move(known.error());
        identity = std::move(*known);
        if (identity.role < passage.least) {
            co_return http::problem(403, passage.least == Role::Admin
                                             ? "Only admins may do this."
                                             : "Only moderators and admins may do this.");
        }
    }
    const auto limit = limit_of(passage.limit);
    if (!limit && positions_ == nullptr) co_return co_await passage.handler(request, identity);
    std::string client = identity.user_id.empty() ? client_of(request) : identity.user_id;
    if (!limit) {
        co_return co_await handle(passage, request, std::move(identity), std::move(client));
    }
    const std::string_view name = text_of(passage.limit);
    const auto verdict = co_await limiter_.count(name, *limit, client);
    if (!verdict) metrics_.limits_uncounted.Increment();
    if (!verdict && !settings_.is_open_without_redis) co_return cannot_count();
    if (verdict && !verdict->is_allowed) metrics_.requests_limited(name).Increment();

    Response response;
    if (!verdict || verdict->is_allowed) {
        response = co_await handle(passage, request, std::move(identity), std::move(client));
    } else {
        response = too_many(*verdict);
    }
    if (verdict) {
        response.headers.emplace_back("RateLimit-Policy", rate_limit_policy_header(name, *limit));
        response.headers.emplace_back("RateLimit", rate_limit_header(name, *verdict));
    }
    co_return response;
}

}  // namespace chatflow::chat
