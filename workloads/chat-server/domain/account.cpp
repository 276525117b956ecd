#include "workloads/chat-server/domain/account.hpp"

#include "workloads/chat-server/domain/body_fields.hpp"
#include "workloads/chat-server/domain/limits.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

constexpr TextRule kHandle{
    .least = kHandleMin, .most = kHandleMax, .characters = Characters::Handle};
constexpr TextRule kDisplayName{.least = 1, .most = kDisplayNameMax};
constexpr TextRule kNewPassword{.least = kPasswordMin, .most = kPasswordMax};
// Passwords of other systems may be shorter than ours have to be.
constexpr TextRule kAnyPassword{.least = 1, .most = kPasswordMax};
constexpr TextRule kRefreshToken{.least = 1, .most = 128};
constexpr TextRule kReason{.least = 1, .most = kBanReasonMax};
constexpr TextRule kTime{.least = 1, .most = 40};

template <class T>
std::expected<T, FieldErrors> result(BodyFields& fields, T value) {
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return value;
}

}  // namespace

std::string_view to_string(Role role) {
    switch (role) {
        case Role::User:
            return "user";
        case Role::Moderator:
            return "moderator";
        case Role::Admin:
            return "admin";
    }
    return "user";
}

std::optional<Role> role_named(std::string_view name) {
    for (const Role role : {Role::User, Role::Moderator, Role::Admin}) {
        if (to_string(role) == name) return role;
    }
    return std::nullopt;
}

std::expected<SignUp, FieldErrors> parse_sign_up(std::string_view body) {
    BodyFields fields(body);
    SignUp sign_up{.handle = fields.required("handle", kHandle),
                   .password = fields.required("password", kNewPassword),
                   .display_name = fields.optional("display_name", kDisplayName)};
    fields.refuse_others({"handle", "password", "display_name"});
    if (sign_up.display_name.empty()) sign_up.display_name = sign_up.handle;
    return result(fields, std::move(sign_up));
}

std::expected<LogIn, FieldErrors> parse_log_in(std::string_view body) {
    BodyFields fields(body);
    LogIn log_in{.handle = fields.required("handle", kHandle),
                 .password = fields.required("password", kAnyPassword)};
    fields.refuse_others({"handle", "password"});
    return result(fields, std::move(log_in));
}

std::expected<std::string, FieldErrors> parse_refresh(std::string_view body) {
    BodyFields fields(body);
    std::string token = fields.required("refresh_token", kRefreshToken);
    fields.refuse_others({"refresh_token"});
    return result(fields, std::move(token));
}

std::expected<std::string, FieldErrors> parse_profile_change(std::string_view body) {
    BodyFields fields(body);
    std::string name = fields.required("display_name", kDisplayName);
    fields.refuse_others({"display_name"});
    return result(fields, std::move(name));
}

std::expected<Ban, FieldErrors> parse_ban(std::string_view body, TimePoint now) {
    BodyFields fields(body);
    Ban ban{.reason = fields.required("reason", kReason)};
    const std::string until = fields.optional("until", kTime);
    fields.refuse_others({"reason", "until"});
    if (fields.errors.empty() && !until.empty()) {
        ban.until = parse_rfc3339(until);
        if (!ban.until || *ban.until <= now) {
            fields.errors.push_back({"until", "must be a time to come, as 2026-12-01T08:00:00Z"});
        }
    }
    return result(fields, std::move(ban));
}

bool may_ban(Role who, Role whom) {
    if (who == Role::Admin) return whom != Role::Admin;
    return who == Role::Moderator && whom == Role::User;
}

}  // namespace chatflow::chat
