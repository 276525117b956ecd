#pragma once

#include "libs/base/field_error.hpp"
#include "libs/base/time.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

enum class Role { User, Moderator, Admin };

/// "user", "moderator", "admin".
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> role_named(std::string_view name);

struct User {
    std::string id;  // UUID
    std::string handle;
    std::string display_name;
    Role role = Role::User;
    std::string created_at;  // RFC 3339

    bool operator==(const User&) const = default;
};

struct SignUp {
    std::string handle;
    std::string password;
    std::string display_name;  // the handle when none was given

    bool operator==(const SignUp&) const = default;
};

struct LogIn {
    std::string handle;
    std::string password;

    bool operator==(const LogIn&) const = default;
};

struct Ban {
    std::string user_id;
    std::string reason;
    std::optional<TimePoint> until;  // nothing: for good

    bool operator==(const Ban&) const = default;
};

[[nodiscard]] std::expected<SignUp, FieldErrors> parse_sign_up(std::string_view body);
[[nodiscard]] std::expected<LogIn, FieldErrors> parse_log_in(std::string_view body);
/// {"refresh_token": …}
[[nodiscard]] std::expected<std::string, FieldErrors> parse_refresh(std::string_view body);
/// {"display_name": …}
[[nodiscard]] std::expected<std::string, FieldErrors> parse_profile_change(std::string_view body);
/// {"reason": …, "until"?: …}; `until` lies after now.
[[nodiscard]] std::expected<Ban, FieldErrors> parse_ban(std::string_view body, TimePoint now);

/// Who may ban whom: a moderator users, an admin anybody but admins.
[[nodiscard]] bool may_ban(Role who, Role whom);

}  // namespace chatflow::chat
