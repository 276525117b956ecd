#include "workloads/chat-server/domain/signed_link.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
const Secrets kSecrets = {"new", "old"};

LinkVerdict check(std::string_view name, const std::string& query, const Secrets& secrets,
                  TimePoint now) {
    const auto amp = query.find('&');
    const std::string expires = query.substr(9, amp - 9);
    const std::string signature = query.substr(query.rfind('=') + 1);
    return check_link(name, expires, signature, secrets, now);
}

TEST(SignedLink, IsGoodForOneToTwoHours) {
    const std::string query = link_query("a.jpg", kSecrets, kNow);
    EXPECT_EQ(check("a.jpg", query, kSecrets, kNow), LinkVerdict::Good);
    EXPECT_EQ(check("a.jpg", query, kSecrets, kNow + 1h), LinkVerdict::Good);
    EXPECT_EQ(check("a.jpg", query, kSecrets, kNow + 2h), LinkVerdict::Expired);
}

TEST(SignedLink, IsTheSameForAnHourSoThatCachesHoldOne) {
    const TimePoint hour = std::chrono::floor<std::chrono::hours>(kNow);
    EXPECT_EQ(link_query("a", kSecrets, hour), link_query("a", kSecrets, hour + 59min));
    EXPECT_NE(link_query("a", kSecrets, hour), link_query("a", kSecrets, hour + 60min));
}

TEST(SignedLink, IsForNothingElse) {
    const std::string query = link_query("a.jpg", kSecrets, kNow);
    EXPECT_EQ(check("b.jpg", query, kSecrets, kNow), LinkVerdict::Forged);
    EXPECT_EQ(check("a.jpg", query, {"other"}, kNow), LinkVerdict::Forged);
    const std::string signature = query.substr(query.rfind('=') + 1);
    EXPECT_EQ(check_link("a.jpg", "9999999999", signature, kSecrets, kNow), LinkVerdict::Forged);
    EXPECT_EQ(check_link("a.jpg", "", "", kSecrets, kNow), LinkVerdict::Forged);
    EXPECT_EQ(check_link("a.jpg", "", "", {}, kNow), LinkVerdict::Forged);
}

TEST(SignedLink, OfAnOlderSecretIsGoodUntilThatIsTakenAway) {
    const std::string query = link_query("a.jpg", {"old"}, kNow);
    EXPECT_EQ(check("a.jpg", query, kSecrets, kNow), LinkVerdict::Good);
    EXPECT_EQ(check("a.jpg", query, {"new"}, kNow), LinkVerdict::Forged);
}

TEST(ParseSecrets, TakesOneALine) {
    EXPECT_EQ(parse_secrets("new\r\n\nold\n"), kSecrets);
    EXPECT_EQ(parse_secrets("one"), Secrets{"one"});
    EXPECT_EQ(parse_secrets("\n \n"), Secrets{});
}

}  // namespace
}  // namespace chatflow::chat
