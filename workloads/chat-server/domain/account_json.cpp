#include "workloads/chat-server/domain/account_json.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const User& user) {
    return {{"id", user.id},
            {"handle", user.handle},
            {"display_name", user.display_name},
            {"role", to_string(user.role)},
            {"created_at", user.created_at}};
}

}  // namespace

std::string to_json(const User& user) { return json_of(user).dump(); }

std::string session_json(const User& user, const std::string& access_token,
                         std::chrono::seconds expires_in, const std::string& refresh_token) {
    return Json{{"access_token", access_token},
                {"token_type", "Bearer"},
                {"expires_in", expires_in.count()},
                {"refresh_token", refresh_token},
                {"user", json_of(user)}}
        .dump();
}

}  // namespace chatflow::chat
