#include "workloads/chat-server/domain/webhook.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr const char* kBody = R"({"id":"evt_1"})";
const Secrets kSecrets = {"new", "old"};

TEST(CheckWebhook, TakesWhatWasSignedAMomentAgo) {
    const std::string header = webhook_signature(kBody, "new", kNow);
    EXPECT_EQ(check_webhook(header, kBody, kSecrets, kNow), WebhookVerdict::Good);
    EXPECT_EQ(check_webhook(header, kBody, kSecrets, kNow + 300s), WebhookVerdict::Good);
    EXPECT_EQ(check_webhook(header, kBody, kSecrets, kNow - 300s), WebhookVerdict::Good);
    EXPECT_EQ(check_webhook(header, kBody, kSecrets, kNow + 301s), WebhookVerdict::Late);
    EXPECT_EQ(check_webhook(header, kBody, kSecrets, kNow - 301s), WebhookVerdict::Late);
}

TEST(CheckWebhook, TakesEachSecretWhileTheyAreChanged) {
    EXPECT_EQ(check_webhook(webhook_signature(kBody, "old", kNow), kBody, kSecrets, kNow),
              WebhookVerdict::Good);
    const std::string both = webhook_signature(kBody, "newest", kNow) + "," +
                             webhook_signature(kBody, "new", kNow).substr(13);
    EXPECT_EQ(check_webhook(both, kBody, kSecrets, kNow), WebhookVerdict::Good);
}

TEST(CheckWebhook, RefusesWhatWasNotSignedSo) {
    const std::string header = webhook_signature(kBody, "new", kNow);
    EXPECT_EQ(check_webhook(header, R"({"id":"evt_2"})", kSecrets, kNow), WebhookVerdict::Forged);
    EXPECT_EQ(check_webhook(header, kBody, {"other"}, kNow), WebhookVerdict::Forged);
    EXPECT_EQ(check_webhook(header, kBody, {}, kNow), WebhookVerdict::Forged);
    // The time is signed too: an old message does not become a new one.
    std::string fresh = webhook_signature(kBody, "new", kNow - 1h);
    fresh.replace(2, 10, "1800000000");
    EXPECT_EQ(check_webhook(fresh, kBody, kSecrets, kNow), WebhookVerdict::Forged);
}

TEST(CheckWebhook, RefusesWhatIsNoSignature) {
    for (const std::string& header :
         {std::string(), std::string("t=1"), std::string("v1=00"), std::string("t=,v1=00"),
          std::string("t=x,v1=00"), std::string("t=-1,v1=00"), std::string("t=1,t=1,v1=00"),
          std::string("t=99999999999999999999,v1=00"), std::string(2000, 'x'),
          std::string("t=1,v1=1,v1=2,v1=3,v1=4,v1=5,v1=6")}) {
        EXPECT_EQ(check_webhook(header, kBody, kSecrets, kNow), WebhookVerdict::Malformed)
            << header;
    }
}

}  // namespace
}  // namespace chatflow::chat
