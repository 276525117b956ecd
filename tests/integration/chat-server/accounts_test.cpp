#include "libs/base/time.hpp"
#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

TEST_F(AccountsTest, WhoSignsUpMaySendAndIsTheSender) {
    const json ann = sign_up("ann");
    act_as(ann);
    const Answer room = client_.post("/api/v1/rooms", {{"name", "General"}});
    ASSERT_EQ(room.status, 201) << room.body;
    const Answer sent = client_.post(room.location + "/messages", {{"body", "hello"}});
    ASSERT_EQ(sent.status, 201) << sent.body;
    EXPECT_EQ(sent.json()["sender"], ann.at("user").at("id"));

    const Answer forged =
        client_.post(room.location + "/messages", {{"body", "hello"}, {"sender", "somebody"}});
    EXPECT_EQ(forged.status, 400);
    EXPECT_EQ(forged.json()["errors"][0]["path"], "sender");
}

TEST_F(AccountsTest, NothingIsServedWithoutAToken) {
    for (const char* path : {"/api/v1/rooms", "/api/v1/users/me"}) {
        const Answer answer = client_.get(path);
        EXPECT_EQ(answer.status, 401) << path;
        EXPECT_EQ(answer.content_type, "application/problem+json");
        EXPECT_EQ(answer.challenge, R"(Bearer realm="chatflow")");
    }
    std::string token = sign_up("ann")["access_token"];
    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
    client_.use_token(token);
    const Answer forged = client_.get("/api/v1/users/me");
    EXPECT_EQ(forged.status, 401);
    EXPECT_EQ(forged.challenge, R"(Bearer realm="chatflow", error="invalid_token")");
}

TEST_F(AccountsTest, AHandleBelongsToOne) {
    static_cast<void>(sign_up("ann"));
    const Answer again =
        client_.post("/api/v1/auth/signup", {{"handle", "ann"}, {"password", kPassword}});
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.json()["errors"][0]["path"], "handle");
}

TEST_F(AccountsTest, AWrongPasswordAndAnUnknownHandleAreAnsweredAlike) {
    static_cast<void>(sign_up("ann"));
    const Answer wrong = log_in("ann", "not the password");
    const Answer unknown = log_in("nobody", "not the password");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(wrong.body, unknown.body);
    EXPECT_EQ(log_in("ann").status, 200);
}

TEST_F(AccountsTest, APasswordOfAnotherSystemLetsInAndIsHashedAnew) {
    static_cast<void>(sign_up("ann"));
    // bcrypt of "letmein", cost 4, by another program.
    const std::string bcrypt = "$2b$04$abcdefghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5C";
    ask_database("UPDATE users SET password_hash = '" + bcrypt + "' RETURNING handle");
    EXPECT_EQ(log_in("ann", "letmeout").status, 401);
    EXPECT_EQ(log_in("ann", "letmein").status, 200);
    EXPECT_TRUE(ask_database("SELECT password_hash FROM users").starts_with("$argon2id$"));
    EXPECT_EQ(log_in("ann", "letmein").status, 200);
}

TEST_F(AccountsTest, ARefreshTokenIsGoodOnceAndItsCopyEndsTheSession) {
    const json first = sign_up("ann");
    const Answer second = renew(first);
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_NE(second.json()["refresh_token"], first.at("refresh_token"));
    // A client whose answer was lost asks again at once.
    ASSERT_EQ(renew(first).status, 200);

    ask_database(
        "UPDATE sessions SET rotated_at = rotated_at - interval '1 minute' RETURNING 'done'");
    EXPECT_EQ(renew(first).status, 401);
    EXPECT_EQ(renew(second.json()).status, 401);
}

TEST_F(AccountsTest, LoggingOutEndsTheSession) {
    const json session = sign_up("ann");
    const Answer out =
        client_.post("/api/v1/auth/logout", {{"refresh_token", session.at("refresh_token")}});
    EXPECT_EQ(out.status, 204);
    EXPECT_EQ(renew(session).status, 401);
    EXPECT_EQ(client_.post("/api/v1/auth/logout", json::object()).status, 400);
    EXPECT_EQ(client_.post("/api/v1/auth/logout", {{"refresh_token", 7}}).status, 400);
}

TEST_F(AccountsTest, SessionsThatHaveExpiredAreTakenAway) {
    static_cast<void>(sign_up("ann"));
    static_cast<void>(sign_up("bob"));
    ask_database(
        "WITH s AS (UPDATE sessions SET expires_at = now() - interval '1 second' "
        "WHERE user_id = (SELECT id FROM users WHERE handle = 'ann') RETURNING 1) "
        "SELECT count(*) FROM s");
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM sessions") == "1"; }));
}

TEST_F(AccountsTest, AProfileIsShownAndChanged) {
    act_as(sign_up("ann"));
    const Answer changed = client_.patch("/api/v1/users/me", {{"display_name", "Ann Ü. 😀"}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(client_.get("/api/v1/users/me").json(), changed.json());
    const std::string id = changed.json()["id"];
    EXPECT_EQ(client_.get("/api/v1/users/" + id).json()["display_name"], "Ann Ü. 😀");
    EXPECT_FALSE(changed.body.contains("password"));
    for (const json& wrong : {json::object(), json{{"display_name", ""}}, json{{"handle", "x"}},
                              json{{"display_name", std::string(1000, 'x')}}}) {
        EXPECT_EQ(client_.patch("/api/v1/users/me", wrong).status, 400) << wrong;
    }
}

TEST_F(AccountsTest, ABanShutsOutAtOnceAndCanBeLifted) {
    const json ann = sign_up("ann");
    const json moderator = with_role("mod", "moderator");
    const std::string ban = "/api/v1/users/" + ann.at("user").at("id").get<std::string>() + "/ban";

    act_as(ann);
    EXPECT_EQ(client_.put(ban, {{"reason", "no"}}).status, 403);
    act_as(moderator);
    EXPECT_EQ(client_.put(ban, {{"reason", "spam"}, {"until", "2020-01-01T00:00:00Z"}}).status,
              400);
    ASSERT_EQ(client_.put(ban, {{"reason", "spam"}}).status, 204);

    act_as(ann);
    EXPECT_TRUE(eventually([&] { return client_.get("/api/v1/users/me").status == 403; }));
    EXPECT_EQ(log_in("ann").status, 403);
    EXPECT_TRUE(log_in("ann").body.contains("spam"));
    EXPECT_EQ(renew(ann).status, 401);  // its sessions were ended

    act_as(moderator);
    EXPECT_EQ(client_.remove(ban).status, 204);
    EXPECT_EQ(client_.remove(ban).status, 404);
    const Answer back = log_in("ann");
    EXPECT_EQ(back.status, 200);
    act_as(back.json());
    EXPECT_TRUE(eventually([&] { return client_.get("/api/v1/users/me").status == 200; }));
}

TEST_F(AccountsTest, ABanReachesTheGatewaysAndEndsByItself) {
    const json ann = sign_up("ann");
    const std::string id = ann.at("user").at("id");
    act_as(with_role("mod", "moderator"));
    const auto until = std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::system_clock::now() + std::chrono::seconds(2));
    const Answer banned = client_.put("/api/v1/users/" + id + "/ban",
                                      {{"reason", "spam"}, {"until", format_rfc3339_micro(until)}});
    ASSERT_EQ(banned.status, 204) << banned.body;
    EXPECT_TRUE(eventually([&] { return is_in_banned_set(id); }));
    EXPECT_TRUE(eventually([&] { return !is_in_banned_set(id); }));
    EXPECT_EQ(log_in("ann").status, 200);
}

TEST_F(AccountsTest, ABanThatRedisRefusesIsNotToldAfterItsEnd) {
    const json ann = sign_up("ann");
    const std::string id = ann.at("user").at("id");
    act_as(with_role("mod", "moderator"));
    const std::string ban = "/api/v1/users/" + id + "/ban";
    // A ban needs memory in Redis, its end none.
    ask_redis({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(client_.put(ban, {{"reason", "spam"}}).status, 204);
    EXPECT_EQ(client_.remove(ban).status, 204);
    std::this_thread::sleep_for(std::chrono::seconds(2));  // it is tried every 500 ms
    ask_redis({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM outbox") == "0"; }));
    EXPECT_FALSE(is_in_banned_set(id));
}

TEST_F(AccountsTest, BansAreKnownHoweverManyThereAreAtOnce) {
    const json ann = sign_up("ann");
    ask_database(
        "WITH u AS (INSERT INTO users (id, handle, display_name, password_hash) "
        "SELECT gen_random_uuid(), 'u' || n, '', '' FROM generate_series(1, 2500) n RETURNING id), "
        "b AS (INSERT INTO bans (user_id, reason, banned_by, changed_at) "
        "SELECT id, 'spam', id, now() FROM u UNION ALL "
        "SELECT id, 'spam', id, now() + interval '1 millisecond' FROM users RETURNING 1) "
        "SELECT count(*) FROM b");
    act_as(ann);
    EXPECT_TRUE(eventually([&] { return client_.get("/api/v1/users/me").status == 403; }));
}

TEST_F(AccountsTest, NobodyBansAnAdmin) {
    const json admin = with_role("root", "admin");
    const std::string ban =
        "/api/v1/users/" + admin.at("user").at("id").get<std::string>() + "/ban";
    act_as(with_role("mod", "moderator"));
    EXPECT_EQ(client_.put(ban, {{"reason", "mutiny"}}).status, 403);
}

TEST_F(AccountsTest, ThePublicKeysAreServed) {
    const Answer keys = client_.get("/.well-known/jwks.json");
    ASSERT_EQ(keys.status, 200);
    EXPECT_EQ(keys.json()["keys"][0]["alg"], "EdDSA");
    EXPECT_FALSE(keys.body.contains(R"("d")"));
}

// Ed25519, another one than the fixture's.
constexpr const char* kNewKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n"
    "-----END PRIVATE KEY-----\n";

TEST_F(AccountsTest, ANewKeyIsKnownToAllPodsBeforeOneSignsWithIt) {
    std::stringstream old_key;
    old_key << std::ifstream(folder_.path() / "signing.pem").rdbuf();
    const auto pod_with = [&](const std::string& name, const std::string& keys) {
        const std::string file = (folder_.path() / name).string();
        std::ofstream(file) << keys;
        auto pod = std::make_unique<Program>(
            servers_, std::vector<std::string>{"CHATFLOW_AUTH=required",
                                               "CHATFLOW_AUTH_SIGNING_KEYS_FILE=" + file});
        serve(*pod);
        return pod;
    };
    const auto verifies = pod_with("verifies", old_key.str() + kNewKey);
    const auto signs = pod_with("signs", kNewKey + old_key.str());
    const auto shown_to = [](const Program& pod, const json& session) {
        ApiClient client(pod.port());
        client.use_token(session.at("access_token"));
        return client.get("/api/v1/users/me").status;
    };
    const json by_old = sign_up("ann");
    const json credentials = {{"handle", "ann"}, {"password", kPassword}};
    const json by_new = ApiClient(signs->port()).post("/api/v1/auth/login", credentials).json();
    for (const Program* pod : {verifies.get(), signs.get()}) {
        EXPECT_EQ(shown_to(*pod, by_old), 200);
        EXPECT_EQ(shown_to(*pod, by_new), 200);
    }
    // Why nobody signs with it before.
    EXPECT_EQ(shown_to(guarded_, by_old), 200);
    EXPECT_EQ(shown_to(guarded_, by_new), 401);
    EXPECT_EQ(ApiClient(verifies->port()).get("/.well-known/jwks.json").json()["keys"].size(), 2U);
}

TEST_F(ChatServerTest, WithoutASigningKeyItDoesNotStart) {
    const Program program(servers_, {"CHATFLOW_AUTH=required"});
    EXPECT_EQ(program.run({"serve"}), EXIT_FAILURE);
    EXPECT_TRUE(program.log().contains("CHATFLOW_AUTH_SIGNING_KEYS_FILE")) << program.log();
}

}  // namespace
}  // namespace chatflow::chat
