#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;

// 400 x 200; of a picture only the header is looked at.
constexpr auto kPicture = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\1\x90\0\0\0\xC8\x08\2\0\0\0"sv;
constexpr auto kBomb = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0"sv;

class UploadsTest : public AccountsTest {
 protected:
    UploadsTest() : ann_(sign_up("ann")), bob_(sign_up("bob")) {
        act_as(ann_);
        room_ = client_.post("/api/v1/rooms", {{"name", "x"}, {"kind", "private"}}).location;
    }

    static std::string form(std::string_view content, const std::string& type,
                            const std::string& boundary = "xyz") {
        return "--" + boundary +
               "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\n"
               "Content-Type: " +
               type + "\r\n\r\n" + std::string(content) + "\r\n--" + boundary + "--\r\n";
    }

    Answer upload(std::string_view content, const std::string& type = "image/png",
                  const std::string& headers = "", const std::string& boundary = "xyz") {
        return client_.call("POST", "/api/v1/uploads", form(content, type, boundary), headers,
                            "multipart/form-data; boundary=" + boundary);
    }

    std::filesystem::path file_of(const json& upload) {
        const std::string id = upload.at("id");
        return folder_.path() / "media" / id.substr(id.size() - 2) / (id + ".png");
    }

    std::string send(const std::string& body) {
        const json sent = client_.post(room_ + "/messages", {{"body", body}}).json();
        return room_ + "/messages/" + std::to_string(sent.at("seq").get<int>());
    }

    bool has_job(const std::string& id) {
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        auto* reply = static_cast<redisReply*>(
            redisCommand(redis, "HGET bull:media:upload-%s data", id.c_str()));
        const bool is_there = reply != nullptr && reply->type == REDIS_REPLY_STRING &&
                              std::string_view(reply->str).contains(id + ".png");
        freeReplyObject(reply);
        redisFree(redis);
        return is_there;
    }

    json ann_;
    json bob_;
    std::string room_;
};

TEST_F(UploadsTest, AFileIsStoredAndFetchedByItsSignedAddress) {
    const Answer made = upload(kPicture);
    ASSERT_EQ(made.status, 201) << made.body;
    const json file = made.json();
    EXPECT_EQ(file.at("media_type"), "image/png");
    EXPECT_EQ(file.at("width"), 400);
    EXPECT_EQ(file.at("name"), "cat.png");
    EXPECT_EQ(file.at("thumbnails").size(), 2U);
    EXPECT_TRUE(std::filesystem::exists(file_of(file)));
    EXPECT_TRUE(eventually([&] { return has_job(file.at("id")); }));

    ApiClient anybody(guarded_.port());  // the address is the permission
    const std::string url = file.at("url");
    const Answer fetched = anybody.get(url);
    ASSERT_EQ(fetched.status, 200) << fetched.body;
    EXPECT_EQ(fetched.body, kPicture);
    EXPECT_EQ(fetched.content_type, "image/png");
    EXPECT_EQ(fetched.headers.at("cache-control"), "public, max-age=3600, immutable");
    const Answer same = anybody.get(url, "If-None-Match: " + fetched.headers.at("etag") + "\r\n");
    EXPECT_EQ(same.status, 304);
    std::string forged = url;
    forged.back() = forged.back() == '0' ? '1' : '0';
    EXPECT_EQ(anybody.get(forged).status, 403);
    EXPECT_EQ(anybody.get(url.substr(0, url.find('?'))).status, 403);
    // The worker has not made it yet.
    EXPECT_EQ(anybody.get(file.at("thumbnails").at(0).at("url").get<std::string>()).status, 404);
}

TEST_F(UploadsTest, WhatIsNotAPictureOrTooLargeIsRefused) {
    EXPECT_EQ(upload("<html>hello</html>", "image/png").status, 415);
    EXPECT_EQ(upload(kPicture, "image/jpeg").status, 415);
    EXPECT_TRUE(upload(kBomb).body.contains("65536 x 65536"));
    EXPECT_EQ(upload(std::string(kPicture) + std::string(215'000, 'x')).status, 413);
    EXPECT_EQ(upload(std::string(kPicture) + std::string(190'000, 'x')).status, 201);
    EXPECT_EQ(client_.post("/api/v1/uploads", {{"file", "x"}}).status, 415);
    const Answer broken = client_.call("POST", "/api/v1/uploads", "--xyz\r\n", "",
                                       "multipart/form-data; boundary=xyz");
    EXPECT_EQ(broken.status, 400);
    client_.use_token("");
    EXPECT_EQ(upload(kPicture).status, 401);
    EXPECT_EQ(upload(std::string(kPicture) + std::string(100'000, 'x')).status, 401);
    EXPECT_EQ(ask_database("SELECT count(*) FROM uploads"), "1");
}

TEST_F(UploadsTest, SentAgainUnderOneKeyItIsOneFile) {
    const Answer first = upload(kPicture, "image/png", "Idempotency-Key: k\r\n");
    const Answer second = upload(kPicture, "image/png", "Idempotency-Key: k\r\n", "another");
    EXPECT_EQ(second.status, 201) << second.body;
    EXPECT_EQ(second.json()["id"], first.json()["id"]);
    EXPECT_EQ(ask_database("SELECT count(*) FROM uploads"), "1");
}

TEST_F(UploadsTest, SentAgainItIsAnsweredWithAnAddressThatIsGood) {
    const std::string key = "Idempotency-Key: k\r\n";
    const json first = upload(kPicture, "image/png", key).json();
    ask_database("UPDATE idempotency_keys SET body = '{\"url\":\"/expired\"}' RETURNING 'done'");
    const Answer again = upload(kPicture, "image/png", key);
    EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
    EXPECT_EQ(again.location, "/api/v1/uploads/" + first.at("id").get<std::string>());
    EXPECT_EQ(again.json(), first);
}

TEST_F(UploadsTest, AFileThatCannotBeRemovedKeepsNoOther) {
    const json stuck = upload(kPicture).json();
    std::filesystem::remove(file_of(stuck));
    std::filesystem::create_directories(file_of(stuck) / "not empty");
    std::vector<json> all = {stuck};
    for (int i = 0; i < 5; ++i) all.push_back(upload(kPicture).json());
    ask_database(
        "WITH u AS (UPDATE uploads SET created_at = now() - interval '25 hours' RETURNING 1) "
        "SELECT count(*) FROM u");
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM uploads") == "1"; }));
    std::filesystem::remove_all(file_of(stuck));
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM uploads") == "0"; }));
}

TEST_F(UploadsTest, AnAttachmentIsSeenByTheRoomAndGoesWithItsMessage) {
    const json file = upload(kPicture).json();
    const std::string address = "/api/v1/uploads/" + file.at("id").get<std::string>();
    const std::string message = send("look");
    const std::string attachment = message + "/attachments/" + file.at("id").get<std::string>();
    act_as(bob_);
    EXPECT_EQ(client_.get(address).status, 404);
    EXPECT_EQ(client_.get(message + "/attachments").status, 404);
    EXPECT_EQ(client_.put(attachment, {}).status, 404);  // it is not his
    act_as(ann_);
    EXPECT_EQ(
        client_.put(room_ + "/members/" + bob_["user"]["id"].get<std::string>(), json::object())
            .status,
        200);
    EXPECT_EQ(client_.put(attachment, {}).status, 204);
    EXPECT_EQ(client_.put(attachment, {}).status, 204);
    EXPECT_EQ(
        client_.put(send("other") + "/attachments/" + file.at("id").get<std::string>(), {}).status,
        409);
    act_as(bob_);
    EXPECT_EQ(client_.get(address).status, 200);
    const json list = client_.get(message + "/attachments").json()["attachments"];
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list.at(0).at("id"), file.at("id"));
    const json of_bob = upload(kPicture).json();
    EXPECT_EQ(
        client_.put(message + "/attachments/" + of_bob.at("id").get<std::string>(), {}).status,
        403);  // the message is not his
    EXPECT_EQ(client_.remove(address).status, 404);

    act_as(ann_);
    EXPECT_EQ(client_.remove(message).status, 204);
    EXPECT_EQ(client_.get(address).status, 404);
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(file_of(file)); }));
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM uploads") == "1"; }));
}

TEST_F(UploadsTest, FilesThatAreAttachedToNothingGoAfterADay) {
    const json loose = upload(kPicture).json();
    const json removed = upload(kPicture).json();
    EXPECT_EQ(client_.remove("/api/v1/uploads/" + removed.at("id").get<std::string>()).status, 204);
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(file_of(removed)); }));
    EXPECT_TRUE(std::filesystem::exists(file_of(loose)));
    ask_database(
        "WITH u AS (UPDATE uploads SET created_at = now() - interval '25 hours' RETURNING 1) "
        "SELECT count(*) FROM u");
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(file_of(loose)); }));
    EXPECT_TRUE(eventually([&] { return ask_database("SELECT count(*) FROM uploads") == "0"; }));
}

}  // namespace
}  // namespace chatflow::chat
