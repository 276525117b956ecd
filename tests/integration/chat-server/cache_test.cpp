#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <charconv>
#include <string>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class CacheTest : public AccountsTest {
 protected:
    CacheTest() : ann_(sign_up("ann")), bob_(sign_up("bob")) { act_as(ann_); }

    double counted(const std::string& result) const {
        const std::string page = ApiClient(guarded_.metrics_port()).get("/metrics").body;
        const std::string name =
            R"(chatflow_chat_cache_requests_total{cache="answers",result=")" + result + "\"} ";
        const auto place = page.find(name);
        if (place == std::string::npos) return -1;
        double value = -1;
        std::from_chars(page.data() + place + name.size(), page.data() + page.size(), value);
        return value;
    }

    std::string make_room_of(const std::string& name, const std::string& kind) {
        return client_.post("/api/v1/rooms", {{"name", name}, {"kind", kind}}).location;
    }

    std::size_t rooms_seen(ApiClient& client) {
        return client.get("/api/v1/rooms").json()["rooms"].size();
    }

    json ann_;
    json bob_;
};

TEST_F(CacheTest, ServesAListUntilARoomComes) {
    make_room_of("one", "public");
    EXPECT_EQ(rooms_seen(client_), 1U);
    const double hits = counted("hit");
    EXPECT_EQ(rooms_seen(client_), 1U);
    EXPECT_EQ(counted("hit"), hits + 1);
    EXPECT_EQ(ask_database("UPDATE rooms SET name = 'unseen' RETURNING name"), "unseen");
    EXPECT_FALSE(client_.get("/api/v1/rooms").body.contains("unseen")) << "the database is asked";
    EXPECT_TRUE(
        client_.get("/api/v1/rooms", "Cache-Control: no-cache\r\n").body.contains("unseen"));
    make_room_of("two", "public");
    EXPECT_EQ(rooms_seen(client_), 2U);
    EXPECT_TRUE(client_.get("/api/v1/rooms").body.contains("unseen"));
}

TEST_F(CacheTest, ShowsPrivateRoomsToWhomIsInThemFromThatMomentOn) {
    const std::string room = make_room_of("secret", "private");
    ApiClient bob(guarded_.port());
    bob.use_token(bob_["access_token"]);
    EXPECT_EQ(rooms_seen(client_), 1U);
    EXPECT_EQ(rooms_seen(bob), 0U);
    const std::string member = room + "/members/" + bob_["user"]["id"].get<std::string>();
    EXPECT_EQ(client_.put(member, json::object()).status, 200);
    EXPECT_EQ(rooms_seen(bob), 1U);
    EXPECT_EQ(client_.remove(member).status, 204);
    EXPECT_EQ(rooms_seen(bob), 0U);
    EXPECT_EQ(client_.patch(room, {{"name", "renamed"}}).status, 200);
    EXPECT_TRUE(client_.get("/api/v1/rooms").body.contains("renamed"));
}

TEST_F(CacheTest, KeepsProfilesUntilTheyChange) {
    const std::string profile = "/api/v1/users/" + ann_["user"]["id"].get<std::string>();
    client_.use_token(bob_["access_token"]);
    EXPECT_EQ(client_.get(profile).json()["display_name"], "ann");
    act_as(ann_);
    EXPECT_EQ(client_.patch("/api/v1/users/me", {{"display_name", "Ann B"}}).status, 200);
    const double misses = counted("miss");
    EXPECT_EQ(client_.get(profile).json()["display_name"], "Ann B");
    EXPECT_EQ(client_.get(profile).json()["display_name"], "Ann B");
    EXPECT_EQ(counted("miss"), misses + 1);
}

TEST_F(CacheTest, ShowsARoleThatTheCommandLineGave) {
    const std::string profile = "/api/v1/users/" + ann_["user"]["id"].get<std::string>();
    EXPECT_EQ(client_.get(profile).json()["role"], "user");
    EXPECT_EQ(guarded_.run({"set-role", "ann", "moderator"}), 0);
    EXPECT_EQ(client_.get(profile).json()["role"], "moderator");
    EXPECT_EQ(guarded_.run({"set-role", "nobody-here", "admin"}), 1);
}

TEST_F(CacheTest, RemembersThatSomebodyDoesNotExist) {
    const std::string nobody = "/api/v1/users/01a1fd8f-e490-763f-ac69-2b26a7113c1c";
    EXPECT_EQ(client_.get(nobody).status, 404);
    const double hits = counted("hit");
    EXPECT_EQ(client_.get(nobody).status, 404);
    EXPECT_EQ(counted("hit"), hits + 1);
}

TEST_F(CacheTest, ForgetsWhatRedisMissed) {
    const std::string profile = "/api/v1/users/" + ann_["user"]["id"].get<std::string>();
    EXPECT_EQ(client_.get(profile).status, 200);
    redis().freeze();
    EXPECT_EQ(client_.patch("/api/v1/users/me", {{"display_name", "Ann C"}}).status, 200);
    EXPECT_EQ(client_.get(profile).json()["display_name"], "Ann C") << "of PostgreSQL";
    redis().unfreeze();
    EXPECT_EQ(client_.get(profile).json()["display_name"], "Ann C");
    const auto is_kept_again = [&] {
        const double hits = counted("hit");
        EXPECT_EQ(client_.get(profile).json()["display_name"], "Ann C");
        return counted("hit") > hits;
    };
    EXPECT_TRUE(eventually(is_kept_again));
}

}  // namespace
}  // namespace chatflow::chat
