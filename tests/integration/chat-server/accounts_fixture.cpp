#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <hiredis/hiredis.h>
#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using nlohmann::json;

// Ed25519, made for these tests: openssl genpkey -algorithm ed25519
constexpr const char* kSigningKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIE3Fco8Hil2DHTWBV8yvAUzP8XNWVr29yQ5XpwGDmAPS\n"
    "-----END PRIVATE KEY-----\n";

std::string key_file(const test::TemporaryFolder& folder) {
    const std::string path = (folder.path() / "signing.pem").string();
    std::ofstream(path) << kSigningKey;
    return path;
}

std::vector<std::string> media_folder(const test::TemporaryFolder& folder) {
    return {"CHATFLOW_MEDIA_FOLDER=" + (folder.path() / "media").string()};
}

// All that the server can do is there.
std::vector<std::string> everything(const test::TemporaryFolder& folder,
                                    const std::vector<std::string>& files) {
    const std::string secrets = (folder.path() / "secrets").string();
    std::ofstream(secrets) << "new\nold\n";
    std::vector<std::string> all = {
        "CHATFLOW_AUTH=required",
        "CHATFLOW_AUTH_SIGNING_KEYS_FILE=" + key_file(folder),
        "CHATFLOW_LINK_SECRETS_FILE=" + secrets,
        "CHATFLOW_PAYMENT_SECRETS_FILE=" + secrets,
        "CHATFLOW_EXPORT_FOLDER=" + (folder.path() / "exports").string(),
        "CHATFLOW_UPLOAD_BYTES_MAX=200000",
        "CHATFLOW_HOUSEKEEPING_SECONDS=1"};
    all.insert(all.end(), files.begin(), files.end());
    return all;
}

}  // namespace

AccountsTest::AccountsTest() : AccountsTest(std::vector<std::string>{}) {}

AccountsTest::AccountsTest(const std::vector<std::string>& files)
    : guarded_(servers_, everything(folder_, files.empty() ? media_folder(folder_) : files)),
      client_(guarded_.port()) {
    serve(guarded_);
}

json AccountsTest::sign_up(const std::string& handle) {
    const Answer made =
        client_.post("/api/v1/auth/signup", {{"handle", handle}, {"password", kPassword}});
    EXPECT_EQ(made.status, 201) << made.body;
    return made.json();
}

Answer AccountsTest::log_in(const std::string& handle, const std::string& password) {
    return client_.post("/api/v1/auth/login", {{"handle", handle}, {"password", password}});
}

Answer AccountsTest::renew(const json& session) {
    return client_.post("/api/v1/auth/refresh", {{"refresh_token", session.at("refresh_token")}});
}

json AccountsTest::with_role(const std::string& handle, const std::string& role) {
    static_cast<void>(sign_up(handle));
    EXPECT_EQ(guarded_.run({"set-role", handle, role}), 0);
    return log_in(handle).json();
}

void AccountsTest::act_as(const json& session) { client_.use_token(session.at("access_token")); }

bool AccountsTest::is_in_banned_set(const std::string& user_id) {
    redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
    auto* reply =
        static_cast<redisReply*>(redisCommand(redis, "SISMEMBER banned:users %s", user_id.c_str()));
    const bool is_member = reply != nullptr && reply->integer == 1;
    freeReplyObject(reply);
    redisFree(redis);
    return is_member;
}

bool AccountsTest::ask_redis(const std::vector<const char*>& words) {
    redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
    std::vector<const char*> arguments = words;
    auto* reply = static_cast<redisReply*>(
        redisCommandArgv(redis, static_cast<int>(arguments.size()), arguments.data(), nullptr));
    const bool is_done = reply != nullptr && reply->type != REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    redisFree(redis);
    return is_done;
}

std::string AccountsTest::ask_database(const std::string& sql) {
    pqxx::connection connection(postgres().connection_string(servers_.database));
    pqxx::work work(connection);
    auto value = work.exec(sql).one_field().as<std::string>();
    work.commit();
    return value;
}

}  // namespace chatflow::chat
