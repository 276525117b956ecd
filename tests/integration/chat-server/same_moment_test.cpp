#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using nlohmann::json;

/// What happens at the same moment: the test holds a row until all requests wait.
class SameMomentTest : public AccountsTest {
 protected:
    SameMomentTest()
        : connection_(postgres().connection_string(servers_.database)),
          ann_(sign_up("ann")),
          bob_(sign_up("bob")) {
        act_as(ann_);
        room_ = client_.post("/api/v1/rooms", {{"name", "General"}}).location;
        room_id_ = room_.substr(room_.rfind('/') + 1);
    }

    static std::string id_of(const json& session) { return session.at("user").at("id"); }

    [[nodiscard]] std::string member(const json& whom) const {
        return room_ + "/members/" + id_of(whom);
    }

    // Answered on a connection of its own; the status.
    std::future<int> ask(const json& who, std::string method, std::string path,
                         std::string body = {}) {
        return std::async(
            std::launch::async,
            [port = guarded_.port(), token = who.at("access_token").get<std::string>(),
             method = std::move(method), path = std::move(path), body = std::move(body)] {
                ApiClient client(port);
                client.use_token(token);
                return client.call(method, path, body).status;
            });
    }

    [[nodiscard]] bool wait(int count) {
        const std::string sql =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'";
        return eventually([&] { return ask_database(sql) == std::to_string(count); });
    }

    // Both own the room; of what they ask at once, one is done.
    void expect_one_owner_after(const std::string& method, const std::string& ann_asks,
                                const std::string& bob_asks, const std::string& body, int done) {
        ASSERT_EQ(client_.put(member(bob_), {{"role", "owner"}}).status, 200);
        pqxx::work held(connection_);
        held.exec("SELECT 1 FROM room_members WHERE room_id = $1 FOR UPDATE",
                  pqxx::params{room_id_});
        auto ann = ask(ann_, method, ann_asks, body);
        auto bob = ask(bob_, method, bob_asks, body);
        EXPECT_TRUE(wait(2));
        held.commit();
        std::vector<int> statuses = {ann.get(), bob.get()};
        std::ranges::sort(statuses);
        EXPECT_EQ(statuses, (std::vector<int>{done, 409}));
        EXPECT_EQ(ask_database("SELECT count(*) FROM room_members WHERE role = 'owner'"), "1");
    }

    pqxx::connection connection_;
    json ann_;
    json bob_;
    std::string room_;
    std::string room_id_;
};

TEST_F(SameMomentTest, OfTwoOwnersWhoStepDownOneStays) {
    expect_one_owner_after("PUT", member(ann_), member(bob_), R"({"role":"member"})", 200);
}

TEST_F(SameMomentTest, OfTwoOwnersWhoRemoveEachOtherOneStays) {
    expect_one_owner_after("DELETE", member(bob_), member(ann_), "", 204);
}

TEST_F(SameMomentTest, WhatIsPutToAMessageThatIsBeingDeletedGoesWithIt) {
    ASSERT_EQ(client_.post(room_ + "/messages", {{"body", "hello"}}).status, 201);
    const std::string upload = "01934567-89ab-7def-8123-456789abcdef";
    {
        pqxx::work stored(connection_);
        stored.exec(
            "INSERT INTO uploads (id, owner, name, media_type, extension, bytes, width, height, "
            "state) VALUES ($1, $2, 'a.png', 'image/png', 'png', 1, 1, 1, 'stored')",
            pqxx::params{upload, id_of(ann_)});
        stored.commit();
    }
    // An attachment and a reaction under way: both hold the message.
    pqxx::work held(connection_);
    held.exec("SELECT 1 FROM messages WHERE room_id = $1 AND seq = 1 FOR UPDATE",
              pqxx::params{room_id_});
    held.exec("UPDATE uploads SET room_id = $1, seq = 1 WHERE id = $2",
              pqxx::params{room_id_, upload});
    held.exec("INSERT INTO reactions (room_id, seq, user_id, emoji) VALUES ($1, 1, $2, '+')",
              pqxx::params{room_id_, id_of(bob_)});
    auto removed = ask(ann_, "DELETE", room_ + "/messages/1");
    EXPECT_TRUE(wait(1));
    held.commit();
    EXPECT_EQ(removed.get(), 204);
    EXPECT_EQ(ask_database("SELECT count(*) FROM uploads WHERE state = 'stored'"), "0");
    EXPECT_EQ(ask_database("SELECT count(*) FROM reactions"), "0");
}

}  // namespace
}  // namespace chatflow::chat
