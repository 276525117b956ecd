#include "hack/load/requests.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::load {
namespace {

Requests requests(Mix mix) {
    Requests all({.host = "::1", .port = "80"}, mix, "run");
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
    all.use_token("abc");
    EXPECT_FALSE(all.load(0).contains("sender"));
    EXPECT_TRUE(all.load(0).contains("\r\nAuthorization: Bearer abc\r\n"));
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
