#include "hack/load/requests.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace chatflow::load {
namespace {

Requests requests(Mix mix) {
    Requests all({.host = "::1", .port = 80}, mix, "run");
    all.use_rooms({"room-a", "room-b"});
    return all;
}

struct Kinds {
    int rooms = 0;
    int messages = 0;
    int sends = 0;

    bool operator==(const Kinds&) const = default;
};

Kinds kinds_of(Mix mix) {
    Kinds kinds;
    for (std::uint64_t n = 0; n < 20; ++n) {
        const std::string request = requests(mix).load(n);
        if (request.starts_with("POST ")) {
            ++kinds.sends;
        } else {
            ++(request.contains("/messages?") ? kinds.messages : kinds.rooms);
        }
    }
    return kinds;
}

TEST(Requests, AreMixedAsTheReadmeSays) {
    EXPECT_EQ(kinds_of(Mix::Read), (Kinds{.rooms = 10, .messages = 10, .sends = 0}));
    EXPECT_EQ(kinds_of(Mix::Write), (Kinds{.rooms = 0, .messages = 0, .sends = 20}));
    EXPECT_EQ(kinds_of(Mix::Mixed), (Kinds{.rooms = 8, .messages = 10, .sends = 2}));
}

TEST(Requests, UseRoomsInTurn) {
    EXPECT_TRUE(requests(Mix::Mixed).load(0).contains("/rooms/room-a"));
    EXPECT_TRUE(requests(Mix::Mixed).load(10).contains("/rooms/room-b"));
    EXPECT_TRUE(requests(Mix::Mixed).load(20).contains("/rooms/room-a"));
}

TEST(Requests, SendEachMessageUnderAnIdOfItsOwn) {
    std::set<std::string> all;
    for (std::uint64_t n = 0; n < 100; ++n) all.insert(requests(Mix::Write).load(n));
    EXPECT_EQ(all.size(), 100U);
}

TEST(Requests, NameASenderOnlyWithoutAToken) {
    Requests all = requests(Mix::Write);
    EXPECT_TRUE(all.load(0).contains(R"("sender":"load-0")"));
    EXPECT_FALSE(all.load(0).contains("Authorization"));
    all.use_token(0, "abc");
    EXPECT_FALSE(all.load(0).contains("sender"));
    EXPECT_TRUE(all.load(0).contains("\r\nAuthorization: Bearer abc\r\n"));
}

std::map<Kind, int> chat_kinds(const Requests& all) {
    std::map<Kind, int> kinds;
    for (std::uint64_t n = 500; n < 600; ++n) ++kinds[all.kind(n)];
    return kinds;
}

TEST(Requests, OfAChatHaveTheirSharesInAnyHundred) {
    Requests all = requests(Mix::Chat);
    all.use_token(0, "abc");
    auto kinds = chat_kinds(all);
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        EXPECT_EQ(kinds[static_cast<Kind>(kind)], kChatShares.at(kind)) << kind;
    }
}

TEST(Requests, OfAChatLeaveOutWhatTheServerDoesNotHave) {
    Requests all = requests(Mix::Chat);
    all.leave_out_uploads();
    EXPECT_EQ(chat_kinds(all)[Kind::Upload], 0);
    EXPECT_EQ(chat_kinds(all)[Kind::LogIn], 0) << "nobody has an account";
}

TEST(Requests, AreOfTheAccountThatHasTheRoom) {
    Requests all({.host = "h", .port = 80}, Mix::Write, "run", "secret", 2);
    all.use_rooms({"room-a", "room-b", "room-c"});
    all.use_token(0, "first");
    all.use_token(1, "second");
    for (const auto& [number, token] : {std::pair{0, "first"}, {10, "second"}, {20, "first"}}) {
        const std::string request = all.load(static_cast<std::uint64_t>(number));
        EXPECT_TRUE(request.contains(std::string("Bearer ") + token)) << request;
    }
    EXPECT_NE(all.sign_up(0), all.sign_up(1));
}

TEST(Requests, UploadAWholeForm) {
    const std::string request = requests(Mix::Chat).upload(0);
    const auto head_end = request.find("\r\n\r\n");
    EXPECT_TRUE(request.contains(
        "\r\nContent-Length: " + std::to_string(request.size() - head_end - 4) + "\r\n"));
    EXPECT_TRUE(request.contains("%PDF-"));
    EXPECT_TRUE(request.ends_with("--\r\n"));
}

TEST(Requests, AreWholeHttpRequests) {
    const std::string request = requests(Mix::Write).load(0);
    const auto head_end = request.find("\r\n\r\n");
    ASSERT_NE(head_end, std::string::npos);
    EXPECT_TRUE(request.contains("\r\nHost: [::1]:80\r\n"));
    EXPECT_TRUE(request.contains(
        "\r\nContent-Length: " + std::to_string(request.size() - head_end - 4) + "\r\n"));
}

}  // namespace
}  // namespace chatflow::load
