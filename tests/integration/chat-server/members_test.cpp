#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class MembersTest : public AccountsTest {
 protected:
    MembersTest() : ann_(sign_up("ann")), bob_(sign_up("bob")) {}

    static std::string id_of(const json& session) { return session.at("user").at("id"); }

    std::string open_room(const json& who, const json& room) {
        act_as(who);
        const Answer made = client_.post("/api/v1/rooms", room);
        EXPECT_EQ(made.status, 201) << made.body;
        return made.location;
    }

    Answer put_member(const std::string& room, const json& whom, const json& change = nullptr) {
        const std::string path = room + "/members/" + id_of(whom);
        if (change.is_null()) return client_.put(path, json::object());
        return client_.put(path, change);
    }

    Answer send(const std::string& room, const std::string& body = "hello") {
        return client_.post(room + "/messages", {{"body", body}});
    }

    json ann_;
    json bob_;
};

TEST_F(MembersTest, APublicRoomIsReadByAllAndWrittenByMembers) {
    const std::string room = open_room(ann_, {{"name", "General"}});
    act_as(bob_);
    EXPECT_EQ(client_.get(room).status, 200);
    EXPECT_EQ(client_.get(room + "/messages").status, 200);
    EXPECT_EQ(send(room).status, 404);

    EXPECT_EQ(put_member(room, bob_, {{"role", "owner"}}).status, 403);
    const Answer joined = put_member(room, bob_);
    ASSERT_EQ(joined.status, 200) << joined.body;
    EXPECT_EQ(joined.json()["role"], "member");
    EXPECT_EQ(send(room).status, 201);
    EXPECT_EQ(client_.patch(room, {{"topic", "mine"}}).status, 403);

    const std::string me = room + "/members/" + id_of(bob_);
    EXPECT_EQ(client_.remove(me).status, 204);
    EXPECT_EQ(send(room).status, 404);
}

TEST_F(MembersTest, APrivateRoomIsThereForItsMembersOnly) {
    const std::string room = open_room(ann_, {{"name", "Secret"}, {"kind", "private"}});
    ASSERT_EQ(send(room).status, 201);
    EXPECT_EQ(client_.get(room).status, 200);  // now it is in the cache
    act_as(bob_);
    for (const std::string& path : {room, room + "/messages", room + "/members"}) {
        EXPECT_EQ(client_.get(path).status, 404) << path;
    }
    EXPECT_EQ(client_.patch(room, {{"topic", "mine"}}).status, 404);
    EXPECT_EQ(put_member(room, bob_).status, 404);
    EXPECT_TRUE(client_.get("/api/v1/rooms").json()["rooms"].empty());

    act_as(ann_);
    ASSERT_EQ(put_member(room, bob_).status, 200);
    act_as(bob_);
    EXPECT_EQ(client_.get(room).status, 200);
    EXPECT_EQ(client_.get(room + "/messages").json()["messages"].size(), 1U);
    EXPECT_EQ(client_.get("/api/v1/rooms").json()["rooms"].size(), 1U);
}

TEST_F(MembersTest, TwoUsersHaveOneDirectRoomWhoeverOpensIt) {
    const std::string room = open_room(ann_, {{"kind", "direct"}, {"with", id_of(bob_)}});
    act_as(bob_);
    const Answer again = client_.post("/api/v1/rooms", {{"kind", "direct"}, {"with", id_of(ann_)}});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.location, room);
    EXPECT_EQ(send(room).status, 201);
    EXPECT_EQ(client_.remove(room + "/members/" + id_of(bob_)).status, 403);
    act_as(sign_up("eve"));
    EXPECT_EQ(client_.get(room).status, 404);
    EXPECT_EQ(client_
                  .post("/api/v1/rooms",
                        {{"kind", "direct"}, {"with", "01934567-89ab-7def-8123-456789abcdef"}})
                  .status,
              400);
}

TEST_F(MembersTest, ARoomKeepsAnOwner) {
    const std::string room = open_room(ann_, {{"name", "General"}});
    const std::string me = room + "/members/" + id_of(ann_);
    EXPECT_EQ(client_.remove(me).status, 403);
    EXPECT_EQ(client_.put(me, {{"role", "member"}}).status, 409);
    ASSERT_EQ(put_member(room, bob_, {{"role", "owner"}}).status, 200);
    EXPECT_EQ(client_.put(me, {{"role", "member"}}).status, 200);
    EXPECT_EQ(client_.remove(me).status, 204);
    act_as(bob_);
    const json members = client_.get(room + "/members").json()["members"];
    ASSERT_EQ(members.size(), 1U);
    EXPECT_EQ(members.at(0).at("handle"), "bob");
    EXPECT_EQ(members.at(0).at("role"), "owner");
}

TEST_F(MembersTest, WhoJoinsAgainKeepsTheRole) {
    const std::string room = open_room(ann_, {{"name", "General"}});
    const Answer owner = put_member(room, ann_);
    EXPECT_EQ(owner.status, 200);
    EXPECT_EQ(owner.json()["role"], "owner");
    ASSERT_EQ(put_member(room, bob_, {{"role", "moderator"}}).status, 200);
    act_as(bob_);
    EXPECT_EQ(put_member(room, bob_).json()["role"], "moderator");
    EXPECT_EQ(put_member(room, ann_).json()["role"], "owner");
    EXPECT_EQ(put_member(room, bob_, {{"role", "member"}}).json()["role"], "member");
}

TEST_F(MembersTest, ReceiptsGoForwardAndCountWhatIsUnread) {
    const std::string room = open_room(ann_, {{"name", "General"}});
    static_cast<void>(put_member(room, bob_));
    for (int i = 0; i < 3; ++i) ASSERT_EQ(send(room).status, 201);
    act_as(bob_);
    EXPECT_EQ(put_member(room, bob_).status, 200);
    const auto unread = [&] { return client_.get("/api/v1/users/me/rooms").json()["rooms"][0]; };
    EXPECT_EQ(unread()["unread"], 3);
    const json read = client_.put(room + "/receipt", {{"read", 2}}).json();
    EXPECT_EQ(read.at("last_read_seq"), 2);
    EXPECT_EQ(read.at("last_delivered_seq"), 2) << "what was read was delivered";
    EXPECT_EQ(client_.put(room + "/receipt", {{"read", 1}}).json()["last_read_seq"], 2);
    EXPECT_EQ(client_.put(room + "/receipt", {{"delivered", 99}}).json()["last_delivered_seq"], 3);
    EXPECT_EQ(unread()["unread"], 1);
    for (const json& wrong :
         {json{{"read", -1}}, json{{"read", 1.5}}, json{{"read", "1"}}, json::object()}) {
        EXPECT_EQ(client_.put(room + "/receipt", wrong).status, 400) << wrong;
    }
}

TEST_F(MembersTest, WhoMayNotIsRefused) {
    const std::string room = open_room(ann_, {{"name", "General"}});
    ASSERT_EQ(send(room).status, 201);
    ASSERT_EQ(client_.put(room + "/messages/1/reactions/%F0%9F%91%8D", json::object()).status, 204);
    const json eve = sign_up("eve");
    const std::string nobody = "01934567-89ab-7def-8123-456789abcdef";
    EXPECT_EQ(client_.put(room + "/members/" + nobody, json::object()).status, 404);
    ASSERT_EQ(put_member(room, bob_).status, 200);
    ASSERT_EQ(put_member(room, eve).status, 200);
    act_as(bob_);  // a plain member
    EXPECT_EQ(client_.remove(room + "/members/" + id_of(eve)).status, 403);
    EXPECT_EQ(client_.remove(room + "/members/" + id_of(ann_)).status, 403);
    EXPECT_EQ(put_member(room, eve, {{"role", "moderator"}}).status, 403);
    // One's own reaction and nobody else's: there is none of his.
    EXPECT_EQ(client_.remove(room + "/messages/1/reactions/%F0%9F%91%8D").status, 204);
    EXPECT_EQ(client_.get(room + "/messages/1").json()["reactions"]["👍"], 1);
    EXPECT_EQ(client_.remove("/api/v1/users/" + id_of(ann_) + "/ban").status, 403);
    EXPECT_EQ(client_.remove("/api/v1/admin/users/" + id_of(ann_) + "/sessions").status, 403);
    act_as(sign_up("out"));  // no member
    EXPECT_EQ(client_.put(room + "/receipt", {{"read", 1}}).status, 404);
    EXPECT_EQ(client_.remove(room + "/members/" + id_of(bob_)).status, 403);
    EXPECT_EQ(client_.remove(room + "/messages/1/reactions/%F0%9F%91%8D").status, 403);
    EXPECT_EQ(client_.get(room + "/messages/1").json()["reactions"]["👍"], 1);
}

TEST_F(MembersTest, AListHasPublicRoomsAndOnesOwnEachOnce) {
    std::vector<std::string> wanted;
    for (int i = 0; i < 3; ++i) {
        static_cast<void>(open_room(bob_, {{"name", "of bob"}, {"kind", "private"}}));
        wanted.push_back(open_room(bob_, {{"name", "of all"}}));
        wanted.push_back(open_room(ann_, {{"name", "of ann"}, {"kind", "private"}}));
        wanted.push_back(open_room(ann_, {{"name", "of ann and all"}}));
    }
    std::ranges::reverse(wanted);  // newest first
    std::vector<std::string> listed;
    std::string after;
    act_as(ann_);
    for (int pages = 0; pages < 10; ++pages) {
        const json page = client_.get("/api/v1/rooms?limit=2" + after).json();
        for (const json& room : page.at("rooms")) {
            listed.push_back("/api/v1/rooms/" + room.at("id").get<std::string>());
        }
        if (page.at("next").is_null()) break;
        after = "&after=" + page.at("next").get<std::string>();
    }
    EXPECT_EQ(listed, wanted);
}

TEST_F(MembersTest, MembersAreListedPageByPage) {
    const std::string room = open_room(ann_, {{"name", "General"}});
    for (const char* handle : {"cid", "dan", "eve"}) {
        const json user = sign_up(handle);
        act_as(ann_);
        ASSERT_EQ(put_member(room, user).status, 200);
    }
    std::vector<std::string> handles;
    std::string path = room + "/members?limit=2";
    for (int page = 0; page < 4 && !path.empty(); ++page) {
        const json members = client_.get(path).json();
        for (const json& member : members.at("members")) handles.push_back(member.at("handle"));
        path = members.at("next").is_null()
                   ? ""
                   : room + "/members?limit=2&after=" + members.at("next").get<std::string>();
    }
    std::ranges::sort(handles);
    EXPECT_EQ(handles, (std::vector<std::string>{"ann", "cid", "dan", "eve"}));
}

}  // namespace
}  // namespace chatflow::chat
