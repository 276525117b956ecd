#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <string>
#include <thread>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

constexpr const char* kThumbsUp = "%F0%9F%91%8D";

class MessagesTest : public AccountsTest {
 protected:
    MessagesTest() : ann_(sign_up("ann")), bob_(sign_up("bob")) {
        room_ = open_room({{"name", "General"}});
        act_as(bob_);
        EXPECT_EQ(client_.put(room_ + "/members/" + id_of(bob_), json::object()).status, 200);
    }

    static std::string id_of(const json& session) { return session.at("user").at("id"); }

    std::string open_room(const json& room) {
        act_as(ann_);
        return client_.post("/api/v1/rooms", room).location;
    }

    // The address of the message.
    std::string send(const json& who, const json& message) {
        act_as(who);
        const Answer sent = client_.post(room_ + "/messages", message);
        EXPECT_EQ(sent.status, 201) << sent.body;
        return room_ + "/messages/" + std::to_string(sent.json()["seq"].get<std::int64_t>());
    }

    std::vector<std::string> found(const std::string& query) {
        const Answer answer = client_.get("/api/v1/messages/search?q=" + query);
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::vector<std::string> bodies;
        const json page = answer.json();
        for (const json& message : page.at("messages")) bodies.push_back(message.at("body"));
        return bodies;
    }

    json ann_;
    json bob_;
    std::string room_;
};

TEST_F(MessagesTest, AnAuthorEditsAndDeletesAndModeratorsDelete) {
    const std::string of_bob = send(bob_, {{"body", "helo"}});
    const Answer edited = client_.patch(of_bob, {{"body", "hello"}});
    ASSERT_EQ(edited.status, 200) << edited.body;
    EXPECT_EQ(edited.json()["body"], "hello");
    EXPECT_TRUE(edited.json().contains("edited_at"));
    EXPECT_EQ(client_.patch(of_bob, {{"text", "x"}}).status, 400);

    const std::string of_ann = send(ann_, {{"body", "mine"}});
    EXPECT_EQ(client_.patch(of_bob, {{"body", "not mine"}}).status, 403);
    act_as(bob_);
    EXPECT_EQ(client_.remove(of_ann).status, 403);
    act_as(ann_);  // she owns the room
    EXPECT_EQ(client_.remove(of_bob).status, 204);
    EXPECT_EQ(client_.remove(of_bob).status, 204);
    EXPECT_EQ(client_.get(of_bob).json()["deleted"], true);
    EXPECT_EQ(client_.get(of_bob).json()["body"], "");
    act_as(bob_);
    EXPECT_EQ(client_.patch(of_bob, {{"body", "again"}}).status, 410);
    // The place in the room stays.
    EXPECT_EQ(client_.get(room_ + "/messages").json()["messages"].size(), 2U);
    EXPECT_EQ(ask_database("SELECT count(*) FROM messages WHERE body LIKE '%hello%'"), "0");
}

TEST_F(MessagesTest, WhatIsNotThereIsSaidToBeNotThere) {
    const std::string message = send(ann_, {{"body", "x"}});
    EXPECT_EQ(client_.get(room_ + "/messages/99").status, 404);
    EXPECT_EQ(client_.get(room_ + "/messages/0").status, 400);
    EXPECT_EQ(client_.get(room_ + "/messages/two").status, 400);
    room_ = open_room({{"name", "Secret"}, {"kind", "private"}});
    const std::string secret = send(ann_, {{"body", "secret"}});
    act_as(bob_);
    for (const auto& answer :
         {client_.get(secret), client_.get(secret + "/replies"), client_.remove(secret),
          client_.patch(secret, {{"body", "x"}}), client_.put(secret + "/reactions/x", {})}) {
        EXPECT_EQ(answer.status, 404) << answer.body;
    }
    act_as(sign_up("eve"));  // reads the public room, and is not in it
    EXPECT_EQ(client_.get(message).status, 200);
    EXPECT_EQ(client_.put(message + "/reactions/x", {}).status, 403);
}

TEST_F(MessagesTest, ReactionsAreCountedOncePerUser) {
    const std::string message = send(ann_, {{"body", "x"}});
    const std::string thumbs_up = message + "/reactions/" + kThumbsUp;
    for (const json& who : {ann_, bob_, bob_}) {
        act_as(who);
        EXPECT_EQ(client_.put(thumbs_up, {}).status, 204);
    }
    EXPECT_EQ(client_.get(message).json()["reactions"], (json{{"👍", 2}}));
    EXPECT_EQ(client_.remove(thumbs_up).status, 204);
    EXPECT_EQ(client_.remove(thumbs_up).status, 204);
    EXPECT_EQ(client_.get(message).json()["reactions"], (json{{"👍", 1}}));
    act_as(ann_);
    EXPECT_EQ(client_.remove(thumbs_up).status, 204);
    EXPECT_FALSE(client_.get(message).json().contains("reactions"));

    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client_.put(message + "/reactions/" + std::to_string(i), {}).status, 204);
    }
    EXPECT_EQ(client_.put(message + "/reactions/more", {}).status, 409);
    EXPECT_EQ(client_.put(message + "/reactions/a%20b", {}).status, 400);
    EXPECT_EQ(client_.put(message + "/reactions/%FF", {}).status, 400);
}

TEST_F(MessagesTest, ReactionsOfManyAtOnceAreAllCounted) {
    const std::string message = send(ann_, {{"body", "x"}});
    std::vector<std::thread> users;
    for (int i = 0; i < 8; ++i) {
        const json who = sign_up("user-" + std::to_string(i));
        act_as(who);
        ASSERT_EQ(client_.put(room_ + "/members/" + id_of(who), json::object()).status, 200);
        users.emplace_back([&, token = who.at("access_token").get<std::string>()] {
            ApiClient client(guarded_.port());
            client.use_token(token);
            EXPECT_EQ(client.put(message + "/reactions/x", {}).status, 204);
        });
    }
    for (std::thread& user : users) user.join();
    EXPECT_EQ(client_.get(message).json()["reactions"], (json{{"x", 8}}));
}

TEST_F(MessagesTest, AnswersMakeAThread) {
    const std::string first = send(ann_, {{"body", "question"}});
    const std::string answer = send(bob_, {{"body", "answer"}, {"reply_to", 1}});
    EXPECT_EQ(client_.get(answer).json()["reply_to"], 1);
    // An answer to an answer is one to the question.
    EXPECT_EQ(client_.get(send(ann_, {{"body", "thanks"}, {"reply_to", 2}})).json()["reply_to"], 1);
    send(ann_, {{"body", "something else"}});
    EXPECT_EQ(client_.post(room_ + "/messages", {{"body", "x"}, {"reply_to", 99}}).status, 404);

    const json page = client_.get(first + "/replies?limit=1").json();
    ASSERT_EQ(page.at("messages").size(), 1U);
    EXPECT_EQ(page.at("messages").at(0).at("body"), "answer");
    const json rest =
        client_.get(first + "/replies?after=" + page.at("next").get<std::string>()).json();
    ASSERT_EQ(rest.at("messages").size(), 1U);
    EXPECT_EQ(rest.at("messages").at(0).at("body"), "thanks");
    EXPECT_TRUE(rest.at("next").is_null());
}

TEST_F(MessagesTest, ASearchFindsWhatOneMayRead) {
    const std::string coffee = send(ann_, {{"body", "Coffee at three"}});
    send(ann_, {{"body", "No coffee, tea please"}});
    const std::string general = room_;
    room_ = open_room({{"name", "Secret"}, {"kind", "private"}});
    send(ann_, {{"body", "secret coffee"}});
    using List = std::vector<std::string>;
    EXPECT_EQ(found("coffee"), (List{"secret coffee", "No coffee, tea please", "Coffee at three"}));
    EXPECT_EQ(found("coffee+-tea"), (List{"secret coffee", "Coffee at three"}));
    const std::string id = general.substr(general.rfind('/') + 1);
    EXPECT_EQ(found("%22at+three%22&room=" + id), (List{"Coffee at three"}));
    act_as(bob_);
    EXPECT_EQ(found("coffee").size(), 2U);

    const json page = client_.get("/api/v1/messages/search?q=coffee&limit=1").json();
    EXPECT_EQ(page.at("messages").size(), 1U);
    EXPECT_EQ(found("coffee&after=" + page.at("next").get<std::string>()),
              (List{"Coffee at three"}));
    act_as(ann_);
    EXPECT_EQ(client_.remove(coffee).status, 204);
    act_as(bob_);
    EXPECT_EQ(found("coffee"), (List{"No coffee, tea please"}));
    for (const char* query : {"", "q=", "q=%FF", "q=%00", "q=x&room=7", "q=x&after=7"}) {
        EXPECT_EQ(client_.get(std::string("/api/v1/messages/search?") + query).status, 400)
            << query;
    }
}

}  // namespace
}  // namespace chatflow::chat
