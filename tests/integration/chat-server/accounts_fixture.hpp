#pragma once

#include "tests/integration/chat-server/chat_server_test.hpp"
#include "tests/support/temporary_folder.hpp"

#include <string>
#include <vector>

namespace chatflow::chat {

/// A chat-server with authentication, and what its clients do.
class AccountsTest : public ChatServerTest {
 protected:
    AccountsTest();
    /// `files`: settings that say where uploads are, in place of a folder.
    explicit AccountsTest(const std::vector<std::string>& files);

    /// The answer to a sign-up: access_token, refresh_token, user.
    nlohmann::json sign_up(const std::string& handle);
    Answer log_in(const std::string& handle, const std::string& password = kPassword);
    Answer renew(const nlohmann::json& session);
    /// Signs up and logs in anew, so that the token says the role.
    nlohmann::json with_role(const std::string& handle, const std::string& role);
    void act_as(const nlohmann::json& session);
    /// Whether Redis tells the gateways that the user is banned.
    bool is_in_banned_set(const std::string& user_id);
    /// Any command; true when it was carried out.
    bool ask_redis(const std::vector<const char*>& words);
    /// The one value of the one row.
    std::string ask_database(const std::string& sql);

    static constexpr const char* kPassword = "correct horse battery";

    test::TemporaryFolder folder_;
    Program guarded_;
    ApiClient client_;
};

}  // namespace chatflow::chat
