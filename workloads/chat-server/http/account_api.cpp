#include "workloads/chat-server/http/account_api.hpp"

#include "libs/base/base64.hpp"
#include "workloads/chat-server/domain/account_json.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/http/tracing.hpp"
#include "workloads/chat-server/io/password_hasher.hpp"
#include "workloads/chat-server/io/random.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;

Response no_such_user() { return http::problem(404, "There is no user with this id."); }

// The same for a handle that nobody has and for a wrong password.
Response not_let_in() {
    Response response = http::problem(401, "No user has this handle and password.");
    response.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="chatflow")");
    return response;
}

Response bad_refresh_token() {
    Response response = http::problem(401, "The refresh token cannot be used: log in again.");
    response.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="chatflow")");
    return response;
}

Response banned(const Ban& ban) {
    std::string detail = "This account is banned";
    if (ban.until) detail += " until " + format_rfc3339(*ban.until);
    return http::problem(403, detail + ": " + ban.reason);
}

std::string new_secret() { return encode_base64url(random_bytes(32)); }

}  // namespace

AccountApi::AccountApi(Clock& clock, AccountRepository& accounts, PasswordHasher& hasher,
                       const auth::SigningKeys& keys, const TokenSettings& tokens,
                       AnswerCache& answers, Metrics& metrics, Log log)
    : clock_(clock),
      accounts_(accounts),
      hasher_(hasher),
      keys_(keys),
      tokens_(tokens),
      answers_(answers),
      metrics_(metrics),
      log_(std::move(log)),
      ids_(random_seed()) {}

void AccountApi::add_routes(http::Router& router, Gate& gate) {
    using enum http::Method;
    const auto open = [&](LimitName limit,
                          awaitable<Response> (AccountApi::*member)(const Request&)) {
        return gate.open(
            limit, [this, member](const Request& request) { return (this->*member)(request); });
    };
    using Member = awaitable<Response> (AccountApi::*)(const Request&, const Identity&);
    const auto bound = [this](Member member) {
        return [this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        };
    };
    router.add(Post, "/api/v1/auth/signup", open(LimitName::Auth, &AccountApi::sign_up));
    router.add(Post, "/api/v1/auth/login", open(LimitName::Auth, &AccountApi::log_in));
    router.add(Post, "/api/v1/auth/refresh", open(LimitName::Api, &AccountApi::renew));
    router.add(Post, "/api/v1/auth/logout", open(LimitName::Api, &AccountApi::log_out));
    router.add(Get, "/.well-known/jwks.json",
               [this](const Request& request) { return show_keys(request); });
    router.add(Get, "/api/v1/users/me", gate.members(bound(&AccountApi::show_me)));
    router.add(Patch, "/api/v1/users/me", gate.members(bound(&AccountApi::change_me)));
    router.add(Get, "/api/v1/users/{user}", gate.members(bound(&AccountApi::show_user)));
    router.add(Put, "/api/v1/users/{user}/ban", gate.moderators(bound(&AccountApi::ban)));
    router.add(Delete, "/api/v1/users/{user}/ban", gate.moderators(bound(&AccountApi::lift_ban)));
}

awaitable<Response> AccountApi::sign_up(const Request& request) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto wanted = parse_sign_up(request.body);
    if (!wanted) co_return bad_body(wanted.error());
    std::string hash = co_await hasher_.hash(std::exchange(wanted->password, {}));
    const auto user = co_await accounts_.insert(ids_.next(clock_.now()), std::move(*wanted),
                                                std::move(hash), request.deadline);
    if (!user) {
        co_return http::problem(409, "The account cannot be made.",
                                {{"handle", "belongs to somebody else"}});
    }
    co_return co_await open_session(201, *user, request.deadline);
}

awaitable<Response> AccountApi::log_in(const Request& request) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    const auto given = parse_log_in(request.body);
    if (!given) co_return bad_body(given.error());
    const auto found = co_await accounts_.find_credentials(given->handle, request.deadline);
    if (!co_await is_password(found, given->password)) {
        metrics_.logins_refused.Increment();
        co_return not_let_in();
    }
    if (found->ban) {
        metrics_.logins_refused.Increment();
        co_return banned(*found->ban);
    }
    metrics_.logins_ok.Increment();
    if (is_outdated(found->password_hash)) {
        co_await hash_anew(*found, given->password, request.deadline);
    }
    co_return co_await open_session(200, found->user, request.deadline);
}

awaitable<bool> AccountApi::is_password(const std::optional<Credentials>& found,
                                        std::string password) {
    if (!found) co_return co_await hasher_.verify_nothing(std::move(password));
    co_return co_await hasher_.verify(found->password_hash, std::move(password));
}

awaitable<void> AccountApi::hash_anew(const Credentials& found, std::string password,
                                      Deadline deadline) {
    std::string hash = co_await hasher_.hash(std::move(password));
    co_await accounts_.replace_password_hash(found.user.id, found.password_hash, std::move(hash),
                                             deadline);
}

awaitable<Response> AccountApi::open_session(int status, const User& user, Deadline deadline) {
    const RefreshToken refresh{.session_id = ids_.next(clock_.now()), .secret = new_secret()};
    co_await accounts_.open_session(refresh, user.id, tokens_.refresh_time, deadline);
    co_return session_response(status, user, refresh);
}

awaitable<Response> AccountApi::renew(const Request& request) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    const auto text = parse_refresh(request.body);
    if (!text) co_return bad_body(text.error());
    auto token = parse_refresh_token(*text);
    if (!token) co_return bad_refresh_token();
    RefreshToken renewed{.session_id = token->session_id, .secret = new_secret()};
    const Renewal renewal = co_await accounts_.renew_session(
        std::move(*token), renewed.secret, tokens_.refresh_time, request.deadline);
    if (renewal.was_reused) {
        metrics_.refresh_tokens_reused.Increment();
        log_.warning("A refresh token was shown again after it was renewed; the session has ended",
                     {{"session", renewed.session_id}, {"trace_id", trace_id_of(request)}});
    }
    if (renewal.ban) co_return banned(*renewal.ban);
    if (!renewal.user) co_return bad_refresh_token();
    co_return session_response(200, *renewal.user, renewed);
}

awaitable<Response> AccountApi::log_out(const Request& request) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    const auto text = parse_refresh(request.body);
    if (!text) co_return bad_body(text.error());
    // A token that is good for nothing is logged out already.
    auto token = parse_refresh_token(*text);
    if (token) co_await accounts_.close_session(std::move(*token), request.deadline);
    co_return Response{.status = 204};
}

awaitable<Response> AccountApi::show_keys(const Request&) {
    Response response = http::json(200, keys_.jwks());
    response.headers.emplace_back("Cache-Control", "public, max-age=60");
    co_return response;
}

awaitable<Response> AccountApi::show_me(const Request& request, const Identity& who) {
    const auto user = co_await accounts_.find(who.user_id, request.deadline);
    if (!user) co_return no_such_user();
    co_return http::json(200, to_json(*user));
}

awaitable<Response> AccountApi::change_me(const Request& request, const Identity& who) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto name = parse_profile_change(request.body);
    if (!name) co_return bad_body(name.error());
    const auto user = co_await accounts_.rename(who.user_id, std::move(*name), request.deadline);
    if (!user) co_return no_such_user();
    co_await answers_.forget({profile_tag(user->id)});
    co_return http::json(200, to_json(*user));
}

awaitable<Response> AccountApi::show_user(const Request& request, const Identity&) {
    if (auto refusal = refuse_id(request, "user")) co_return std::move(*refusal);
    const std::string id(request.parameter("user"));
    CachedQuestion question{.name = profile_tag(id), .tags = {profile_tag(id)}};
    auto load = [this, id,
                 deadline = request.deadline](bool) -> awaitable<std::optional<std::string>> {
        const auto user = co_await accounts_.find(id, deadline);
        if (!user) co_return std::nullopt;
        co_return to_json(*user);
    };
    auto json = co_await answers_.find(std::move(question), std::move(load));
    if (!json) co_return no_such_user();
    co_return http::json(200, std::move(*json));
}

awaitable<Response> AccountApi::ban(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "user")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto ban = parse_ban(request.body, clock_.now());
    if (!ban) co_return bad_body(ban.error());
    ban->user_id = std::string(request.parameter("user"));
    const auto whom = co_await accounts_.find(ban->user_id, request.deadline);
    if (!whom) co_return no_such_user();
    if (!may_ban(who.role, whom->role)) {
        co_return http::problem(403, "Only an admin bans moderators, and nobody bans an admin.");
    }
    log_.info("Banned a user",
              {{"user", ban->user_id}, {"by", who.user_id}, {"trace_id", trace_id_of(request)}});
    co_await accounts_.ban(std::move(*ban), who.user_id, request.deadline);
    co_return Response{.status = 204};
}

awaitable<Response> AccountApi::lift_ban(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "user")) co_return std::move(*refusal);
    const std::string user(request.parameter("user"));
    if (!co_await accounts_.lift_ban(user, who.user_id, request.deadline)) {
        co_return http::problem(404, "This user is not banned.");
    }
    log_.info("Lifted a ban",
              {{"user", user}, {"by", who.user_id}, {"trace_id", trace_id_of(request)}});
    co_return Response{.status = 204};
}

Response AccountApi::session_response(int status, const User& user, const RefreshToken& refresh) {
    const Identity identity{
        .user_id = user.id, .session_id = refresh.session_id, .role = user.role};
    const std::string access = keys_.sign(access_claims(identity, tokens_, clock_.now()));
    Response response =
        http::json(status, session_json(user, access, tokens_.access_time, to_string(refresh)));
    response.headers.emplace_back("Cache-Control", "no-store");  // RFC 6749 §5.1
    return response;
}

}  // namespace chatflow::chat
