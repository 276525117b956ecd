#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class AdminTest : public AccountsTest {
 protected:
    AdminTest() : ann_(sign_up("ann")) {
        act_as(ann_);
        std::filesystem::create_directories(exports());
    }

    std::filesystem::path exports() { return folder_.path() / "exports"; }

    static std::string id_of(const json& session) { return session.at("user").at("id"); }

    template <class... Words>
    std::string ask_redis(const char* command, Words... words) {
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        auto* reply = static_cast<redisReply*>(redisCommand(redis, command, words...));
        const bool is_text = reply != nullptr && reply->type == REDIS_REPLY_STRING;
        std::string text = is_text ? std::string(reply->str, reply->len) : std::string();
        freeReplyObject(reply);
        redisFree(redis);
        return text;
    }

    json ann_;
};

TEST_F(AdminTest, OnlyAdminsSeeAndChangeAccountsAndItIsNoted) {
    const std::string role = "/api/v1/admin/users/" + id_of(ann_) + "/role";
    for (const char* path :
         {"/api/v1/admin/users", "/api/v1/admin/audit", "/api/v1/admin/errors"}) {
        EXPECT_EQ(client_.get(path).status, 403) << path;
        EXPECT_EQ(ApiClient(guarded_.port()).get(path).status, 401) << path;
    }
    EXPECT_EQ(client_.put(role, {{"role", "admin"}}).status, 403);

    const json root = with_role("root", "admin");
    act_as(root);
    const json page = client_.get("/api/v1/admin/users?limit=1").json();
    EXPECT_EQ(page.at("users").at(0).at("handle"), "ann");
    EXPECT_EQ(client_.get("/api/v1/admin/users?after=" + page.at("next").get<std::string>())
                  .json()["users"][0]["handle"],
              "root");
    EXPECT_EQ(client_.get("/api/v1/admin/users?handle=ro").json()["users"].size(), 1U);
    EXPECT_EQ(client_.get("/api/v1/admin/users?limit=0").status, 400);

    EXPECT_EQ(client_.put(role, {{"role", "king"}}).status, 400);
    EXPECT_EQ(client_.put(role, {{"role", "moderator"}}).json()["role"], "moderator");
    EXPECT_EQ(renew(ann_).status, 401);  // the new role is in the next token
    EXPECT_EQ(log_in("ann").json()["user"]["role"], "moderator");
    EXPECT_EQ(client_.remove("/api/v1/admin/users/" + id_of(ann_) + "/sessions").json()["ended"],
              1);
    EXPECT_EQ(
        client_.put("/api/v1/admin/users/" + id_of(root) + "/role", {{"role", "user"}}).status,
        409);
    const std::string nobody = "01934567-89ab-7def-8123-456789abcdef";
    EXPECT_EQ(client_.put("/api/v1/admin/users/" + nobody + "/role", {{"role", "user"}}).status,
              404);
    const std::string ban = "/api/v1/users/" + id_of(ann_) + "/ban";
    EXPECT_EQ(client_.put(ban, {{"reason", "spam"}}).status, 204);
    EXPECT_EQ(client_.remove(ban).status, 204);

    const json entries = client_.get("/api/v1/admin/audit").json()["entries"];
    ASSERT_EQ(entries.size(), 5U) << entries;
    EXPECT_EQ(entries.at(0).at("action"), "user.unban");
    EXPECT_EQ(entries.at(1).at("action"), "user.ban");
    EXPECT_EQ(entries.at(2).at("action"), "user.sessions");
    EXPECT_EQ(entries.at(3).at("action"), "user.role");
    EXPECT_EQ(entries.at(3).at("details").at("role"), "moderator");
    EXPECT_EQ(entries.at(3).at("actor"), id_of(root));
    EXPECT_EQ(entries.at(4).at("actor"), "chat-server set-role");
    EXPECT_EQ(entries.at(4).at("target"), id_of(root));
    EXPECT_EQ(entries.at(4).at("details").at("role"), "admin");
    const json first = client_.get("/api/v1/admin/audit?limit=4").json();
    const json rest =
        client_.get("/api/v1/admin/audit?after=" + first.at("next").get<std::string>()).json();
    ASSERT_EQ(rest.at("entries").size(), 1U);
    EXPECT_EQ(rest.at("entries").at(0).at("action"), "user.role");
    EXPECT_TRUE(rest.at("next").is_null());
    EXPECT_EQ(client_.get("/api/v1/admin/audit?action=user.ban").json()["entries"].size(), 1U);
    EXPECT_EQ(client_.get("/api/v1/admin/audit?after=x").status, 400);
}

TEST_F(AdminTest, AlikeErrorsAreCountedTogetherAndASpikeIsSignalled) {
    for (int i = 0; i < 12; ++i) {
        const Answer taken =
            client_.post("/api/v1/errors", {{"message", "Room " + std::to_string(i) + " is gone"}});
        EXPECT_EQ(taken.status, 202) << taken.body;
    }
    EXPECT_EQ(client_.post("/api/v1/errors", {{"message", "something else"}}).status, 202);
    EXPECT_EQ(client_.post("/api/v1/errors", {{"stack", "x"}}).status, 400);
    EXPECT_EQ(ApiClient(guarded_.port()).post("/api/v1/errors", {{"message", "x"}}).status, 401);
    const auto metric = [&] {
        return ApiClient(guarded_.metrics_port())
            .get("/metrics")
            .body.contains("chatflow_chat_error_spikes 1\n");
    };
    EXPECT_TRUE(eventually(metric));
    act_as(with_role("root", "admin"));
    const json errors = client_.get("/api/v1/admin/errors").json()["errors"];
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors.at(0).at("count"), 1);
    EXPECT_EQ(errors.at(0).at("is_spiking"), false);
    EXPECT_EQ(errors.at(1).at("count"), 12);
    EXPECT_EQ(errors.at(1).at("is_spiking"), true);
    EXPECT_EQ(errors.at(1).at("newest").at("message"), "Room 11 is gone");
}

TEST_F(AdminTest, PresenceIsWhatTheGatewaysKeep) {
    const std::string bob = id_of(sign_up("bob"));
    const std::string key = "{online:" + id_of(ann_) + "}:announced";
    ask_redis("SET %s 1 EX 60", key.c_str());
    const std::string both = "/api/v1/presence?users=" + id_of(ann_) + "," + bob;
    EXPECT_EQ(client_.get(both).json()["online"], (json{{id_of(ann_), true}, {bob, false}}));
    for (const char* query : {"", "?users=", "?users=ann", "?users=1,2"}) {
        EXPECT_EQ(client_.get(std::string("/api/v1/presence") + query).status, 400) << query;
    }
    EXPECT_EQ(ApiClient(guarded_.port()).get(both).status, 401);
}

TEST_F(AdminTest, AnExportIsAskedForFollowedAndFetchedByItsOwner) {
    const Answer asked = client_.post("/api/v1/exports", json::object());
    ASSERT_EQ(asked.status, 202) << asked.body;
    const std::string id = asked.json()["id"];
    const std::string key = "bull:exports:export-" + id;
    EXPECT_TRUE(
        eventually([&] { return ask_redis("HGET %s data", key.c_str()).contains(id_of(ann_)); }));
    EXPECT_EQ(client_.get(asked.location).json()["state"], "waiting");
    EXPECT_EQ(client_.get(asked.location + "/file").status, 409);
    // As the worker does it.
    ask_redis("HSET %s progress 40", key.c_str());
    EXPECT_EQ(client_.get(asked.location).json()["percent"], 40);
    std::ofstream(exports() / "export-1.jsonl") << "{}\n";
    ask_redis("HSET %s finishedOn 1 returnvalue %s", key.c_str(),
              R"({"file":"export-1.jsonl","messages":1})");
    const json done = client_.get(asked.location).json();
    EXPECT_EQ(done.at("state"), "done");
    const Answer file = client_.get(done.at("url").get<std::string>());
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.body, "{}\n");
    ask_redis("HSET %s returnvalue %s", key.c_str(), R"({"file":"../export-1.jsonl"})");
    EXPECT_EQ(client_.get(asked.location + "/file").status, 409);

    const std::string room = client_.post("/api/v1/rooms", {{"name", "x"}}).location;
    const json of_room = {{"room_id", room.substr(room.rfind('/') + 1)}};
    EXPECT_EQ(client_.post("/api/v1/exports", of_room).status, 202);
    EXPECT_EQ(client_.post("/api/v1/exports", {{"room_id", "7"}}).status, 400);
    act_as(sign_up("bob"));
    EXPECT_EQ(client_.get(asked.location).status, 404);
    EXPECT_EQ(client_.get(asked.location + "/file").status, 404);
    EXPECT_EQ(client_.post("/api/v1/exports", of_room).status, 403);
    client_.use_token("");
    EXPECT_EQ(client_.post("/api/v1/exports", json::object()).status, 401);
}

TEST_F(AdminTest, ExportsAreTakenAwayAfterADay) {
    const auto old_file = exports() / "1-export-a.jsonl";
    const auto new_file = exports() / "2-export-b.jsonl";
    std::ofstream(new_file) << "{}\n";
    std::ofstream(old_file) << "{}\n";
    std::filesystem::last_write_time(
        old_file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(26));
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(old_file); }));
    EXPECT_TRUE(std::filesystem::exists(new_file));
}

// Ids of version 7 begin with their time: these are of 1970 and of now.
TEST_F(AdminTest, ThatAnExportWasAskedForIsForgottenInTheEnd) {
    const std::string old = "00000000-0001-7000-8000-00000000000";
    ask_database("WITH e AS (INSERT INTO exports (id, user_id) SELECT concat('" + old +
                 "', n)::uuid, '" + id_of(ann_) +
                 "' FROM generate_series(1, 5) n RETURNING 1) SELECT count(*) FROM e");
    // Its job waits for Redis.
    ask_database(
        "WITH j AS (INSERT INTO job_outbox (queue, name, job_id, data, claimed_until) "
        "VALUES ('exports', 'export', 'export-" +
        old + "5', '{}', now() + interval '1 hour') RETURNING 1) SELECT count(*) FROM j");
    const Answer asked = client_.post("/api/v1/exports", json::object());
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM exports") == "2"; }));
    EXPECT_EQ(client_.get(asked.location).status, 200);
    EXPECT_EQ(client_.get("/api/v1/exports/" + old + "5").json()["state"], "waiting");
    EXPECT_EQ(client_.get("/api/v1/exports/" + old + "1").status, 404);
}

TEST_F(AdminTest, AnExportIsReadAsFastAsItIsTakenAndFewAtOnce) {
    constexpr int kReaders = 80;
    const Answer asked = client_.post("/api/v1/exports", json::object());
    const std::string key = "bull:exports:export-" + asked.json()["id"].get<std::string>();
    ASSERT_TRUE(eventually([&] { return !ask_redis("HGET %s data", key.c_str()).empty(); }));
    std::string content;
    for (int line = 0; content.size() < 8'000'000; ++line) {
        content += R"({"body":"line )" + std::to_string(line) + "\"}\n";
    }
    std::ofstream(exports() / "export-1.jsonl") << content;
    ask_redis("HSET %s finishedOn 1 returnvalue %s", key.c_str(),
              R"({"file":"export-1.jsonl","messages":1})");
    const std::string path = asked.location + "/file";
    const Answer file = client_.get(path, "Accept-Encoding: gzip\r\n");
    ASSERT_EQ(file.status, 200);
    EXPECT_TRUE(file.body == content);
    const std::string known = "If-None-Match: " + file.headers.at("etag") + "\r\n";
    EXPECT_EQ(client_.get(path, known).status, 304);
    EXPECT_EQ(client_.get(path).status, 200);  // the connection goes on

    // Readers that take nothing after the first line; each holds a piece, and there are so many.
    const std::string request = ApiClient::request(
        "GET", path, {}, {},
        "Authorization: Bearer " + ann_["access_token"].get<std::string>() + "\r\n");
    boost::asio::io_context io;
    std::vector<boost::asio::ip::tcp::socket> readers;
    int served = 0;
    for (int i = 0; i < kReaders; ++i) {
        auto& reader = readers.emplace_back(io);
        reader.open(boost::asio::ip::tcp::v4());
        reader.set_option(boost::asio::socket_base::receive_buffer_size(16'384));
        reader.connect({boost::asio::ip::address_v4::loopback(),
                        static_cast<boost::asio::ip::port_type>(guarded_.port())});
        boost::asio::write(reader, boost::asio::buffer(request));
        std::string first(12, '\0');
        boost::asio::read(reader, boost::asio::buffer(first));
        EXPECT_TRUE(first == "HTTP/1.1 200" || first == "HTTP/1.1 503") << first;
        if (first.ends_with("200")) ++served;
    }
    EXPECT_GE(served, 20);
    EXPECT_LE(served, 64);  // 32 of each of two event loops
    readers.clear();
    EXPECT_TRUE(eventually([&] { return client_.get(path).status == 200; }));
}

}  // namespace
}  // namespace chatflow::chat
